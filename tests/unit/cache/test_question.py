"""Which requests are the same question, and which are none."""

import json
from typing import Any

import pytest
from builders import REASONING_MODEL, chat, config, tiers
from cache_builders import asked, question

from extproc.cache.question import revision, space
from extproc.context import Context
from extproc.request import Api

TOOL = {"type": "function", "function": {"name": "pay"}}


def body(**fields: Any) -> bytes:  # noqa: ANN401 - any field's
    """A deterministic chat with these fields."""
    return chat("hello", temperature=0, **fields)


def test_spelling_does_not_count() -> None:
    """Neither white space nor the order of fields."""
    spaced = json.dumps(dict(reversed(json.loads(body()).items())), indent=2).encode()

    assert asked(body()) == asked(spaced)


@pytest.mark.parametrize(
    "fields",
    [
        {"user": "alice"},
        {"metadata": {"a": "b"}},
        {"prompt_cache_key": "k"},
        {"service_tier": "flex"},
        {"store": True},
    ],
    ids=str,
)
def test_what_no_model_hears_does_not_count(fields: dict[str, Any]) -> None:
    """Whoever asks, under whatever name."""
    assert asked(body()).key == asked(body(**fields)).key


@pytest.mark.parametrize(
    "fields",
    [
        {"seed": 1},
        {"max_tokens": 5},
        {"stream": True},
        {"stop": ["."]},
        {"response_format": {"type": "json_object"}},
        {"chat_template_kwargs": {"enable_thinking": False}},
        {"model": REASONING_MODEL},
        {"an_unknown_field": 1},
    ],
    ids=str,
)
def test_whatever_may_change_the_answer_counts(fields: dict[str, Any]) -> None:
    """What is not known to be harmless included."""
    assert asked(body()).key != asked(body(**fields)).key


@pytest.mark.parametrize(
    "context",
    [
        Context(tenant="a"),
        Context(prefer="fast"),
        Context(policy="careful"),
        Context(tiers=frozenset({"fast"})),
    ],
    ids=str,
)
def test_so_does_all_else_that_an_answer_depends_on(context: Context) -> None:
    """The tenant, the client's wish, and what the tenant may use; and the config."""
    assert asked().key != asked(context=context).key
    assert asked().key != asked(revision="2").key


def test_tenants_have_spaces_of_their_own() -> None:
    """One's place is never another's, and an order of words makes no other's key."""
    one, other = (asked(context=Context(tenant=name)) for name in ("a", "b"))

    assert one.place != other.place
    assert [space("a"), space("b")] == [one.space, other.space]
    assert "a" not in {one.space, one.place}


@pytest.mark.parametrize(
    ("fields", "settings", "control", "may"),
    [
        ({"temperature": 0}, {}, "", True),
        ({"temperature": 0.0}, {}, "", True),
        ({"seed": 7}, {}, "", True),
        ({"temperature": 0.7}, {}, "", False),
        ({}, {}, "", False),
        ({}, {}, "max-age=60", True),
        ({}, {"when": "always"}, "", True),
        ({"temperature": 0}, {"when": "asked"}, "", False),
        ({"temperature": 0}, {"when": "asked"}, "max-age=60", True),
        ({"temperature": 0}, {"when": "never"}, "max-age=60", False),
        ({"temperature": 0}, {}, "no-store", False),
        ({"temperature": 0}, {}, "no-cache", True),
        ({"temperature": 0, "tools": [TOOL]}, {"when": "always"}, "", False),
        ({"temperature": 0, "tools": [TOOL]}, {"tools": True}, "", True),
        ({"temperature": 0, "tools": []}, {}, "", True),
        ({"temperature": 0}, {"scope": "user"}, "", False),
        ({"temperature": 0, "user": "a"}, {"scope": "user"}, "", True),
        ({"temperature": 0}, {"max_request_bytes": 1024}, "", True),
        ({"temperature": 0, "stop": "x" * 1024}, {"max_request_bytes": 1024}, "", False),
    ],
    ids=str,
)
def test_what_may_be_given_again(
    fields: dict[str, Any], settings: dict[str, Any], control: str, *, may: bool
) -> None:
    """By the request itself, by the operator's terms, and by the client's word."""
    assert may == (question(chat("hello", **fields), control=control, **settings) is not None)


