"""What affinity makes of a config."""

from builders import config
from state_builders import RecordingListener

from extproc.affinity import Affinity
from extproc.state import Store


def concern() -> Affinity:
    """One with a store of this process."""
    return Affinity(Store(config().state, RecordingListener()))


async def test_without_the_section_there_is_nothing() -> None:
    """Requests pass as if affinity did not exist."""
    made = concern()
    await made.start()

    assert ((), ()) == (made.stages(config()), made.adjusters(config()))
    await made.stop()


def test_with_the_section_there_is_one_of_each() -> None:
    """With the document's settings."""
    wanted = config(affinity={"header": "x-session"})

    (stage,) = concern().stages(wanted)

    assert {"x-session"} == stage.headers
    assert 1 == len(concern().adjusters(wanted))
