"""Unit tests of JSON bodies and server-sent events."""

from extproc.engines.sim import sse


def test_json_is_compact_and_keeps_text() -> None:
    """No spaces, the keys in their order, text beyond ASCII as it is."""
    assert '{"b":1,"a":"é"}'.encode() == sse.encode({"b": 1, "a": "é"})


def test_data_is_one_line_and_a_blank() -> None:
    """An event without a name is a data line and an empty line."""
    assert b'data: {"a":1}\n\n' == sse.data({"a": 1})


def test_event_has_its_name_first() -> None:
    """A named event has its name on the line before the data."""
    assert b'event: ping\ndata: {"a":1}\n\n' == sse.event("ping", {"a": 1})
