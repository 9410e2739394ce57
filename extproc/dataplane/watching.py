"""What Envoy's filter needs where the router looks at responses, or takes its time."""

from typing import Final

from extproc.config import Config, patience, watches
from extproc.dataplane.addresses import duration
from extproc.dataplane.pattern import Tree
from extproc.headers import SERVED_BY

SHOWN: Final = (":status", "content-encoding", SERVED_BY)
"""Headers of a response, besides those that are shown anyway."""
_GRACE: Final = 1.0
"""Seconds beyond the longest wait, so that the router's own clock ends it."""


def watch(processor: Tree, config: Config) -> None:
    """Let the router ask for responses, request by request, and for more time."""
    if watches(config):
        processor["allow_mode_override"] = True
        shown = processor["forward_rules"]["allowed_headers"]["patterns"]
        shown.extend({"exact": name} for name in SHOWN)
    if patience(config):
        processor["max_message_timeout"] = duration(patience(config) + _GRACE)
