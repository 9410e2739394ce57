"""The section `affinity`."""

import msgspec
import pytest
from builders import config


def test_it_is_off_unless_it_is_there() -> None:
    """An empty section is enough."""
    assert config().affinity is None
    assert config(affinity={}).affinity is not None


@pytest.mark.parametrize(
    "section",
    [{"header": "X-Session"}, {"header": ""}, {"band": 1.1}, {"ttl_seconds": 0}, {"bands": 1}],
)
def test_what_cannot_be_meant_is_refused(section: dict[str, object]) -> None:
    """A header in capitals would never be found."""
    with pytest.raises(msgspec.ValidationError):
        config(affinity=section)
