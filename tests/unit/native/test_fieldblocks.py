"""Tests of extproc.native.fieldblocks: RFC 9113, sections 4.3, 8.2 and 8.3."""

import hpack
import pytest
import wire
from hypothesis import given, strategies as st

from extproc.native.errors import ConnectionFault, ErrorCode, StreamFault
from extproc.native.fieldblocks import BlockReader, Opening


def reader(limit: int = 16384) -> BlockReader:
    """One whose client has agreed to a table of no bytes."""
    made = BlockReader(limit)
    made.agreed()
    return made


def with_field(name: str | bytes, value: str | bytes = "x") -> bytes:
    """The block of a call with one more header."""
    return wire.block((*wire.REQUEST, (name, value)))


def test_a_call_is_served() -> None:
    """Headers that we do not know of say nothing."""
    assert Opening() == reader().opening(1, with_field("x-envoy-internal", "true"))


def test_its_length_is_read() -> None:
    """8.1.1 has it checked."""
    assert Opening(length=12) == reader().opening(1, with_field("content-length", "12"))


@pytest.mark.parametrize("huffman", [False, True])
def test_a_client_may_use_a_table_until_it_has_agreed(huffman: bool) -> None:
    """4.3.1: our setting holds from its acknowledgement; then the table is emptied."""
    encoder, made = hpack.Encoder(), BlockReader(16384)
    encoded = [encoder.encode(wire.REQUEST, huffman=huffman) for _ in range(2)]
    assert [Opening()] * 2 == [made.opening(number, block) for number, block in enumerate(encoded)]
    encoder.header_table_size = 0
    made.agreed()

    assert Opening() == made.opening(5, encoder.encode(wire.REQUEST, huffman=huffman))


def test_a_client_that_keeps_its_table_breaks_the_agreement() -> None:
    """RFC 7541, 4.2: the change of size must come first."""
    with pytest.raises(ConnectionFault) as caught:
        reader().opening(1, wire.CALL[1:])

    assert ErrorCode.COMPRESSION_ERROR is caught.value.code


def test_a_block_that_is_known_is_not_decoded_again() -> None:
    """The same value comes back, not an equal one."""
    made = reader()

    assert made.opening(1, wire.CALL) is made.opening(3, wire.CALL)


def test_no_block_is_known_before_the_agreement() -> None:
    """The same bytes may still mean something else."""
    made = BlockReader(16384)

    assert made.opening(1, wire.CALL) is not made.opening(3, wire.CALL)


def test_few_and_short_blocks_are_known() -> None:
    """A client with a new header for each call costs no memory."""
    made = reader()
    first = made.opening(1, wire.CALL)
    for number in range(64):
        made.opening(1, with_field("traceparent", str(number)))
    long = with_field("x", "y" * 2000)

    assert first is not made.opening(1, wire.CALL)
    assert made.opening(1, long) is not made.opening(1, long)


@pytest.mark.parametrize(
    ("block", "status"),
    [
        (wire.request(path="/x/Y"), "200"),
        (wire.request(method="GET"), "405"),
        (wire.block((*wire.REQUEST[:5], ("content-type", "application/json"))), "415"),
        (wire.block((*wire.REQUEST[:5], ("content-type", "application/grpc+json"))), "415"),
        (wire.block((*wire.REQUEST[:5], ("content-type", "application/grpcx"))), "415"),
        (wire.block(wire.REQUEST[:5]), "415"),
    ],
    ids=["path", "method", "json", "other codec", "prefix", "no content-type"],
)
def test_what_is_not_our_method_is_refused(block: bytes, status: str) -> None:
    """With what gRPC has for it."""
    refusal = reader().opening(1, block).refusal

    assert refusal is not None
    assert status == wire.fields(refusal)[":status"]


@pytest.mark.parametrize(
    "kind", ["application/grpc", "application/grpc+proto", "Application/GRPC; x=y"]
)
def test_content_types_of_grpc_are_served(kind: str) -> None:
    """Types of media are no matter of case."""
    assert Opening() == reader().opening(1, wire.block((*wire.REQUEST[:5], ("content-type", kind))))


@pytest.mark.parametrize(
    "block",
    [
        wire.request(without=":method"),
        wire.request(without=":scheme"),
        wire.request(without=":path"),
        with_field(":path", "/"),
        with_field(":status", "200"),
        with_field(":unknown"),
        wire.block((("te", "trailers"), *wire.REQUEST)),
        with_field("X-Upper"),
        with_field("with space"),
        with_field("a:b"),
        with_field(b"tr\xe8s"),
        with_field(""),
        with_field("x", "a\nb"),
        with_field("x", "a\rb"),
        with_field("x", b"a\0b"),
        with_field("x", " a"),
        with_field("x", "a\t"),
        with_field("connection", "close"),
        with_field("proxy-connection"),
        with_field("keep-alive"),
        with_field("upgrade"),
        with_field("transfer-encoding", "chunked"),
        with_field("te", "gzip"),
        with_field("content-length", "x"),
        with_field("content-length", "-1"),
    ],
)
def test_a_malformed_request_ends_its_stream(block: bytes) -> None:
    """8.1.1: a stream error of type PROTOCOL_ERROR."""
    with pytest.raises(StreamFault) as caught:
        reader().opening(7, block)

    assert (7, ErrorCode.PROTOCOL_ERROR) == (caught.value.stream, caught.value.code)


@pytest.mark.parametrize(
    "block",
    [
        b"\x20\x80",
        b"\x20\xbe",
        b"\x20\x40\x01",
        b"\x20\x00\x83\xff\xff\xff\x00",
        b"\x3f\xff\xff\x03",
    ],
    ids=["index 0", "index of nothing", "cut", "bad Huffman", "table too large"],
)
def test_a_block_that_cannot_be_decoded_ends_the_connection(block: bytes) -> None:
    """4.3: the table is lost, so nothing that follows could be read."""
    with pytest.raises(ConnectionFault) as caught:
        reader().opening(1, block)

    assert ErrorCode.COMPRESSION_ERROR is caught.value.code


def test_a_list_over_the_bound_ends_the_connection() -> None:
    """10.5.1: a block of few bytes can unfold to many."""
    made = BlockReader(1000)
    bomb = b"\x40\x01x\x7f\x00" + b"y" * 127 + b"\xbe" * 20
    with pytest.raises(ConnectionFault) as caught:
        made.skip(bomb)

    assert ErrorCode.ENHANCE_YOUR_CALM is caught.value.code


def test_trailers_say_nothing() -> None:
    """Well-formed ones, that is: the next call is read as ever."""
    made = reader()

    made.trailers(1, wire.block([("x", "y")]))

    assert Opening() == made.opening(3, wire.CALL)


@pytest.mark.parametrize("field", [(":path", "/"), ("X", "y")])
def test_malformed_trailers_end_their_stream(field: tuple[str, str]) -> None:
    """8.1: trailers have no pseudo-headers."""
    with pytest.raises(StreamFault) as caught:
        reader().trailers(3, wire.block([field]))

    assert ErrorCode.PROTOCOL_ERROR is caught.value.code


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_fault(block: bytes) -> None:
    """Whatever they are, before the agreement and after it."""
    made = BlockReader(4096)
    for _ in range(2):
        try:
            read = made.opening(1, block)
        except (ConnectionFault, StreamFault):
            made.agreed()
        else:
            assert isinstance(read, Opening)
