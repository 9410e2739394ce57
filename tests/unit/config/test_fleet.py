"""The section `fleet`."""

from typing import Any

import builders
import pytest
import yaml

from extproc.config import decode
from extproc.config.fleet import Fleet, Limits
from extproc.errors import ConfigError


def test_a_tier_may_have_limits_of_its_own() -> None:
    """The others have the common ones."""
    fleet = Fleet(limits=Limits(queue=3), tiers={"reasoning": Limits(queue=9)})

    assert (3.0, 9.0) == (fleet.limits_of("fast").queue, fleet.limits_of("reasoning").queue)


@pytest.mark.parametrize(
    ("section", "path"),
    [
        ({"scrape": {"interval_seconds": 0}}, r"fleet\.scrape\.interval_seconds"),
        ({"limits": {"kv": 1.5}}, r"fleet\.limits\.kv"),
        ({"shed": {"all_at": 1}}, r"fleet\.shed\.all_at"),
        ({"steer": {"tier": "reasoning"}}, r"fleet\.steer: .*either share or dollars_per_day"),
        ({"steer": {"tier": "reasoning", "share": 0.1, "dollars_per_day": 1}}, r"fleet\.steer"),
        ({"kubernetes": {"services": {}}}, r"fleet\.kubernetes\.services"),
        ({"spil": {}}, r"fleet"),
    ],
)
def test_a_wrong_key_is_named(section: dict[str, Any], path: str) -> None:
    """As everywhere in the document."""
    with pytest.raises(ConfigError, match=path):
        decode(yaml.safe_dump(builders.document(fleet=section)).encode())
