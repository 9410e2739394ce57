"""Learning the id of a response."""

import pytest

from extproc.affinity.following import Following

ID = b'{"id": "resp_1-a_b", "output": '
EVENT = b'event: response.created\ndata: {"response":{"id":"resp_1-a_b","status":"queued"}}\n\n'
HEADERS = {"x-tiergate-served-by": "fast"}
FOUND = [("resp_1-a_b", "fast")]


class Learnt(list[tuple[str, str]]):
    """What a watcher has learnt of a response."""

    def __init__(self, *pieces: bytes) -> None:
        watcher = Following(lambda response, tier: self.append((response, tier)))
        assert watcher.began(200, HEADERS)
        for piece in pieces:
            assert {} == watcher.came(piece, last=False)
        watcher.ended()


@pytest.mark.parametrize("body", [ID, EVENT], ids=["json", "events"])
def test_it_is_found_once(body: bytes) -> None:
    """Whole, in pieces, and whatever comes after it."""
    pieces = [body[at : at + 5] for at in range(0, len(body), 5)]

    assert FOUND == Learnt(body, b'"id": "resp_2"') == Learnt(*pieces)


@pytest.mark.parametrize(
    "pieces",
    [(b"{}",), (b'{"id": "chatcmpl-1"}',), (b" " * 4096, ID), (b" " * 4090 + ID,)],
    ids=["none", "another", "too late", "cut"],
)
def test_where_there_is_none_nothing_is_learnt(pieces: tuple[bytes, ...]) -> None:
    """It stands at the beginning or nowhere."""
    assert [] == Learnt(*pieces)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(400, HEADERS), (200, {}), (200, {**HEADERS, "content-encoding": "gzip"})],
    ids=["error", "of no tier", "compressed"],
)
def test_what_cannot_be_read_is_not_shown(status: int, headers: dict[str, str]) -> None:
    """And what another watcher is shown tells this one nothing."""
    learnt: list[str] = []
    watcher = Following(lambda response, _: learnt.append(response))

    assert watcher.began(status, headers) is False
    watcher.came(ID, last=True)
    assert [] == learnt
