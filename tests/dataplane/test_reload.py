"""A new config applies to a running gateway as a whole, or not at all."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import builders
import gateway as harness
import pytest
import yaml
from faults import ask, seen
from processes import until
from traffic import steady


@pytest.fixture(scope="module")
def one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Gateway]:
    """One gateway for the tests of this module."""
    folder = tmp_path_factory.mktemp("reload")
    with harness.running(folder, **_sections("fast")) as running:
        yield running


@pytest.fixture
def reloadable(one_for_all: harness.Gateway) -> harness.Gateway:
    """A gateway that sends everything to the fast tier, whatever its config was before."""
    _write(one_for_all, _document("fast"))
    one_for_all.router.send(signal.SIGHUP)
    until(lambda: _in_force(one_for_all) == {"fixed": "fast"}, what="the first config")
    until(lambda: one_for_all.metric("tiergate_config_current") == 1, what="the gauge")
    return one_for_all


def _sections(tier: str) -> dict[str, Any]:
    return {**harness.PATIENT, "policy": {"fixed": tier}}


def _document(tier: str, **sections: object) -> str:
    return yaml.safe_dump(harness.served(**{**_sections(tier), **sections}))


def _write(gateway: harness.Gateway, text: str) -> None:
    """Replace the file as a whole, so that nobody reads half of it."""
    draft = gateway.config_file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(gateway.config_file)


def _in_force(gateway: harness.Gateway) -> object:
    return json.loads(harness.get(f"{gateway.router_admin}/config"))["policy"]


def _served_by(gateway: harness.Gateway) -> str | None:
    return seen(ask(gateway)).served_by


def _rejections(gateway: harness.Gateway) -> list[str]:
    """What the router has said of configs that it did not take."""
    lines = (json.loads(line) for line in gateway.router.errors().splitlines())
    return [line["error"] for line in lines if line["event"] == "config_rejected"]


@pytest.mark.parametrize("by_signal", [True, False], ids=["SIGHUP", "change"])
def test_new_policy_applies_without_a_restart(reloadable: harness.Gateway, by_signal: bool) -> None:
    """The next request is judged by the new policy, in the same process."""
    before = _served_by(reloadable)
    _write(reloadable, _document("reasoning"))
    if by_signal:
        reloadable.router.send(signal.SIGHUP)
    until(lambda: _in_force(reloadable) == {"fixed": "reasoning"}, seconds=5, what="the reload")

    assert "fast" == before
    assert "reasoning" == _served_by(reloadable)
    assert reloadable.router.process.poll() is None


def test_config_map_that_swaps_its_link_is_noticed(reloadable: harness.Gateway) -> None:
    """Kubernetes changes a mounted file by pointing a link elsewhere."""
    elsewhere = reloadable.folder / "elsewhere.yaml"
    elsewhere.write_text(_document("reasoning"))
    link = reloadable.folder / "link"
    link.symlink_to(elsewhere)
    link.replace(reloadable.config_file)
    until(lambda: _in_force(reloadable) == {"fixed": "reasoning"}, seconds=5, what="the reload")

    assert "reasoning" == _served_by(reloadable)


BAD = {
    "no-yaml": ("policy: [", "the document is not YAML"),
    "unknown-key": (
        _document("reasoning", polices={}),
        "Object contains unknown field `polices`",
    ),
    "unknown-nested-key": (
        _document("reasoning", models={"alias": []}),
        "$.models: Object contains unknown field `alias`",
    ),
    "unknown-tier": (_document("medium"), "$.policy.fixed: "),
    "no-such-class": (
        _document("reasoning", policy={"nowhere:Policy": {}}),
        "$.policy.nowhere:Policy: ",
    ),
    "changed-tiers": (
        _document("reasoning", tiers=builders.tiers(max_model_len=10)),
        "$.tiers: ",
    ),
    "changed-default": (_document("reasoning", default_tier="reasoning"), "$.default_tier: "),
    "changed-address": (
        _document("reasoning", gateway={**harness.PATIENT["gateway"], "listen": "[::1]:1"}),
        "$.gateway: ",
    ),
}
"""Documents that cannot be used, with the beginning of what must be said of them."""


@pytest.mark.parametrize(("text", "complaint"), BAD.values(), ids=BAD)
def test_bad_config_leaves_the_last_good_one_in_force(
    reloadable: harness.Gateway, text: str, complaint: str
) -> None:
    """The whole document is refused, the log names the key, and a gauge says that it is so."""
    before = len(_rejections(reloadable))
    _write(reloadable, text)
    reloadable.router.send(signal.SIGHUP)
    until(lambda: reloadable.metric("tiergate_config_current") == 0, seconds=5, what="the gauge")
    said = _rejections(reloadable)[before:]

    assert [complaint] == [error[: len(complaint)] for error in said]
    assert {"fixed": "fast"} == _in_force(reloadable)
    assert "fast" == _served_by(reloadable)


def test_lost_file_leaves_the_last_good_config_in_force(reloadable: harness.Gateway) -> None:
    """A file that is gone is noticed, and changes nothing."""
    reloadable.config_file.unlink()
    until(lambda: reloadable.metric("tiergate_config_current") == 0, seconds=5, what="the gauge")

    assert "fast" == _served_by(reloadable)


def test_mended_config_is_taken_by_itself(reloadable: harness.Gateway) -> None:
    """After a bad document the next good one applies, and the gauge says so."""
    _write(reloadable, "policy: [")
    until(lambda: reloadable.metric("tiergate_config_current") == 0, seconds=5, what="the gauge")
    _write(reloadable, _document("reasoning"))
    until(lambda: reloadable.metric("tiergate_config_current") == 1, seconds=5, what="the mending")

    assert "reasoning" == _served_by(reloadable)


def test_requests_do_not_notice_reloads(reloadable: harness.Gateway) -> None:
    """Through twenty reloads under load every request is decided, by the old or the new policy."""
    with steady(reloadable) as traffic:
        for number in range(20):
            tier = ("reasoning", "fast")[number % 2]
            _write(reloadable, _document(tier))
            reloadable.router.send(signal.SIGHUP)
            traffic.until_tier(tier)

    assert [] == traffic.failed
    assert {("fast", "fixed"), ("reasoning", "fixed")} == {
        (one.tier, one.reason) for one in traffic.sent
    }
