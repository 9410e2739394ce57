"""The document in force, as an operator may see it: defaults included, secrets masked."""

import re
from typing import Any, Final

import msgspec

from extproc.config.document import Config

MASK: Final = "***"
_SECRET: Final = re.compile(
    r"(?:^|[_-])(?:secret|token|password|passphrase|credentials?"
    r"|(?:api[_-]?|private[_-]?|access[_-]?)?key)$",
    re.IGNORECASE,
)
"""Names whose text is nobody's business: a policy of the operator's, or a tier's vLLM, may have
parameters of that kind.
"""


def effective(config: Config) -> dict[str, Any]:
    """Plain values of the whole document; text under a name like `api_key` is MASK."""
    plain: dict[str, Any] = _masked(msgspec.to_builtins(config))
    return plain


def _masked(value: Any) -> Any:  # noqa: ANN401 - YAML's values, of any shape
    if isinstance(value, dict):
        return {key: _masked_member(key, member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _masked_member(key: Any, value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str) and _SECRET.search(str(key)):
        return MASK
    return _masked(value)
