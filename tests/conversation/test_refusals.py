"""Requests that the router answers itself, with an error."""

import pytest
from builders import body, chat, config, headers, tiers
from playbook import Playbook, go_on, refused

LIMIT = 2048
SMALL = config(server={"max_body_bytes": LIMIT})
TOO_LARGE = refused(413, "request_too_large", "The body is over the limit of 2048 bytes.")
NO_BODY = refused(400, "malformed_request", "The request has no body; a JSON object is needed.")


def padded(size: int) -> bytes:
    """A chat of exactly `size` bytes."""
    return chat("x" * (size - len(chat(""))))


def test_a_post_without_a_body_is_refused_at_its_headers() -> None:
    """There is nothing to wait for."""
    book = Playbook()

    assert [NO_BODY] == book.play(headers(end_of_stream=True))
    assert (["malformed_request"], True) == (book.reasons(), book.processor.done)


def test_an_empty_body_is_refused_too() -> None:
    """Envoy may tell of the end with an empty piece."""
    assert NO_BODY == Playbook().play(headers(), body(b""))[-1]


@pytest.mark.parametrize("path", ["/", "/metrics", "/v1/load_lora_adapter", "/v1/chat"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    """A tier's own pages are not reached through the gateway."""
    book = Playbook()

    assert [refused(404, "path_not_found", "Nothing is served under this path.")] == book.play(
        headers(path)
    )
    assert ["path_not_found"] == book.reasons()


@pytest.mark.parametrize(
    ("method", "path", "message", "allow"),
    [
        ("GET", "/v1/chat/completions", "/v1/chat/completions takes POST alone.", "POST"),
        ("POST", "/v1/models", "/v1/models takes GET alone.", "GET, HEAD"),
    ],
    ids=["api", "models"],
)
def test_a_wrong_method_is_told_the_right_one(
    method: str, path: str, message: str, allow: str
) -> None:
    """405, with the header that HTTP asks for."""
    play = Playbook().play(headers(path, method=method))

    assert [refused(405, "method_not_allowed", message, more=[("allow", allow)])] == play


def test_a_length_over_the_limit_is_refused_before_the_body() -> None:
    """The client learns it at once, and nothing is buffered."""
    book = Playbook(SMALL)

    assert [TOO_LARGE] == book.play(headers(more={"content-length": str(LIMIT + 1)}))
    assert (["request_too_large"], True) == (book.reasons(), book.processor.done)


@pytest.mark.parametrize(
    ("size", "is_refused"), [(LIMIT, False), (LIMIT + 1, True)], ids=["at", "over"]
)
def test_a_body_over_the_limit_is_refused(size: int, is_refused: bool) -> None:
    """The limit itself is allowed, whether or not the length was told before."""
    play = Playbook(SMALL).play(headers(), body(padded(size)))

    assert is_refused == (TOO_LARGE == play[-1])


def test_chunks_add_up_to_the_limit() -> None:
    """The first piece too many ends it, before the rest has come."""
    book = Playbook(SMALL)
    piece = body(b"x" * (LIMIT // 2 + 1), end_of_stream=False)

    assert [go_on("request_headers"), go_on("request_body"), TOO_LARGE] == book.play(
        headers(), piece, piece
    )
    assert [] == book.processor._chunks


def test_a_body_that_its_tier_makes_too_large_is_refused() -> None:
    """What Envoy could not take back is not sent to it."""
    grown = config(
        server={"max_body_bytes": LIMIT}, tiers=tiers(chat_template_kwargs={"a": "x" * 50})
    )

    assert TOO_LARGE == Playbook(grown).play(headers(), body(padded(LIMIT)))[-1]


@pytest.mark.parametrize(
    ("content", "message", "param"),
    [
        (b"{", "The body is not valid JSON: Input data was truncated.", None),
        (chat(messages=7), "The body is invalid: Expected `array`, got `int`.", "messages"),
    ],
    ids=["broken", "wrong-type"],
)
def test_a_malformed_body_is_refused(content: bytes, message: str, param: str | None) -> None:
    """400, with the field at fault where there is one."""
    play = Playbook().play(headers(), body(content))

    assert refused(400, "malformed_request", message, param=param) == play[-1]


def test_an_unknown_model_is_not_found() -> None:
    """404 as OpenAI has it, with the name that the client sent."""
    play = Playbook().play(headers(), body(chat(model='no"such')))

    assert (
        refused(404, "model_not_found", 'The model `no"such` does not exist.', param="model")
        == play[-1]
    )


def test_an_unknown_wish_is_refused() -> None:
    """The header at fault is named like a field."""
    wish = headers(more={"x-tiergate-prefer": "best"})

    assert (
        refused(
            400,
            "malformed_request",
            "No such tier; there are: fast, reasoning.",
            param="x-tiergate-prefer",
        )
        == Playbook().play(wish, body(chat()))[-1]
    )


def test_two_wishes_are_none() -> None:
    """A header that comes twice is one list, of which nothing is chosen."""
    wishes = headers(more={"x-tiergate-prefer": "fast"})
    wishes.request_headers.headers.headers.add(key="x-tiergate-prefer", raw_value=b"reasoning")

    said = Playbook().play(wishes, body(chat()))[-1]
    assert 400 == said.immediate_response.status.code
