"""What of a conversation is read: the user's last turn, and what stands around it.

The last turn is the task, so it gets most of the budget, half at its head and half at its tail. The
rest is context: the head of the first message, which is the system prompt where there is one, and
the tail of what stands nearest to the task, tool results among it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from extproc.request import Conversation, Segment

TASK_CHARS: Final = 2_000
CONTEXT_CHARS: Final = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The text that is judged.

    `task_share` is the part of the last turn's characters that `task` holds, `coverage` the part
    of the whole conversation's that both hold; each in [0, 1], and 1 where there is no text.
    """

    task: str
    context: str
    task_share: float
    coverage: float


def read(conversation: Conversation) -> Reading:
    """The bounded text of a conversation, however long that is."""
    segments = conversation.segments
    start, end = _last_turn(segments)
    task = [segment.text for segment in segments[start:end]]
    around = [segment.text for segment in (*segments[:start], *segments[end:])]
    task_total, around_total = sum(map(len, task)), sum(map(len, around))
    task_read = min(task_total, TASK_CHARS)
    around_read = min(around_total, CONTEXT_CHARS)
    total = task_total + around_total
    return Reading(
        task=_ends(task, TASK_CHARS),
        context=_ends(around, CONTEXT_CHARS),
        task_share=task_read / task_total if task_total else 1.0,
        coverage=(task_read + around_read) / total if total else 1.0,
    )


def _last_turn(segments: Sequence[Segment]) -> tuple[int, int]:
    """Where the user's last run of segments starts and ends; all of them where no user speaks."""
    end = len(segments)
    while end and segments[end - 1].role != "user":
        end -= 1
    if not end:
        return 0, len(segments)
    start = end - 1
    while start and segments[start - 1].role == "user":
        start -= 1
    return start, end


def _ends(texts: Sequence[str], limit: int) -> str:
    """At most `limit` characters, half from the head and half from the tail."""
    if sum(map(len, texts)) <= limit:
        return "\n".join(texts)
    half = limit // 2
    return f"{_head(texts, half)}\n{_tail(texts, half)}"


def _head(texts: Sequence[str], budget: int) -> str:
    taken: list[str] = []
    for text in texts:
        if budget <= 0:
            break
        taken.append(text[:budget])
        budget -= len(text)
    return "\n".join(taken)


def _tail(texts: Sequence[str], budget: int) -> str:
    taken: list[str] = []
    for text in reversed(texts):
        if budget <= 0:
            break
        taken.append(text[-budget:])
        budget -= len(text)
    return "\n".join(reversed(taken))
