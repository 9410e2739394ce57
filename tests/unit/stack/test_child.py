"""One child process, a real one."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from waiting import until

from extproc.stack.child import Child, ChildError

HEARD: list[tuple[str, str]] = []


@asynccontextmanager
async def started(script: str, *, announces: bool = True, **env: str) -> AsyncIterator[Child]:
    """A shell that runs `script`, ended at the end."""
    HEARD.clear()
    child = await Child.start(
        "it",
        ("/bin/sh", "-c", script),
        lambda name, line: HEARD.append((name, line)),
        env=env,
        announces=announces,
    )
    try:
        yield child
    finally:
        await child.stop(1.0)


async def test_the_first_line_of_a_child_says_where_it_is() -> None:
    """A JSON object on stdout; the environment is ours and what was added."""
    async with started('echo "{\\"url\\":\\"$WHERE\\"}"; exec sleep 60', WHERE="here") as child:
        assert {"url": "here"} == await child.ready(5)
        assert "it is running" == child.epitaph()


async def test_a_child_that_says_nothing_is_not_ready() -> None:
    """It is not waited for longer than that."""
    async with started("exec sleep 60") as child:
        with pytest.raises(ChildError, match=r"it was not ready within 0\.05 s"):
            await child.ready(0.05)


async def test_a_child_that_ends_first_leaves_its_last_word() -> None:
    """All that it wrote has been heard by then; events of its log are no last words."""
    async with started("echo one >&2; echo two >&2; echo '{}' >&2; echo >&2; exit 3") as child:
        with pytest.raises(ChildError) as caught:
            await child.ready(5)

    assert "it ended with status 3: two" == str(caught.value)
    assert [("it", "one"), ("it", "two"), ("it", "{}"), ("it", "")] == HEARD
    assert ("one", "two", "{}") == tuple(child.lines)


async def test_a_child_that_is_killed_is_said_to_be() -> None:
    """The signal has a name."""
    async with started("kill -9 $$") as child:
        await child.ended()

    assert "it was ended by signal 9 (Killed)" == child.epitaph()


async def test_a_child_that_announces_nothing_is_heard_on_both() -> None:
    """What others print on stdout is no less their word."""
    async with started("echo out; echo err >&2", announces=False) as child:
        await child.ended()

    assert {"out", "err"} == set(child.lines)


async def test_only_the_last_lines_are_kept() -> None:
    """A child may talk for days."""
    async with started("i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i >&2; done") as child:
        await child.ended()

    assert tuple(str(number) for number in range(101, 301)) == tuple(child.lines)
    assert 300 == len(HEARD)


async def test_a_line_without_end_is_cut() -> None:
    """A child that writes megabytes in one line is heard on, with a part of that line."""
    endless = "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo last >&2"
    async with started(endless, announces=False) as child:
        await child.ended()

    assert ("it", "last") == HEARD[-1]
    assert all(len(line) <= 1 << 20 for _, line in HEARD)


async def test_what_is_not_text_is_heard_as_well_as_can_be() -> None:
    """Bytes that are no UTF-8 break nothing."""
    async with started("printf 'a\\377b\\n' >&2") as child:
        await child.ended()

    assert ["a\N{REPLACEMENT CHARACTER}b"] == [line for _, line in HEARD]


async def test_a_child_that_ignores_the_signal_is_killed() -> None:
    """After the grace that it was given, and with what it had started itself."""
    script = 'trap \'\' TERM; sleep 60 & echo "{\\"pid\\":$!}"; wait; sleep 60'
    async with started(script) as child:
        grandchild = (await child.ready(5))["pid"]
        await child.stop(0.05)

        assert child.epitaph().startswith("it was ended by signal 9")

        async def gone() -> bool:
            """Whether the child's own child has ended."""
            return not runs(grandchild)

        await until(gone)


def runs(pid: int) -> bool:
    """Whether the process is there; one that nobody has waited for yet is not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_stopping_what_has_ended_is_fine() -> None:
    """Its process group is gone."""
    async with started("exit 0") as child:
        await child.ended()
        await child.stop(1.0)

    assert "it ended with status 0" == child.epitaph()


async def test_a_program_that_is_not_there_is_an_os_error() -> None:
    """Nothing was started."""
    with pytest.raises(FileNotFoundError):
        await Child.start("it", ("/nowhere/program",), lambda *_: None)


async def test_a_child_has_a_group_of_its_own() -> None:
    """A Ctrl-C at the terminal reaches the parent alone."""
    async with started('echo "{\\"pid\\":$$}"; exec sleep 60') as child:
        pid = (await child.ready(5))["pid"]

        assert pid == os.getpgid(pid) != os.getpgid(0)
