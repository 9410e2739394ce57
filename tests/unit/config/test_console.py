"""The section `console`."""

import msgspec
import pytest
from builders import config


def test_it_shows_and_takes_nothing_unless_it_is_said() -> None:
    """The section may be left out."""
    assert (True, False) == (config().console.enabled, config().console.playground)


@pytest.mark.parametrize("section", [{"keep": 1}, {"token_env": ""}, {"token": "x"}])
def test_what_cannot_be_meant_is_refused(section: dict[str, object]) -> None:
    """A token in the document above all."""
    with pytest.raises(msgspec.ValidationError):
        config(console=section)
