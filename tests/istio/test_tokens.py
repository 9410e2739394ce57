"""Who may ask: RequestAuthentication and AuthorizationPolicy as the proxy enforces them."""

import time

import builders
import pytest
import tokens
from calls import Reply, send
from faults import MATHS, Seen, seen
from gateway import Gateway
from tokens import token

from extproc.decision import Reason


def ask(gateway: Gateway, given: str | None, path: str = "/v1/chat/completions") -> Reply:
    """One request for the reasoning tier."""
    pairs = [] if given is None else [("authorization", f"Bearer {given}")]
    return send(gateway, builders.chat(MATHS), path=path, headers=pairs)


def test_a_token_lets_a_request_pass(guarded: Gateway) -> None:
    """And the decision is made as without one."""
    assert Seen(200, "reasoning", "score_above", "reasoning") == seen(ask(guarded, token()))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(None, (403, "forbidden"), id="none"),
        pytest.param("nonsense", (401, "unauthenticated"), id="nonsense"),
        pytest.param(token(foreign=True), (401, "unauthenticated"), id="another key"),
        pytest.param(token(exp=int(time.time()) - 600), (401, "unauthenticated"), id="expired"),
        pytest.param(token(aud="others"), (403, "forbidden"), id="for somebody else"),
        pytest.param(token(iss="https://other.test"), (401, "unauthenticated"), id="issuer"),
    ],
)
def test_without_a_good_token_nobody_is_asked(
    guarded: Gateway, given: str | None, expected: tuple[int, str]
) -> None:
    """Neither the router nor a tier, and the client reads an error in OpenAI's shape."""
    before = guarded.metric("tiergate_decisions_total")
    reply = ask(guarded, given)

    assert expected == (reply.status, reply.headers["x-tiergate-reason"])
    assert {"message", "type", "param", "code"} == set(reply.json()["error"])
    assert before == guarded.metric("tiergate_decisions_total")


def test_a_token_does_not_open_other_paths(guarded: Gateway) -> None:
    """What the policy does not name is forbidden before it is judged."""
    assert 403 == ask(guarded, token(), path="/metrics").status


def test_a_tier_does_not_see_the_token(guarded: Gateway) -> None:
    """It stays at the gateway."""
    ask(guarded, token())
    replica = guarded.tiers["reasoning"][0]

    assert not [seen for seen in replica.seen() if "authorization" in seen["headers"]]


def test_the_meshs_reasons_are_of_the_closed_set() -> None:
    """The same words in header, log and metric."""
    said = {"unauthenticated", "forbidden"}

    assert said <= {reason.value for reason in Reason}, tokens.ISSUER
