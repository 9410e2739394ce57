"""What the real Envoy says of a bootstrap."""

from collections.abc import Callable
from typing import Any

import pytest

from extproc.dataplane import validate
from extproc.dataplane.pattern import shipped, virtual_host
from extproc.errors import ConfigError

Tree = dict[str, Any]


def test_the_shipped_file_is_accepted() -> None:
    """By its types and by Envoy, and it is the same afterwards."""
    bootstrap = shipped()

    validate(bootstrap)

    assert shipped() == bootstrap


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(
            lambda tree: tree["static_resources"]["clusters"][2].update(name=""),
            r"Envoy refuses the bootstrap: Proto constraint validation failed \(.*"
            r"ClusterValidationError\.Name: value length must be at least 1 characters\)$",
            id="range, where Envoy prints the whole document first",
        ),
        pytest.param(
            lambda tree: virtual_host(tree)["routes"][0]["route"].update(cluster="none"),
            r"Envoy refuses the bootstrap: route: unknown cluster 'none'$",
            id="reference",
        ),
    ],
)
def test_what_only_envoy_knows_is_a_config_error(
    spoil: Callable[[Tree], None], complaint: str
) -> None:
    """The reason is Envoy's own, without the document."""
    bootstrap = shipped()
    spoil(bootstrap)

    with pytest.raises(ConfigError, match=complaint):
        validate(bootstrap)


def test_a_wrong_name_is_found_before_envoy_runs() -> None:
    """The typed messages speak first, and more plainly."""
    with pytest.raises(ConfigError, match="Unknown field 'addressee' in message Admin"):
        validate({"admin": {"addressee": {}}})
