"""Who may see the console."""

import asyncio

import pytest
from console_serving import SENT, showing

from extproc.console.guard import is_loopback

VARIABLE = "TIERGATE_CONSOLE_TOKEN"
TOKEN = "open-sesame"  # noqa: S105 - of a server that lives for one test


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """One that the console wants."""
    monkeypatch.setenv(VARIABLE, TOKEN)
    return TOKEN


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104 - what it is about
        ("10.0.0.1", False),
        ("evil.example", False),
        ("", False),
    ],
)
def test_only_this_machine_is_local(host: str, *, local: bool) -> None:
    """By number, or by the one name that nobody else can have."""
    assert local == is_loopback(host)


async def test_another_sites_name_shows_nothing() -> None:
    """A name that its owner points here must not make this page theirs."""
    async with showing() as shown:
        assert (403, "This is not its name.\n") == await shown.get(
            "/console", {"host": "evil.example"}
        )


async def test_an_exposed_console_without_a_token_shows_nothing() -> None:
    """It says what to do; metrics are there as ever."""
    async with showing("0.0.0.0:0") as shown:
        status, text = await shown.get("/console/state")

        assert (403, True) == (status, VARIABLE in text)
        assert 200 == (await shown.get("/metrics"))[0]


@pytest.mark.parametrize("address", ["127.0.0.1:0", "0.0.0.0:0"], ids=["local", "exposed"])
async def test_where_there_is_a_token_it_is_asked_for(token: str, address: str) -> None:
    """In a form, or of a program as a bearer; also on this machine."""
    async with showing(address) as shown:
        status, text = await shown.get("/console")

        assert (401, True) == (status, 'action="/console/login"' in text)
        assert 401 == (await shown.get("/console", {"authorization": "Bearer wrong"}))[0]
        assert 200 == (await shown.get("/console", {"authorization": f"Bearer {token}"}))[0]


@pytest.mark.parametrize(
    "headers", [{"authorization": "Bearer \udcff"}, {"cookie": "tiergate-console=\udcff\u00e9"}]
)
@pytest.mark.usefixtures("token")
async def test_bytes_that_are_no_text_open_nothing(headers: dict[str, str]) -> None:
    """And are no bug either."""
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    async with showing() as shown:
        reader, writer = await asyncio.open_connection("127.0.0.1", shown.port)
        said = f"GET /console HTTP/1.1\r\nhost: localhost\r\n{raw}\r\n"
        writer.write(said.encode("utf-8", "surrogateescape"))
        status = await reader.readline()
        writer.close()

    assert b"401" in status


async def test_a_wrong_token_opens_nothing(token: str) -> None:
    """No cookie comes of it."""
    async with showing() as shown:
        async with shown.client.post("/console/login", data={"token": token + "x"}) as response:
            assert (401, 0) == (response.status, len(response.cookies))
        assert 401 == (await shown.get("/console"))[0]


async def test_the_token_opens_a_session(token: str) -> None:
    """The cookie is for this site's pages alone, and no script reads it."""
    async with (
        showing() as shown,
        shown.client.post(
            "/console/login", data={"token": token}, allow_redirects=False
        ) as response,
    ):
        cookie = response.cookies["tiergate-console"]
        headers = {"cookie": f"tiergate-console={cookie.value}"}

        assert (303, "/console") == (response.status, response.headers["location"])
        assert ("Strict", True) == (cookie["samesite"], cookie["httponly"])
        assert token not in cookie.value
        assert 200 == (await shown.get("/console/state", headers))[0]
        assert 401 == (await shown.get("/console", {"cookie": "tiergate-console=x"}))[0]


@pytest.mark.usefixtures("token")
async def test_nobody_logs_in_without_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with an empty one, where none is set."""
    monkeypatch.setenv(VARIABLE, "")
    async with showing() as shown, shown.client.post("/console/login", data={}) as response:
        assert 401 == response.status


@pytest.mark.parametrize("path", ["/console/ask", "/console/explain"])
async def test_what_the_page_did_not_send_is_not_taken(path: str) -> None:
    """A form of another site can send no such header."""
    prompt = {"prompt": "hello"}
    async with showing(playground=True) as shown:
        async with shown.client.post(path, json=prompt) as response:
            assert 403 == response.status
        async with shown.client.post(path, json=prompt, headers=SENT) as response:
            assert 403 != response.status


async def test_a_session_sends_from_the_page_alone(token: str) -> None:
    """The cookie alone is not enough."""
    async with showing(playground=True) as shown:
        await (await shown.client.post("/console/login", data={"token": token})).release()
        shown.client.cookie_jar.clear()
        async with shown.client.post(
            "/console/login", data={"token": token}, allow_redirects=False
        ) as response:
            cookie = {"cookie": f"tiergate-console={response.cookies['tiergate-console'].value}"}
        async with shown.client.post(
            "/console/explain", json={"prompt": "hi"}, headers=cookie
        ) as response:
            assert 401 == response.status
        async with shown.client.post(
            "/console/explain", json={"prompt": "hi"}, headers={**cookie, **SENT}
        ) as response:
            assert 200 == response.status
