"""Stand-ins for vLLM's environment: real programs that take no minutes."""

from pathlib import Path
from typing import Final

_SERVER: Final = """\
#!{python}
import http.server, sys

port = int(sys.argv[sys.argv.index("--port") + 1])


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


print("loading weights", flush=True)
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def environment(folder: Path, script: str) -> Path:
    """An environment that looks as if vLLM were in it; its Python is `script`."""
    package = folder / "lib" / "python3.11" / "site-packages" / "vllm"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    program(folder / "bin" / "python", script)
    return folder


def program(path: Path, script: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


def shell(script: str) -> str:
    """A shell script."""
    return f"#!/bin/sh\n{script}\n"


def server(python: str) -> str:
    """A program that answers /health on its `--port`, and says something before."""
    return _SERVER.format(python=python)


def weights(folder: Path) -> Path:
    """A folder that looks like a model's."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder
