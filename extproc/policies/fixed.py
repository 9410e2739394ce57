"""Always one tier: the kill switch, and the baseline of every comparison.

fixed: fast
"""

from extproc.decision import Reason
from extproc.errors import ConfigError
from extproc.policies.base import Policy, Scope


def build(parameters: object, scope: Scope) -> Policy:
    """The parameter is a tier's name."""
    if not isinstance(parameters, str):
        raise ConfigError("expected a tier's name", path=scope.path)
    return scope.target(parameters, Reason.FIXED, "fixed")
