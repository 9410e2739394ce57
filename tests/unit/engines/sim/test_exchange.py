"""Unit tests of the checks that all APIs share."""

import pytest
from sim_builders import settings

from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.exchange import check_logprobs, check_model


@pytest.mark.parametrize("model", ["tiny", "alias", None, ""])
def test_served_names_are_accepted(model: str | None) -> None:
    """Every served name is accepted; so is none, as with vLLM."""
    check_model(model, settings())


def test_unknown_model_is_not_found() -> None:
    """A model that is not served is a 404 that names it."""
    with pytest.raises(ApiError, match="The model `other` does not exist") as caught:
        check_model("other", settings())

    assert 404 == caught.value.status


@pytest.mark.parametrize("count", [None, 0, 20])
def test_log_probabilities_up_to_the_limit(count: int | None) -> None:
    """Up to vLLM's default limit alternatives may be asked for."""
    check_logprobs(count)


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (21, "logprobs of 21, which is greater than max allowed: 20"),
        (-1, "logprobs of 151643, which is greater than max allowed: 20"),
        (-2, "must be a positive value or -1"),
    ],
)
def test_too_many_log_probabilities(count: int, message: str) -> None:
    """More alternatives than the limit are refused; -1 asks for the whole vocabulary."""
    with pytest.raises(ApiError, match=message):
        check_logprobs(count)
