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


def test_a_tenant_may_use_the_tiers_that_are_named() -> None:
    """All of them where none is."""
    few = Context(tiers=frozenset({"fast"}))

    assert (True, True, False) == (
        Context().allows("fast"),
        few.allows("fast"),
        few.allows("reasoning"),
    )


def test_a_conversation_stays_on_the_tier_that_is_remembered() -> None:
    """And a new one on none."""
    old = Context(remembered=Remembered(tier="fast", idle=1))

    assert (False, True, False) == (
        Context().stays_on("fast"),
        old.stays_on("fast"),
        old.stays_on("reasoning"),
    )
