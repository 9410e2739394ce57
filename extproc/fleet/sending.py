"""Tells the tiers' loads of the requests that go to them."""

from collections.abc import Mapping

from typing_extensions import override

from extproc.exchange import Exchange
from extproc.fleet.spill import prompt_tokens
from extproc.fleet.tier import TierLoad
from extproc.stages import Stage


class Sending(Stage):
    """Counts once it is known where a request truly goes, whoever has moved it last."""

    def __init__(self, loads: Mapping[str, TierLoad]) -> None:
        self._loads = loads

    @override
    def decided(self, exchange: Exchange) -> None:
        """One request for one tier."""
        if exchange.decision is not None and exchange.request is not None:
            self._loads[exchange.decision.tier].sent(prompt_tokens(exchange.request))
