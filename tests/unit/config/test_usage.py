"""How usage is read and kept."""

import pytest
from builders import config
from msgspec import ValidationError

from extproc.config import Usage


def test_it_is_read_by_envoy_and_not_kept() -> None:
    """Until the document says otherwise."""
    assert Usage(source="envoy", ledger=None) == config().usage


@pytest.mark.parametrize(
    "section",
    [{"source": "tier"}, {"ledger": ""}, {"retention_days": 0}, {"replay_seconds": 1}],
    ids=str,
)
def test_what_makes_no_sense_is_refused(section: dict[str, object]) -> None:
    """Each by its key."""
    with pytest.raises(ValidationError, match=next(iter(section))):
        config(usage=section)
