"""What is in force in a process, and how it ends."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import structlog
from documents import document_file

from extproc.config import load
from extproc.errors import ConfigError
from extproc.runtime import Runtime


@pytest.fixture(autouse=True)
def _silent() -> None:
    """Events are not what is tested here."""
    structlog.reset_defaults()


def runtime(folder: Path, **sections: object) -> Runtime:
    """One of a document with `sections`, whose limit is overridden."""
    file = document_file(folder, **sections)
    return Runtime(load(file), file, {"max_body_bytes": 4096})


def test_overrides_are_in_force(tmp_path: Path) -> None:
    """Now, and after the file was read again."""
    made = runtime(tmp_path)
    document_file(tmp_path, policy={"fixed": "fast"})
    made.reloader.reload()

    assert {"fixed": "fast"} == made.config.policy
    assert (4096, 4096) == (made.config.server.max_body_bytes, made.routing.max_body_bytes)


def test_nothing_is_made_of_a_wrong_policy(tmp_path: Path) -> None:
    """The error names the key."""
    with pytest.raises(ConfigError, match=r"policy\.fixed"):
        runtime(tmp_path, policy={"fixed": "medium"})


async def test_it_drains_when_it_is_told_to(tmp_path: Path) -> None:
    """By a signal, and once."""
    stop, drained = asyncio.Event(), asyncio.Event()
    made = runtime(tmp_path)
    made.obey_signals(stop)

    async def drain() -> None:
        """Note that it was asked for."""
        drained.set()

    serving = asyncio.ensure_future(made.until_told(stop, drain))
    await asyncio.sleep(0)
    assert not drained.is_set()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 5)

    assert drained.is_set()


async def test_a_second_signal_ends_the_drain(tmp_path: Path) -> None:
    """Whoever asks twice does not want to wait."""
    stop = asyncio.Event()
    made = runtime(tmp_path)
    made.obey_signals(stop)
    drained = asyncio.Event()

    async def drain() -> None:
        """Take longer than the second signal."""
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)
        drained.set()

    stop.set()
    await asyncio.wait_for(made.until_told(stop, drain), 5)

    assert not drained.is_set()


@pytest.mark.parametrize("own", [True, False], ids=["a function", "the reloader"])
async def test_hangup_reads_the_config_again(tmp_path: Path, *, own: bool) -> None:
    """Or calls what is to do so."""
    called = asyncio.Event()
    made = runtime(tmp_path)
    made.obey_signals(asyncio.Event(), called.set if own else None)
    document_file(tmp_path, policy={"fixed": "fast"})
    os.kill(os.getpid(), signal.SIGHUP)
    async with asyncio.timeout(5):
        while not called.is_set() and made.config.policy != {"fixed": "fast"}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert own == called.is_set()
