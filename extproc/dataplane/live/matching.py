"""Where a proxy's routes lead a request: the part of Envoy's matching that routes here use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from extproc.dataplane.pattern import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What routes look at; `headers` are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @override
    def __str__(self) -> str:
        named = " ".join(f"{name}={value}" for name, value in self.headers.items())
        return f"{self.method} {self.path} {named}".rstrip()


def destination(routes: Sequence[Tree], request: Request) -> str:
    """The cluster of the first route that matches, the status that it answers itself, or what
    else becomes of the request.
    """
    for route in routes:
        if _matches(route["match"], request):
            if "direct_response" in route:
                return str(route["direct_response"]["status"])
            return str(route.get("route", {}).get("cluster", "elsewhere"))
    return "404"


def _matches(match: Tree, request: Request) -> bool:
    return all(_path_matches(match, request.path)) and all(
        _header_matches(one, request) for one in match.get("headers", ())
    )


def _path_matches(match: Tree, path: str) -> Iterator[bool]:
    yield path.startswith(match.get("prefix", ""))
    yield path == match.get("path", path)
    if "safe_regex" in match:
        yield re.fullmatch(match["safe_regex"]["regex"], path) is not None


def _header_matches(match: Tree, request: Request) -> bool:
    """One that is neither `exact` nor `present` is none of ours, and does not match."""
    known = {":method": request.method, ":path": request.path, **request.headers}
    value = known.get(match["name"])
    if "string_match" in match:
        found = value is not None and value == match["string_match"].get("exact")
    else:
        found = value is not None and bool(match.get("present_match"))
    return found is not bool(match.get("invert_match"))
