"""Write what follows from elsewhere: the chart's README, its copy of what the renderer says of
optional sections, the config document's part of its schema, and the mesh's plain manifests in
`istio/`.

    .venv/bin/python helm/generate.py

A test holds the files against what this would write. Needs helm on PATH, or `.tools/helm`.
"""
# ruff: noqa: INP001

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from extproc.config import Cache, Config, Jwt, default_path, load
from extproc.config.affinity import Affinity
from extproc.config.forwarding import CREDENTIALS, read_headers
from extproc.dataplane.closing import close
from extproc.dataplane.pattern import connection_manager, named, shipped
from extproc.dataplane.ratelimits import show
from extproc.dataplane.tokens import verify
from extproc.dataplane.usage import leave_to_router
from extproc.dataplane.watching import SHOWN, watch
from extproc.headers import EXT_PROC_FILTER

ROOT: Final = Path(__file__).resolve().parents[1]
CHART: Final = ROOT / "helm/tiergate"
APIS: Final = {"classic": "classic", "gateway": "gateway-api"}
_MADE: Final = "# Made by helm/generate.py; never edited.\n"
DERIVED: Final = {
    "Config": ("tiers",),
    "Tier": ("name", "model", "endpoints"),
    "RedisServer": ("url",),
    "Kubernetes": ("services",),
}
"""What the chart writes itself, by the document's structs."""
_GROUPS: Final = ("istio.io", "gateway.networking.k8s.io")


def generated(helm: Path) -> Mapping[Path, str]:
    """Every file with what should be in it."""
    mesh = {
        ROOT / "istio" / folder / "tiergate.yaml": _manifests(helm, api)
        for api, folder in APIS.items()
    }
    return {
        CHART / "README.md": _readme(),
        CHART / "values.schema.json": _schema(),
        CHART / "files/optional.yaml": _MADE + yaml.safe_dump(_optional(), sort_keys=False),
        **mesh,
    }


def _optional() -> Mapping[str, Any]:
    """What `extproc.dataplane` adds to the bootstrap for sections that a document may leave out."""
    bootstrap = shipped()
    manager = connection_manager(bootstrap)
    routes = manager["route_config"]
    removed, added = (len(routes[f"response_headers_to_{what}"]) for what in ("remove", "add"))
    show(routes)
    ext_proc = named(manager["http_filters"], EXT_PROC_FILTER)["typed_config"]
    close(manager)
    readers = {one["name"] for one in manager["http_filters"]}
    leave_to_router(manager)
    readers -= {one["name"] for one in manager["http_filters"]}
    jwt = Jwt(issuer="issuer", audiences=("audience",), jwks_url="https://host/keys")
    verify(bootstrap, jwt)
    cache = msgspec.structs.replace(load(default_path()), cache=Cache())
    processor: dict[str, Any] = {"forward_rules": {"allowed_headers": {"patterns": []}}}
    watch(processor, cache)
    return {
        "tenants": {
            "credentials": list(CREDENTIALS),
            "writes": ext_proc["mutation_rules"]["allow_expression"]["regex"],
            "unchecked": manager["local_reply_config"]["mappers"][1],
            "remove": routes["response_headers_to_remove"][removed:],
            "add": routes["response_headers_to_add"][added:],
            "tokens": manager["http_filters"][0],
            "keys": bootstrap["static_resources"]["clusters"][-1],
        },
        "usage": {
            "readers": sorted(readers),
            "namespaces": ext_proc["metadata_options"]["receiving_namespaces"]["untyped"],
        },
        "traced": [EXT_PROC_FILTER],
        "cache": {"headers": list(read_headers(cache))},
        "watching": {
            "headers": list(SHOWN),
            "responses": Affinity().responses,
            "wait_seconds": Cache().wait_seconds,
            "grace_seconds": float(processor["max_message_timeout"][:-1]) - Cache().wait_seconds,
        },
    }


def _schema() -> str:
    """The schema of the values, with the document's definitions as `config.…`.

    What the chart derives may be left out, and is refused by the chart with a sentence.
    """
    schema: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    _, found = msgspec.json.schema_components((Config,), ref_template="#/$defs/config.{name}")
    made = _plain(found)
    for name, derived in DERIVED.items():
        del made[name]["required"]
        made[name]["properties"] |= {key: {} for key in derived}
    made["Config"]["properties"]["policy"] |= {"minProperties": 1, "maxProperties": 1}
    kept = {key: one for key, one in schema["$defs"].items() if not key.startswith("config.")}
    schema["$defs"] = {**kept, **{f"config.{name}": one for name, one in made.items()}}
    return json.dumps(schema, indent=2) + "\n"


def _plain(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Without words and defaults; and a section that is not wanted is left out, not null."""
    if isinstance(node, list):
        return [_plain(one) for one in node if one != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    words = {"title", "description", "default"}
    return {key: _plain(one) for key, one in node.items() if key not in words}


def _readme() -> str:
    """The keys of `values.yaml`: those with a comment that begins with `--`, and all leaves."""
    values = yaml.safe_load((CHART / "values.yaml").read_bytes())
    said = dict(_comments((CHART / "values.yaml").read_text().splitlines()))
    rows = [
        f"| `{key}` | {_shown(value)} | {said.get(key, '')} |"
        for key, value in _leaves(values, said)
    ]
    return "\n".join(
        (
            "# The chart",
            "",
            "Made from `values.yaml` by `helm/generate.py`.",
            "How to install, upgrade and run it: [docs/kubernetes.md](../../docs/kubernetes.md).",
            "",
            "| key | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        )
    )


def _comments(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each key's path with the comment above it."""
    path: list[tuple[int, str]] = []
    comment = ""
    for line in lines:
        if found := re.match(r"\s*# -- (.*)", line):
            comment = found[1]
        elif found := re.match(r"(\s*)([A-Za-z]+):", line):
            depth = len(found[1])
            path = [(at, key) for at, key in path if at < depth] + [(depth, found[2])]
            if comment:
                yield ".".join(key for _, key in path), comment
            comment = ""


def _leaves(
    node: Mapping[str, Any], said: Mapping[str, str], above: str = ""
) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        path = f"{above}{key}"
        if isinstance(value, dict) and value and (path not in said or _has_comments(path, said)):
            if path in said:
                yield path, None
            yield from _leaves(value, said, f"{path}.")
        else:
            yield path, value


def _has_comments(path: str, said: Mapping[str, str]) -> bool:
    return any(key.startswith(f"{path}.") for key in said)


def _shown(value: object) -> str:
    return "" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _manifests(helm: Path, api: str) -> str:
    """The mesh's objects for the chart's own values, in the namespace `tiergate`."""
    said = subprocess.run(
        [
            *(helm, "template", "tiergate", CHART, "--namespace", "tiergate"),
            *("--set", f"istio.api={api}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    objects = [one for one in yaml.load_all(said, Loader=yaml.CSafeLoader) if one]
    mesh = [one for one in objects if one["apiVersion"].partition("/")[0].endswith(_GROUPS)]
    return _MADE + yaml.safe_dump_all(mesh, sort_keys=False, width=1000, allow_unicode=True)


def main() -> int:
    """Write what has changed; 1 where there is no helm."""
    found = shutil.which("helm") or shutil.which(ROOT / ".tools/helm")
    if found is None:
        print("there is no helm", file=sys.stderr)  # noqa: T201
        return 1
    for path, text in generated(Path(found)).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
