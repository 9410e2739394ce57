"""Which transport the config asks for, and one of them in this process."""

import pytest
from builders import RecordingObserver, config, routed

from extproc.native.server import NativeServer
from extproc.server import Server
from extproc.transport import Single, transport


@pytest.mark.parametrize(("name", "kind"), [("native", NativeServer), ("grpc", Server)])
async def test_the_config_names_the_transport(name: str, kind: type[object]) -> None:
    """Both carry the same decisions."""
    made = config(server={"transport": name})

    assert isinstance(transport(made, routed, RecordingObserver()), kind)


async def test_a_single_transport_says_where_it_is() -> None:
    """It has counted and read nothing that its process does not know already."""
    made = config(server={"transport": "native"})
    single = Single(transport(made, routed, RecordingObserver()), "127.0.0.1:0")
    (address,) = await single.start()
    single.reload()

    assert address.startswith("127.0.0.1:")
    assert not address.endswith(":0")
    assert () == await single.counted()
    await single.drain(0.0)
    await single.stop()
