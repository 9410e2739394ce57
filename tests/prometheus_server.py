"""A real Prometheus for tests: what it scrapes and which rules it evaluates, every second."""

import contextlib
import json
import shutil
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from gateway import get
from processes import Running, free_port, until

PROGRAM = shutil.which("prometheus")
needs_prometheus = pytest.mark.skipif(
    PROGRAM is None, reason="prometheus is not on PATH: not checked"
)


class Prometheus:
    """One that runs at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The samples of an expression, now; AssertionError where Prometheus refuses it."""
        asked = urllib.parse.urlencode({"query": expr})
        said = json.loads(get(f"{self.url}/api/v1/query?{asked}"))
        assert "success" == said["status"], (expr, said)
        result = said["data"]["result"]
        return list(result) if said["data"]["resultType"] == "vector" else [{"value": result}]

    def names(self) -> set[str]:
        """Every metric that it has a series of."""
        return set(json.loads(get(f"{self.url}/api/v1/label/__name__/values"))["data"])


@contextlib.contextmanager
def scraping(
    folder: Path, targets: Mapping[str, str], rules: Mapping[str, Any]
) -> Iterator[Prometheus]:
    """`targets` are URLs by job; `rules` are documents by the name of a file. Both are looked at
    every second, whatever the documents say.
    """
    assert PROGRAM is not None
    for name, document in rules.items():
        for group in document["groups"]:
            group.pop("interval", None)
        (folder / name).write_text(yaml.safe_dump(document))
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": list(rules),
        "scrape_configs": [_job(name, url) for name, url in targets.items()],
    }
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    flags = (
        f"--config.file={file}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    )
    with Running((PROGRAM, *flags), folder / "prometheus.log"):
        until(lambda: _is_ready(f"http://{address}"), what="Prometheus")
        yield Prometheus(f"http://{address}")


def _job(name: str, url: str) -> dict[str, Any]:
    parts = urllib.parse.urlsplit(url)
    labels = {"namespace": "test"}
    return {
        "job_name": name,
        "metrics_path": parts.path,
        "static_configs": [{"targets": [parts.netloc], "labels": labels}],
    }


def _is_ready(url: str) -> bool:
    try:
        return bool(get(f"{url}/-/ready"))
    except OSError:
        return False
