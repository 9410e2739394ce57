"""Asks the gateway as a client would: is it there, does it decide, and does somebody answer?

Standard library alone: it runs in a pod of `helm test`.
"""
# ruff: noqa: INP001, T201

import json
import os
import sys
import urllib.request
from typing import Any

HEADERS = {"content-type": "application/json"}


def ask(path: str, body: object = None) -> tuple[Any, Any]:
    """What the gateway says, and the headers it says it with."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(os.environ["GATEWAY"] + path, data, HEADERS)  # noqa: S310
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
        return json.load(response), response.headers


def main() -> int:
    """1 where nobody decided; any other trouble ends with what it is."""
    if os.environ.get("TOKEN"):
        HEADERS["authorization"] = "Bearer " + os.environ["TOKEN"]
    if os.environ.get("HOST"):
        HEADERS["host"] = os.environ["HOST"]
    models, _ = ask("/v1/models")
    message = {"role": "user", "content": "Hello"}
    asked = {"model": os.environ["MODEL"], "messages": [message], "max_tokens": 1}
    answer, said = ask("/v1/chat/completions", asked)
    print("models:", ", ".join(model["id"] for model in models["data"]))
    print("tier:", said["x-tiergate-tier"], "reason:", said["x-tiergate-reason"])
    print("answered by:", answer["model"])
    return int(said["x-tiergate-reason"] == "router_unavailable")


if __name__ == "__main__":
    sys.exit(main())
