"""What nobody could read, by its bytes."""

from builders import record
from usage_builders import tokens

from extproc.telemetry import Tokens
from extproc.usage.estimate import Estimator


def test_it_assumes_until_it_knows() -> None:
    """Four bytes a token; a stream's chunk holds one of them."""
    estimator = Estimator()

    assert Tokens(prompt=10, completion=20) == estimator.tokens(record(received=40, sent=80))
    assert Tokens(prompt=10, completion=2) == estimator.tokens(
        record(received=40, sent=400, streamed=True)
    )


def test_it_learns_from_what_is_known() -> None:
    """Ten thousand tokens at two bytes weigh more than what was assumed."""
    estimator = Estimator()
    estimator.learn(record(received=20_000, sent=20_000), tokens(10_000, 10_000))

    assert Tokens(prompt=500, completion=500) == estimator.tokens(record(received=1000, sent=1000))


def test_each_kind_of_request_is_learned_by_itself() -> None:
    """By tier, and streamed or not."""
    estimator = Estimator()
    estimator.learn(record(received=20_000, sent=20_000), tokens(10_000, 10_000))

    for other in ({"served_by": "reasoning"}, {"streamed": True}):
        assert 250 == estimator.tokens(record(received=1000, **other)).prompt
