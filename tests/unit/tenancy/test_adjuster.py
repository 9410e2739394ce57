"""The last word on a decision."""

import pytest
from builders import decision, request

from extproc.context import Context, Remembered
from extproc.decision import Reason
from extproc.tenancy.adjuster import confine

TIERS = ("fast", "middle", "reasoning")


def confined(tier: str, context: Context, *, pinned: bool = False) -> tuple[str, str, bool]:
    """Tier, reason and pin after the adjuster."""
    said = confine(TIERS)(decision(tier, pinned=pinned), request(), context)
    return said.tier, said.reason, said.pinned


def test_without_limits_nothing_changes() -> None:
    """Not even the value is another one."""
    given = decision("reasoning")

    assert confine(TIERS)(given, request(), Context()) is given


@pytest.mark.parametrize(
    ("own", "asked", "given"),
    [
        ({"fast", "middle"}, "reasoning", "middle"),
        ({"fast", "reasoning"}, "middle", "fast"),
        ({"reasoning"}, "fast", "reasoning"),
    ],
)
def test_another_tier_gives_way_to_the_tenants_own(own: set[str], asked: str, given: str) -> None:
    """To the dearest below it, or else to the cheapest; and no other one stands in."""
    said = confined(asked, Context(tiers=frozenset(own)))

    assert (given, Reason.TIER_RESTRICTED, True) == said


def test_a_tier_of_its_own_stays_and_stands_alone() -> None:
    """The reason is still the policy's."""
    assert ("fast", Reason.FIXED, True) == confined("fast", Context(tiers=frozenset({"fast"})))


def test_all_tiers_by_name_are_all_tiers() -> None:
    """Others may stand in."""
    assert ("fast", Reason.FIXED, False) == confined("fast", Context(tiers=frozenset(TIERS)))


def test_a_frugal_request_goes_to_the_cheapest() -> None:
    """Of the tenant's own."""
    own = frozenset({"middle", "reasoning"})

    assert ("fast", "budget_soft", False) == confined("reasoning", Context(frugal=True))
    assert ("middle", "budget_soft", True) == confined("fast", Context(frugal=True, tiers=own))
    assert ("fast", Reason.FIXED, False) == confined("fast", Context(frugal=True))


@pytest.mark.parametrize(
    ("held", "own", "last", "expected"),
    [
        ("reasoning", None, "tool", ("reasoning", Reason.AFFINITY_TOOL_LOOP)),
        ("reasoning", None, "user", ("fast", Reason.BUDGET_SOFT)),
        ("middle", None, "tool", ("fast", Reason.BUDGET_SOFT)),
        (None, None, "tool", ("fast", Reason.BUDGET_SOFT)),
        ("reasoning", {"fast", "middle"}, "tool", ("fast", Reason.BUDGET_SOFT)),
    ],
    ids=["in a loop", "after it", "of another tier", "unknown", "forbidden since"],
)
def test_a_frugal_conversation_ends_its_tool_loop_first(
    held: str | None, own: set[str] | None, last: str, expected: tuple[str, Reason]
) -> None:
    """On the tier that began it, while that is the tenant's."""
    asked = request(messages=[{"role": "user", "content": "a"}, {"role": last, "content": "b"}])
    context = Context(
        frugal=True,
        tiers=None if own is None else frozenset(own),
        remembered=None if held is None else Remembered(tier=held, idle=1),
    )
    said = confine(TIERS)(decision("reasoning"), asked, context)

    assert expected == (said.tier, said.reason)


def test_a_pinned_decision_is_left_alone() -> None:
    """The client has named a model, and may use it."""
    said = confined("reasoning", Context(frugal=True), pinned=True)

    assert ("reasoning", Reason.FIXED, True) == said
