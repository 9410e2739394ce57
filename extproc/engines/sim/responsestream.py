"""The events of a streamed response, in vLLM's order and with its keys; no end marker follows."""

from dataclasses import dataclass, field
from itertools import count
from typing import Final

from extproc.engines.sim import sse
from extproc.engines.sim.generation import Usage
from extproc.engines.sim.responsebody import ResponseBody, part

_TEXT: Final = "response.output_text"
_CALL: Final = "response.function_call_arguments"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEvents:
    """The events of one response, numbered from 0."""

    body: ResponseBody
    _numbers: "count[int]" = field(default_factory=count, init=False)

    def accepted(self) -> bytes:
        """The response while it is empty."""
        return self._event("response.created", response=self.body.started()) + self._event(
            "response.in_progress", response=self.body.started()
        )

    def begin(self, usage: Usage) -> bytes:
        """The output item, and the part of a message, while they are empty."""
        del usage
        added = self._item("added", "in_progress")
        return added if self._calls else added + self._part("added", "")

    def token(self, choice: int, position: int) -> bytes:
        """The delta of one token; a token without text has none."""
        piece = self.body.plan.generation.outputs[choice].pieces[position]
        if not piece:
            return b""
        if self._calls:
            return self._event(f"{_CALL}.delta", delta=piece, **self._place)
        return self._event(
            f"{_TEXT}.delta",
            content_index=0,
            delta=piece,
            item_id=self.body.item_id,
            logprobs=[],
            output_index=0,
        )

    def end(self, usage: Usage) -> bytes:
        """The whole text, the whole item, the whole response."""
        if self._calls:
            done = self._event(f"{_CALL}.done", arguments=self.body.text, **self._place)
        else:
            done = self._text_done() + self._part("done", self.body.text)
        item = self._item("done", "completed")
        return done + item + self._event("response.completed", response=self.body.finished(usage))

    @property
    def _calls(self) -> bool:
        return self.body.plan.tool is not None

    @property
    def _place(self) -> dict[str, object]:
        return {"item_id": self.body.item_id, "output_index": 0}

    def _item(self, what: str, status: str) -> bytes:
        return self._event(
            f"response.output_item.{what}", item=self.body.item(status), output_index=0
        )

    def _part(self, what: str, text: str) -> bytes:
        return self._event(
            f"response.content_part.{what}",
            content_index=0,
            **self._place,
            part=part(text, begun=what == "added"),
        )

    def _text_done(self) -> bytes:
        place = {"content_index": 0, "item_id": self.body.item_id, "logprobs": []}
        numbered = {"output_index": 0, "sequence_number": next(self._numbers)}
        name = f"{_TEXT}.done"
        return sse.event(name, place | numbered | {"text": self.body.text, "type": name})

    def _event(self, name: str, **payload: object) -> bytes:
        numbered = payload | {"sequence_number": next(self._numbers), "type": name}
        return sse.event(name, numbered)
