"""Spans of a body's top-level fields, and edits in place."""

import json
import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from extproc.errors import MalformedRequest
from extproc.request import Edit, Span, splice
from extproc.request.fields import MAX_FIELDS, spans, values

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=6)
LAYOUTS = st.sampled_from([None, 0, 2])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")])
NO_OBJECTS = [b"", b"[]", b"1", b'{"a":1} x', b'{"a":}', b"{", b"\xef\xbb\xbf{}"]


@settings(deadline=None, max_examples=150)
@given(OBJECTS, LAYOUTS, st.booleans())
def test_spans_agree_with_the_parser(value: object, indent: int | None, ascii_only: bool) -> None:
    """Each field's span holds the very bytes of its value, whatever the layout and the escapes."""
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()

    found = spans(body)

    assert value == {name: json.loads(body[slice(*span)]) for name, span in found.items()}


@settings(deadline=None, max_examples=300)
@given(OBJECTS, LAYOUTS, SEPARATORS, st.booleans())
def test_values_agree_with_the_parser(
    value: object, indent: int | None, separators: tuple[str, str], ascii_only: bool
) -> None:
    """Whether the layout is one of those that are told at a glance or any other."""
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=ascii_only)

    found = values(text.encode())

    assert value == {name: json.loads(bytes(raw)) for name, raw in found.items()}


@pytest.mark.parametrize("read", [spans, values])
@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.tuples(st.text(max_size=3), JSON), min_size=1, max_size=5), SEPARATORS, st.data()
)
def test_a_key_that_stands_twice_is_always_refused(
    read: Callable[[bytes], object],
    pairs: list[tuple[str, object]],
    separators: tuple[str, str],
    data: st.DataObject,
) -> None:
    """Parsers differ in which of two they keep, so neither is taken; escapes hide none."""
    again = data.draw(st.sampled_from(pairs))[0]
    escaped = "".join(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char for char in again)
    again_as = data.draw(st.sampled_from([json.dumps(again), f'"{escaped}"']))
    comma, colon = separators
    members = [f"{json.dumps(key)}{colon}{json.dumps(value)}" for key, value in pairs]
    members.append(f"{again_as}{colon}{json.dumps(data.draw(JSON))}")
    body = "{" + comma.join(data.draw(st.permutations(members))) + "}"

    with pytest.raises(MalformedRequest, match="stands twice"):
        read(body.encode())


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"a":1,"a":1}', "a"),
        (b'{"a":1,"a":22}', "a"),
        (b'{"a":22,"a":2}', None),
        (b'{"a":12,"b":3,"a":1}', None),
        (b'{"a":1,"\\u0061":1}', "a"),
        (b'{"a":1,"a":1,"b":2}', "a"),
    ],
    ids=["same", "longer", "prefix", "prefix-then-more", "escaped", "then-another"],
)
def test_a_duplicate_is_named_where_it_can_be(body: bytes, key: str | None) -> None:
    """The complaint's `param` is the field, or nothing where the bytes do not say which."""
    with pytest.raises(MalformedRequest) as caught:
        values(body)

    assert key == caught.value.param


@pytest.mark.parametrize("body", [b"{}", b" { } ", b"\n{\t}\r\n"])
def test_an_empty_object_has_no_fields(body: bytes) -> None:
    """Nothing stands in it, so nothing is found."""
    assert {} == spans(body)


@pytest.mark.parametrize("body", NO_OBJECTS)
def test_what_is_no_json_object_is_the_decoders_error(body: bytes) -> None:
    """The caller turns msgspec's complaint into the client's."""
    with pytest.raises(msgspec.DecodeError):
        spans(body)


def test_a_key_of_megabytes_costs_little() -> None:
    """One body must not hold up the other streams, whatever is in it."""
    body = b'{"' + b"a\\n" * (1 << 20) + b'":1}'

    started = time.process_time()
    found = spans(body)

    assert 1 == len(found)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("count", [MAX_FIELDS, MAX_FIELDS + 1], ids=["limit", "beyond"])
def test_the_number_of_fields_has_a_limit(count: int) -> None:
    """Each costs time on the event loop, and no API has nearly as many."""
    body = json.dumps({f"f{number}": 0 for number in range(count)}).encode()

    if count > MAX_FIELDS:
        with pytest.raises(MalformedRequest, match=f"over {MAX_FIELDS} fields"):
            spans(body)
    else:
        assert count == len(spans(body))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=40), st.data())
def test_untouched_bytes_stay(body: bytes, data: st.DataObject) -> None:
    """Between the edits the bytes are the client's, in order; at the edits they are ours."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    edits = [Edit(span=Span(*pair), value=b"<new>") for pair in pairs]
    expected, position = b"", 0
    for start, end in pairs:
        expected, position = expected + body[position:start] + b"<new>", end

    assert expected + body[position:] == splice(body, data.draw(st.permutations(edits)))


@settings(deadline=None, max_examples=100)
@given(OBJECTS.filter(bool), JSON, st.data())
def test_a_replaced_field_parses_to_the_expected_object(
    value: dict[str, object], new: object, data: st.DataObject
) -> None:
    """Replacing a field's span gives the same object with that one field changed."""
    body = json.dumps(value).encode()
    name = data.draw(st.sampled_from(sorted(value)))

    spliced = splice(body, [Edit(span=spans(body)[name], value=json.dumps(new).encode())])

    assert {**value, name: new} == json.loads(spliced)
