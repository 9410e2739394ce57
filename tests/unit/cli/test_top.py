"""`tiergate top` against a real admin server."""

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web
from builders import record
from console_serving import Shown, showing
from processes import PYTHON
from terminal import CTRL_C, Terminal

from extproc.cli import run

VARIABLE = "TIERGATE_CONSOLE_TOKEN"


async def topped(shown: Shown, *words: str) -> int:
    """The command's exit status."""
    argv = ["top", "--admin", f"http://127.0.0.1:{shown.port}", *words]
    return await asyncio.to_thread(run, argv)


async def test_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """And no more."""
    async with showing() as shown:
        shown.recent.completed(record())

        assert 0 == await topped(shown, "--once")
    assert "0 requests in 5 minutes" in capsys.readouterr().out


async def test_the_numbers_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    """For another program."""
    async with showing() as shown:
        assert 0 == await topped(shown, "--json")
    assert 0 == json.loads(capsys.readouterr().out)["requests"]


async def test_a_token_is_taken_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without it, the error says where to put it."""
    monkeypatch.setenv(VARIABLE, "sesame")
    async with showing() as shown:
        known = await topped(shown, "--json")
        monkeypatch.delenv(VARIABLE)
        unknown = await topped(shown, "--json")

    assert (0, 1) == (known, unknown)
    assert f"it wants a token: put it into {VARIABLE}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "words", "text"),
    [
        ({"enabled": False}, (), "its console is switched off"),
        ({}, ("--admin", "http://127.0.0.1:1"), "nothing answers at http://127.0.0.1:1"),
    ],
    ids=["off", "away"],
)
async def test_nothing_to_watch_is_an_error(
    settings: dict[str, Any],
    words: tuple[str, ...],
    text: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence, status 1."""
    async with showing(**settings) as shown:
        assert 1 == await topped(shown, "--once", *words)
    assert text in capsys.readouterr().err


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "http://127.0.0.1:{}/"])
async def test_an_address_may_be_written_as_people_do(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the scheme, or with a slash at its end."""
    async with showing() as shown:
        assert 0 == await topped(shown, "--json", "--admin", form.format(shown.port))
    assert 0 == json.loads(capsys.readouterr().out)["requests"]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 799 What\r\ncontent-length: 0\r\n\r\n", "shows nothing: it says 799"),
        (b"\x00\x00\x12\x04\x00 an HTTP/2 server's settings\r\n", "nothing answers at"),
    ],
    ids=["odd status", "no HTTP/1"],
)
async def test_whatever_answers_there_is_an_error(
    answer: bytes, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, also for another port of the router."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(answers, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        argv = ["top", "--once", "--admin", f"http://127.0.0.1:{port}"]
        status = await asyncio.to_thread(run, argv)

    assert 1 == status
    assert text in capsys.readouterr().err


async def test_it_goes_on_until_it_is_told_to_end() -> None:
    """A picture a second at a terminal; Ctrl-C ends it well."""
    async with showing() as shown:
        admin = f"http://127.0.0.1:{shown.port}"
        argv = [PYTHON, "-m", "extproc", "top", "--admin", admin, "--interval", "0.05"]

        def watch() -> int:
            """Look, and then leave."""
            with Terminal(argv) as terminal:
                terminal.until("requests in 5 minutes")
                terminal.screen = ""
                terminal.until("requests in 5 minutes")  # the next one
                terminal.press(CTRL_C)
                return terminal.wait()

        assert 0 == await asyncio.to_thread(watch)


async def test_what_is_no_router_of_this_version_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever else answers there."""
    app = web.Application()
    app.add_routes([web.get("/console/state", _nothing)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    argv = ["top", "--once", "--admin", f"http://127.0.0.1:{runner.addresses[0][1]}"]
    status = await asyncio.to_thread(run, argv)
    await runner.cleanup()

    assert 1 == status
    assert "is no router of this version" in capsys.readouterr().err


async def _nothing(_: web.Request) -> web.Response:
    return web.json_response([])
