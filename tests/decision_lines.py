"""Lines of decision logs."""

from pathlib import Path
from typing import Any

import msgspec

from extproc.decisionlog.lines import DecisionLine, Line, OutcomeLine


def decided(request_id: str = "r-1", **fields: Any) -> DecisionLine:  # noqa: ANN401
    """The fast tier was chosen for a chat by a threshold."""
    said: dict[str, Any] = {
        "time": 1.0,
        "request_id": request_id,
        "api": "/v1/chat/completions",
        "model": "auto",
        "tier": "fast",
        "reason": "score_below",
        "policy": "threshold",
        "signals": {"prompt_tokens": 10.0},
    }
    return DecisionLine(**{**said, **fields})


def ended(request_id: str = "r-1", **fields: Any) -> OutcomeLine:  # noqa: ANN401
    """It was answered."""
    said: dict[str, Any] = {
        "time": 2.0,
        "request_id": request_id,
        "status": 200,
        "reason": "score_below",
        "tier": "fast",
        "served_by": "fast",
        "duration": 0.5,
    }
    return OutcomeLine(**{**said, **fields})


def log_file(folder: Path, *lines: Line, name: str = "decisions.jsonl") -> Path:
    """The lines as a file."""
    path = folder / name
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    return path
