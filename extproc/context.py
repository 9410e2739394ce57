"""What is known of a request besides its body when its tier is chosen: plain values only.

The stages of `extproc.stages` fill it; the router and its adjusters read it.
"""

from msgspec import Struct


class Remembered(Struct, frozen=True, kw_only=True):
    """The tier that a conversation stays on, and the seconds since its last turn; where it is
    `bound`, no other tier knows what was said before.
    """

    tier: str
    idle: float
    bound: bool = False


class Context(Struct, frozen=True, kw_only=True):
    """`prefer` is the client's wish; `tenant` and its `plan` are empty where nobody is told
    apart.

    `tiers` and `models` are those that the tenant may use, or None for all; `policy` is the one of
    `Config.policies` that judges in place of the common one; `frugal` says that the budget is
    nearly spent; `priority` is 0 for the usual, and lower for what may wait; `session` is the hash
    of the conversation's key, and `remembered` what is known of it.
    """

    prefer: str | None = None
    tenant: str = ""
    plan: str = ""
    tiers: frozenset[str] | None = None
    models: frozenset[str] | None = None
    policy: str | None = None
    frugal: bool = False
    priority: int = 0
    session: str = ""
    remembered: Remembered | None = None

    def allows(self, tier: str) -> bool:
        """Whether the tenant may use that tier."""
        return self.tiers is None or tier in self.tiers

    def stays_on(self, tier: str) -> bool:
        """Whether the conversation was on that tier before."""
        return self.remembered is not None and self.remembered.tier == tier
