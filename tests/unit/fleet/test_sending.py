"""Requests that go to tiers."""

import builders
from builders import decision
from fleet_builders import Tiers

from extproc.exchange import Exchange
from extproc.fleet.sending import Sending


def test_a_request_counts_where_it_goes() -> None:
    """Whatever moved it there last; a queue is reckoned on by it."""
    tiers = Tiers()
    for name in tiers.loads:
        tiers.say(name, waiting=1)
    exchange = Exchange(headers={}, request=builders.request(), decision=decision("reasoning"))
    Sending(tiers.loads).decided(exchange)

    assert [1.0, 2.0] == [tiers.loads[name].backlog() for name in ("fast", "reasoning")]


def test_what_goes_to_no_tier_counts_nowhere() -> None:
    """An answer of the router's own."""
    tiers = Tiers()
    tiers.say("fast", waiting=1)
    Sending(tiers.loads).decided(Exchange(headers={}))

    assert 1.0 == tiers.loads["fast"].backlog()
