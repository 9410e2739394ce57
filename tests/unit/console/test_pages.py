"""The console's pages, over a real socket."""

import msgspec
import pytest
from builders import record
from console_serving import showing

from extproc.console.state import State


@pytest.mark.parametrize(
    ("path", "kind", "text"),
    [
        ("/console", "text/html", "<title>Tiergate</title>"),
        ("/console/console.css", "text/css", "color-scheme"),
        ("/console/console.js", "text/javascript", "/console/state"),
    ],
    ids=["page", "style", "script"],
)
async def test_the_page_comes_with_all_that_it_needs(path: str, kind: str, text: str) -> None:
    """It loads nothing from elsewhere, and may not."""
    async with showing() as shown, shown.client.get(path) as response:
        body = await response.text()

        assert (200, kind) == (response.status, response.content_type)
        assert text in body
        assert "http://" not in body.replace("http://www.w3.org/2000/svg", "")
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "no-store" == response.headers["cache-control"]


async def test_the_state_is_what_has_ended() -> None:
    """As JSON, which `tiergate top` reads too."""
    async with showing() as shown:
        shown.recent.completed(record(request_id="r-7"))
        status, text = await shown.get("/console/state")

    assert (200, "r-7") == (
        status,
        msgspec.json.decode(text, type=State).recent[0].request_id,
    )


@pytest.mark.parametrize("path", ["/console", "/console/state", "/console/console.js"])
async def test_a_console_that_is_off_is_not_there(path: str) -> None:
    """The probes and metrics are."""
    async with showing(enabled=False) as shown:
        assert 404 == (await shown.get(path))[0]
        assert 200 == (await shown.get("/livez"))[0]


@pytest.mark.parametrize("path", ["/console/ask", "/console/explain"])
async def test_it_only_shows_unless_it_is_told_otherwise(path: str) -> None:
    """Without the playground nothing can be sent."""
    async with showing() as shown, shown.client.post(path, json={}) as response:
        assert 404 == response.status
