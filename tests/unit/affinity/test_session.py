"""Who belongs to which conversation."""

import json
from typing import Any

import pytest
from affinity_builders import AGAIN, ASKED, CALLED, FIRST, LOOP, RESULT, SAID, SECOND, read, spoken

from extproc.affinity import Session, identify
from extproc.affinity.session import response_key
from extproc.request import Api

OTHER = {"role": "assistant", "content": "In Naples."}


def of(*messages: object, named: str | None = None, tenant: str = "", **fields: object) -> Session:
    """The session of a chat completion."""
    session = identify(read(spoken(*messages, **fields)), named=named, tenant=tenant)
    assert session is not None
    return session


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt_cache_key": "k"},
        {"conversation": "k"},
        {"conversation": {"id": "k"}},
        {"previous_response_id": "k"},
        {"metadata": {"session_id": "k"}},
        {"user": "k"},
    ],
    ids=json.dumps,
)
def test_the_body_may_name_the_session(fields: dict[str, Any]) -> None:
    """Then it is the same whatever is said in it."""
    assert of(*FIRST, **fields) == of(AGAIN, **fields)
    assert of(*FIRST, **fields) != of(*FIRST)


def test_of_several_names_the_first_counts() -> None:
    """In the documented order."""
    names: dict[str, Any] = {
        "prompt_cache_key": "k",
        "conversation": "k",
        "previous_response_id": "k",
        "metadata": {"session_id": "k"},
        "user": "k",
    }
    while names:
        first = next(iter(names))
        assert of(ASKED, **{first: names[first]}) == of(ASKED, **names)
        assert of(ASKED, named="h") == of(ASKED, named="h", **names)
        del names[first]


def test_a_named_session_is_remembered_under_that_name_alone() -> None:
    """One key for replica, look-up and record."""
    session = of(*SECOND, user="k")

    assert response_key("", "r") == of(ASKED, previous_response_id="r").key
    assert of(ASKED, previous_response_id="r").bound
    assert Session(pod=session.pod, keys=(session.pod,), key=session.pod) == session


@pytest.mark.parametrize(
    "fields",
    [
        {"user": ""},
        {"user": 7},
        {"user": None},
        {"user": "k" * 2000},
        {"metadata": "k"},
        {"metadata": {"session_id": 7}},
        {"conversation": {"name": "k"}},
    ],
    ids=lambda fields: json.dumps(fields)[:32],
)
def test_what_is_no_name_is_passed_over(fields: dict[str, Any]) -> None:
    """The beginning of the conversation then says who it is."""
    assert of(*SECOND) == of(*SECOND, **fields)


def test_an_empty_header_is_passed_over() -> None:
    """As if the client had not sent it."""
    assert of(*SECOND) == of(*SECOND, named="")


def test_tenants_never_share_a_session() -> None:
    """Neither a named one nor one that begins alike; nor does a name that ends like another's."""
    named = [of(ASKED, tenant=tenant, user="k").key for tenant in ("", "a", "b")]
    begun = [of(ASKED, tenant=tenant).key for tenant in ("", "a", "b")]
    moved = [of(ASKED, tenant="a", user="bk").key, of(ASKED, tenant="ab", user="k").key]

    assert 8 == len({*named, *begun, *moved})


def test_the_same_word_in_two_places_is_two_sessions() -> None:
    """A user may have several conversations."""
    assert of(ASKED, user="k") != of(ASKED, prompt_cache_key="k")


def test_nothing_of_what_was_written_is_left() -> None:
    """All that is kept are 32 hexadecimal digits."""
    session = of(*SECOND, user="Seville")

    assert "Seville" not in repr(session)
    assert [32] == [len(f"{int(session.key, 16):032x}")]


def test_a_first_turn_is_a_conversation_of_its_own() -> None:
    """Others that begin alike may have gone elsewhere since, so nothing is looked up."""
    assert () == of(*FIRST).keys
    assert of(*FIRST).key == of(*FIRST).pod


def test_a_second_turn_follows_the_first() -> None:
    """It looks for what its own reply leads to, then for the first turn, and stays on its replica;
    from then on it is known by its reply.
    """
    first, second, third = of(*FIRST), of(*SECOND), of(*SECOND, SAID, AGAIN)

    assert (second.key, first.key) == second.keys
    assert second == third
    assert first.pod == second.pod


def test_conversations_that_begin_alike_part_with_the_first_reply() -> None:
    """They stay on one replica, where their beginning is cached."""
    one, two = of(*FIRST, SAID, AGAIN), of(*FIRST, OTHER, AGAIN)

    assert one.key != two.key
    assert one.pod == two.pod


def test_a_tool_tells_conversations_apart_too() -> None:
    """Where the model's first word is a call without text."""
    other = {**RESULT, "content": "25 degrees"}

    assert of(*LOOP).key != of(*FIRST, CALLED, other).key
    assert of(*LOOP) == of(*LOOP, SAID, AGAIN)


@pytest.mark.parametrize(
    "result",
    [
        {"role": "tool", "tool_call_id": "1", "content": []},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1"}]},
    ],
    ids=["chat", "messages"],
)
def test_a_tool_that_says_nothing_is_no_first_turn(result: dict[str, Any]) -> None:
    """Its loop goes on where the first turn was."""
    assert (of(*FIRST).key,) == of(*FIRST, CALLED, result).keys


@pytest.mark.parametrize(
    ("api", "body"),
    [
        (Api.EMBEDDINGS, {"input": "hello", "user": "k"}),
        (Api.TOKENIZE, {"prompt": "hello", "user": "k"}),
        (Api.COMPLETIONS, {"prompt": "hello"}),
        (Api.RESPONSES, {"input": []}),
        (Api.CHAT, {"messages": [{"role": "system", "content": "Be kind."}]}),
    ],
)
def test_what_is_no_conversation_has_no_session(api: Api, body: dict[str, Any]) -> None:
    """Embeddings, a completion without a name, and messages without a user."""
    content = json.dumps({"model": "auto", **body}).encode()

    assert identify(read(content, api)) is None


def test_a_completion_may_have_a_name() -> None:
    """The client says which texts go on with each other."""
    bodies = ({"model": "auto", "prompt": text, "user": "k"} for text in ("a", "a b"))
    sessions = [identify(read(json.dumps(one).encode(), Api.COMPLETIONS)) for one in bodies]

    assert sessions[0] is not None
    assert sessions[0] == sessions[1]
