"""What Envoy's typed messages find."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from extproc.dataplane.pattern import connection_manager, named, shipped
from extproc.dataplane.typed import check_types
from extproc.errors import ConfigError

Tree = dict[str, Any]


def processor(bootstrap: Tree) -> Tree:
    """The ext_proc filter's own configuration."""
    filters = connection_manager(bootstrap)["http_filters"]
    config: Tree = named(filters, "tiergate.ext_proc")["typed_config"]
    return config


def test_the_shipped_file_is_good() -> None:
    """Every message and every extension of it is Envoy's."""
    check_types(shipped())


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        pytest.param(
            lambda tree: tree["admin"].update(addressee={}),
            "Unknown field 'addressee' in message Admin",
            id="field",
        ),
        pytest.param(
            lambda tree: processor(tree).update(failure_mode_alow=True),
            "Unknown field 'failure_mode_alow' in message ExternalProcessor",
            id="field of an extension",
        ),
        pytest.param(
            lambda tree: processor(tree)["processing_mode"].update(request_body_mode="BUFERED"),
            "Unknown value BUFERED for enum",
            id="enum",
        ),
        pytest.param(
            lambda tree: processor(tree).update(message_timeout="soon"),
            "Invalid duration string: soon",
            id="duration",
        ),
        pytest.param(
            lambda tree: processor(tree).update({"@type": "type.googleapis.com/envoy.none.v3.No"}),
            r"No module named 'envoy_data_plane\.envoy\.none'",
            id="package of an extension",
        ),
    ],
)
def test_a_spoilt_file_is_a_config_error(spoil: Callable[[Tree], None], complaint: str) -> None:
    """The message names what is wrong."""
    bootstrap = shipped()
    spoil(bootstrap)

    with pytest.raises(ConfigError, match=complaint):
        check_types(bootstrap)


def test_without_the_messages_the_error_names_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads it can act on it."""
    monkeypatch.setitem(sys.modules, "envoy_data_plane", None)

    with pytest.raises(ConfigError, match=r"pip install 'tiergate\[local\]'"):
        check_types(shipped())
