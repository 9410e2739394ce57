"""The schema of the decision log: two kinds of line, joined by `request_id`.

A decision is written by the process that made it, an outcome by the one that Envoy tells of it, so
they may stand in different files. Fields that have nothing to say are left out. A reader must pass
over kinds and fields that it does not know.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct


class Message(Struct, frozen=True):
    """A piece of text and the role that said it."""

    role: str
    content: str


class Assignment(Struct, frozen=True, kw_only=True):
    """Which policy a session got by chance: the arm is `control` or `candidate`, and `share` was
    the candidate's probability.
    """

    name: str
    arm: str
    share: float


class DecisionLine(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="decision"
):
    """What the router decided.

    `time` is in seconds since 1970; `prompt` and `session` are keyed hashes, `signals` and `score`
    as `tiergate explain` shows them, `failure` the kind of error behind a fallback. `shadows` says
    which tier each shadow policy would have chosen, `failed` where it could not. `messages` is the
    text itself, only where `decision_log.prompts` is on.
    """

    time: float
    request_id: str
    api: str
    model: str
    tier: str
    reason: str
    policy: str = ""
    score: float | None = None
    coverage: float | None = None
    signals: Mapping[str, float] = {}
    tenant: str = ""
    session: str = ""
    prompt: str = ""
    pinned: bool = False
    failure: str = ""
    shadows: Mapping[str, str] = {}
    experiment: Assignment | None = None
    messages: Sequence[Message] = ()


class OutcomeLine(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="outcome"
):
    """What Envoy says of the request when it has ended; refused ones have no decision.

    `served_by` is the tier that answered; `first_byte` and `duration` are seconds; tokens stand
    where the tier told them, the cost in millionths of a dollar where prices are known.
    """

    time: float
    request_id: str
    status: int
    reason: str
    tier: str
    served_by: str
    attempts: int = 1
    first_byte: float | None = None
    duration: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_microdollars: int | None = None


Line: TypeAlias = DecisionLine | OutcomeLine
