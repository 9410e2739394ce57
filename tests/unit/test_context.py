"""What is known of a request besides its body."""

from extproc.context import Context, Remembered


def test_nothing_is_known_of_a_stranger() -> None:
    """No tenant, no limits, no session."""
    said = Context()

    assert (None, "", None, None, False, 0, "", None) == (
        said.prefer,
        said.tenant,
        said.tiers,
        said.policy,
        said.frugal,
        said.priority,
        said.session,
        said.remembered,
    )


def test_what_is_remembered_is_a_tier_and_a_time() -> None:
    """The seconds since the last turn decide whether it still counts."""
    assert ("fast", 3.5) == (
        (said := Remembered(tier="fast", idle=3.5)).tier,
        said.idle,
    )
