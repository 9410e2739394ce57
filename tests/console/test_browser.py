"""The console in a real browser, over a whole gateway."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from builders import chat
from calls import send
from gateway import PATIENT, POLICY, Gateway, running
from playwright.sync_api import Browser, Page, expect, sync_playwright
from processes import until

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on PATH: not checked")
PROOF = "Prove that the integral of 2x from 0 to 1 equals 1: \\int_0^1 2x\\,dx."


@pytest.fixture(scope="module", name="gateway")
def _gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("console")
    with running(folder, policy=POLICY, console={"playground": True}, **PATIENT) as made:
        document = yaml.safe_load(made.config_file.read_bytes())
        document["console"]["gateway"] = made.url.removeprefix("http://")
        made.config_file.write_text(yaml.safe_dump(document))
        until(lambda: made.metric("tiergate_config_reloads_total") == 2, what="the reload")
        yield made


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A container's root has no sandbox; the page is this project's own.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Looking:
    """A page, and everything that the browser complained of."""

    def __init__(self, browser: Browser, url: str, scheme: str) -> None:
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(url)


@pytest.fixture(params=["light", "dark"])
def looking(
    request: pytest.FixtureRequest, gateway: Gateway, browser: Browser
) -> Iterator[Looking]:
    """The console, in one of its two dresses."""
    made = Looking(browser, f"{gateway.router_admin}/console", request.param)
    yield made
    made.page.close()


def test_requests_appear_as_they_end(gateway: Gateway, looking: Looking) -> None:
    """With their tier and reason; nothing is loaded from elsewhere, and nothing complains."""
    send(gateway, chat("hello"))
    row = looking.page.locator("#lines tr").first

    expect(row).to_contain_text("score_below", timeout=15_000)
    expect(looking.page.locator("#health")).to_have_text("All is well")
    expect(looking.page.locator("#tiers tr")).to_have_count(2)
    assert [] == looking.complaints


def test_a_prompt_is_answered_and_explained(looking: Looking) -> None:
    """By keyboard alone: the decision with its signals beside the streamed answer."""
    page = looking.page
    expect(page.locator("#prompt")).to_be_visible(timeout=15_000)
    page.locator("#prompt").fill(PROOF)
    page.locator("#prompt").press("Tab")
    page.locator("#model").press("Enter")

    expect(page.locator("#served")).to_contain_text("200, answered by reasoning", timeout=15_000)
    expect(page.locator("#verdict")).to_contain_text("reasoning: score_above")
    expect(page.locator("#signals tr").first).to_contain_text("mathematics")
    expect(page.locator("#answer")).to_contain_text("simulated")
    expect(page.locator("#stop")).to_be_hidden(timeout=15_000)
    assert [] == looking.complaints


def test_a_prompt_that_is_refused_says_why(looking: Looking) -> None:
    """In the router's own words."""
    page = looking.page
    expect(page.locator("#model")).to_be_visible(timeout=15_000)
    page.locator("#model").fill("gpt-9")
    page.locator("#explain").click()

    expect(page.locator("#verdict")).to_have_text("Refused: The model `gpt-9` does not exist.")


def test_a_new_prompt_takes_the_place_of_the_one_before(gateway: Gateway, looking: Looking) -> None:
    """What still comes of the old answer is not mixed into the new one."""
    page, slow = looking.page, gateway.tiers["reasoning"][0]
    expect(page.locator("#prompt")).to_be_visible(timeout=15_000)
    slow.fault(delay_seconds=1)
    page.locator("#prompt").fill(PROOF)
    page.locator("#model").press("Enter")
    expect(page.locator("#verdict")).to_contain_text("reasoning", timeout=15_000)
    slow.heal()
    page.locator("#prompt").fill("hello")
    page.locator("#model").press("Enter")
    expect(page.locator("#served")).to_contain_text("answered by fast", timeout=15_000)
    page.wait_for_timeout(1500)

    expect(page.locator("#served")).to_contain_text("answered by fast")
    assert 1 == page.locator("#answer").inner_text().count("This is")
    expect(page.locator("#stop")).to_be_hidden()


def test_an_answer_that_breaks_off_says_so(gateway: Gateway, looking: Looking) -> None:
    """What has come of it stays, and it is not counted among what went well."""
    page, broken = looking.page, gateway.tiers["reasoning"][0]
    expect(page.locator("#prompt")).to_be_visible(timeout=15_000)
    broken.fault(reset="mid_stream", after_tokens=3)
    page.locator("#prompt").fill(PROOF)
    page.locator("#model").press("Enter")
    expect(page.locator("#served")).to_contain_text("Failed", timeout=15_000)
    broken.heal()

    expect(page.locator("#answer")).to_contain_text("This is")
    expect(page.locator("#lines tr").first).to_contain_text("broken off", timeout=15_000)


def test_it_is_quiet_while_it_is_paused(gateway: Gateway, looking: Looking) -> None:
    """And goes on when it is told to."""
    page = looking.page
    expect(page.locator("#lines tr").first).to_be_visible(timeout=15_000)
    page.locator("#pause").click()
    before = page.locator("#requests").inner_text()
    send(gateway, chat("hello"))
    page.wait_for_timeout(1500)

    assert before == page.locator("#requests").inner_text()
    page.locator("#pause").click()
    expect(page.locator("#requests")).not_to_have_text(before, timeout=15_000)


def test_who_is_no_longer_known_is_asked_for_the_token(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A router that was started again knows no session of before: the form comes, by itself."""
    monkeypatch.setenv("TIERGATE_CONSOLE_TOKEN", "sesame")
    with running(tmp_path, policy=POLICY, **PATIENT) as gateway:
        looking = Looking(browser, f"{gateway.router_admin}/console", "dark")
        looking.page.get_by_label("Token").fill("sesame")
        looking.page.get_by_label("Token").press("Enter")
        expect(looking.page.locator("#health")).to_have_text("All is well", timeout=15_000)
        looking.page.context.clear_cookies()

        expect(looking.page.get_by_label("Token")).to_be_visible(timeout=15_000)
        looking.page.close()


def test_it_says_when_the_router_is_gone(tmp_path: Path, browser: Browser) -> None:
    """And that all is well once it is back."""
    with running(tmp_path, policy=POLICY, **PATIENT) as gateway:
        looking = Looking(browser, f"{gateway.router_admin}/console", "light")
        expect(looking.page.locator("#health")).to_have_text("All is well", timeout=15_000)
        expect(looking.page.locator("#playground")).to_be_hidden()
        gateway.router.end()

        expect(looking.page.locator("#health")).to_have_text(
            "The router does not answer", timeout=15_000
        )
        looking.page.close()