def test_within_a_user_the_name_counts() -> None:
    """No other user of the tenant gets that answer."""
    keys = {asked(body(user=name), scope="user").key for name in ("a", "b")}

    assert 2 == len(keys)


def test_embeddings_are_always_deterministic() -> None:
    """Without saying so."""
    content = b'{"model": "auto", "input": "hello"}'

    assert asked(content, api=Api.EMBEDDINGS).key != asked().key


def test_tokens_are_not_worth_keeping() -> None:
    """Counting them costs the tier nothing."""
    content = b'{"model": "auto", "prompt": "hello"}'

    assert question(content, api=Api.TOKENIZE, when="always") is None


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"store": False}, True),
        ({"store": True}, False),
        ({}, False),
        ({"store": False, "previous_response_id": "r-1"}, False),
        ({"store": False, "conversation": {"id": "c"}}, False),
        ({"store": False, "background": True}, False),
    ],
    ids=str,
)
def test_responses_with_a_past_or_a_future_are_none(fields: dict[str, Any], *, may: bool) -> None:
    """The tier keeps them under ids that must stay the only ones."""
    said = {"model": "auto", "input": "hello", "temperature": 0, **fields}
    content = json.dumps(said).encode()

    assert may == (question(content, api=Api.RESPONSES) is not None)


def test_responses_repeat_what_they_were_asked_with() -> None:
    """So the same words for another user are another question."""
    said = {"model": "auto", "input": "hello", "temperature": 0, "store": False}
    both = [json.dumps({**said, "user": name}).encode() for name in ("a", "b")]

    assert 2 == len({asked(one, api=Api.RESPONSES).key for one in both})


def test_a_number_that_no_float_holds_is_none() -> None:
    """Routing does not read that part of it."""
    assert question(body()[:-1] + b', "x": 1e999}') is None


def similar(*messages: object, **settings: Any) -> tuple[str, str]:  # noqa: ANN401
    """The text and the surroundings of a chat's question."""
    said = {"model": "auto", "messages": messages, "temperature": 0}
    found = asked(json.dumps(said).encode(), **{"similar": True, **settings})
    return found.text, found.around


def test_the_last_message_may_be_said_otherwise() -> None:
    """All before it must be the same."""
    first = {"role": "user", "content": "hello"}
    said = {"role": "assistant", "content": "hi"}
    one, two = ({"role": "user", "content": text} for text in ("how?", "how so?"))

    assert ("how?", similar(first, said, two)[1]) == similar(first, said, one)
    assert similar(said, one)[1] != similar(first, said, one)[1]


@pytest.mark.parametrize(
    "last",
    [
        {"role": "assistant", "content": "hi"},
        {"role": "user", "content": [{"type": "text", "text": "hello"}]},
        {"role": "user", "content": ""},
    ],
    ids=str,
)
def test_where_it_is_not_a_users_text_nothing_is_similar(last: object) -> None:
    """Only the same is then the same."""
    assert ("", "") == similar({"role": "user", "content": "hello"}, last)


def test_nothing_is_similar_unless_it_is_wanted() -> None:
    """By the terms; and a prompt is no message."""
    content = b'{"model": "auto", "prompt": "hello", "temperature": 0}'

    assert ("", "") == similar({"role": "user", "content": "hello"}, similar=False)
    made = asked(content, api=Api.COMPLETIONS, similar=True)
    assert "" == made.text


def test_the_revision_names_all_that_answers_depend_on() -> None:
    """Models and who chooses between them, and the operator's own word; not addresses of others."""
    made = [
        config(),
        config(cache={"revision": "2"}),
        config(policy={"fixed": "fast"}),
        config(tiers=tiers(chat_template_kwargs={"enable_thinking": True})),
        config(default_tier="reasoning"),
    ]

    assert 5 == len(set(map(revision, made)))
    assert revision(config()) == revision(config(affinity={}, cache={}))
