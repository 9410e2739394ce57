"""What a stage does that says nothing."""

from extproc.exchange import Exchange
from extproc.stages import Stage


def test_a_stage_does_nothing_by_itself() -> None:
    """It reads no header, asks nothing, watches nothing and leaves the exchange as it is."""
    stage, exchange = Stage(), Exchange(headers={"a": "b"})
    stage.arrived(exchange)
    stage.decided(exchange)

    assert (frozenset(), False, (), None) == (
        stage.headers,
        stage.watches,
        stage.asks(exchange),
        stage.told(exchange, ()),
    )
    assert Exchange(headers={"a": "b"}) == exchange
