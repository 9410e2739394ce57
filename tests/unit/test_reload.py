"""Reading the config again."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import config, document, tiers
from tenancy_builders import jwt
from waiting import until

from extproc.config import Config, load
from extproc.errors import ConfigError
from extproc.reload import Reloader


class Reload:
    """A config file, a reloader of it, and what the reloader said."""

    def __init__(
        self,
        folder: Path,
        apply: Callable[[Config], None] | None = None,
        **sections: Any,  # noqa: ANN401 - of the document
    ) -> None:
        self.file = folder / "tiergate.yaml"
        self.applied: list[Config] = []
        self.reported: list[str | None] = []
        self.write(**sections)
        self.reloader = Reloader(
            self.file,
            load(self.file),
            apply=apply or self.applied.append,
            report=self.reported.append,
        )

    def write(self, **sections: Any) -> None:  # noqa: ANN401
        """Put a document into the file."""
        self.file.write_text(yaml.safe_dump(document(**sections)))

    async def said(self) -> bool:
        """Whether the reloader has told anything."""
        return self.reported != []


def test_a_good_file_is_applied(tmp_path: Path) -> None:
    """The new config comes into force, and that is told."""
    reload = Reload(tmp_path)
    reload.write(policy={"fixed": "fast"})

    reload.reloader.reload()

    assert [config(policy={"fixed": "fast"})] == reload.applied
    assert [None] == reload.reported


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "the document is not YAML"),
        ("a: 1", "Object contains unknown field `a`"),
        ("", "Expected `object`"),
    ],
    ids=["syntax", "shape", "empty"],
)
def test_a_bad_file_changes_nothing(tmp_path: Path, text: str, complaint: str) -> None:
    """The last good config stays, and the complaint is told."""
    reload = Reload(tmp_path)
    reload.file.write_text(text)

    reload.reloader.reload()

    assert [] == reload.applied
    assert 1 == len(reload.reported)
    assert str(reload.reported[0]).startswith(complaint)


def test_a_file_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    """It may be on its way to be replaced."""
    reload = Reload(tmp_path)
    reload.file.unlink()

    reload.reloader.reload()

    assert [] == reload.applied
    assert "cannot read" in str(reload.reported[0])


def test_a_config_that_cannot_be_applied_is_told(tmp_path: Path) -> None:
    """A policy is checked when it is built, which is after the document was read."""

    def refuse(_: Config) -> None:
        raise ConfigError("no such policy", path="$.policy.x")

    reload = Reload(tmp_path, refuse)

    reload.reloader.reload()

    assert ["$.policy.x: no such policy"] == reload.reported


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("server", {"drain_seconds": 1}),
        ("gateway", {"idle_seconds": 1}),
        ("tiers", tiers(model="another")),
        ("default_tier", "reasoning"),
        ("tenants", {"plans": {"standard": {}}, "file": "tenants.json"}),
    ],
)
def test_what_envoy_was_built_from_needs_a_restart(
    tmp_path: Path, section: str, value: object
) -> None:
    """A change there would hold in the router and not in Envoy."""
    reload = Reload(tmp_path)
    reload.write(**{section: value})

    reload.reloader.reload()

    assert [] == reload.applied
    assert [f"$.{section}: a change here needs a restart"] == reload.reported


@pytest.mark.parametrize(
    ("path", "changes"), [(".file", {"file": "others.json"}), (".jwt", {"jwt": jwt()})]
)
def test_where_tenants_come_from_needs_a_restart(
    tmp_path: Path, path: str, changes: dict[str, object]
) -> None:
    """What they may have does not."""
    tenants = {"plans": {"standard": {}}, "file": "tenants.json"}
    reload = Reload(tmp_path, tenants=tenants)

    reload.write(tenants={**tenants, **changes})
    reload.reloader.reload()
    reload.write(tenants={**tenants, "plans": {"standard": {"priority": 1}}})
    reload.reloader.reload()

    assert [f"$.tenants{path}: a change here needs a restart", None] == reload.reported


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("$.cache", {}, {"cache": {}}),
        ("$.cache", {"cache": {}}, {"cache": {"wait_seconds": 20}}),
        ("$.affinity", {}, {"affinity": {}}),
        ("$.affinity", {"affinity": {}}, {"affinity": {"header": "x-session"}}),
    ],
)
def test_what_envoy_must_show_needs_a_restart(
    tmp_path: Path, path: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """It was told at its start which headers and responses the router wants, and for how long."""
    reload = Reload(tmp_path, **before)
    reload.write(**after)
    reload.reloader.reload()
    reload.write(**before, policy={"fixed": "fast"})
    reload.reloader.reload()

    assert [f"{path}: a change here needs a restart", None] == reload.reported


async def watched(reload: Reload, change: Callable[[], object]) -> None:
    """Watch the file, change it, and wait until the reloader has said something."""
    watching = asyncio.ensure_future(reload.reloader.watch(interval=0.002))
    await asyncio.sleep(0.02)
    assert [] == reload.reported
    change()
    await until(reload.said)
    watching.cancel()


async def test_a_changed_file_is_seen(tmp_path: Path) -> None:
    """An unchanged file is not read again, a changed one is, once."""
    reload = Reload(tmp_path)

    await watched(reload, lambda: reload.write(policy={"fixed": "fast"}))

    assert [config(policy={"fixed": "fast"})] == reload.applied
    assert [None] == reload.reported


async def test_a_swapped_link_is_seen(tmp_path: Path) -> None:
    """Kubernetes changes a ConfigMap by pointing a link two folders up at another folder."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    data = tmp_path / "data"
    data.symlink_to(tmp_path / "old")
    reload = Reload(data)
    new = document(policy={"fixed": "fast"})
    (tmp_path / "new" / "tiergate.yaml").write_text(yaml.safe_dump(new))
    (tmp_path / "next").symlink_to(tmp_path / "new")

    await watched(reload, lambda: (tmp_path / "next").replace(data))

    assert [config(policy={"fixed": "fast"})] == reload.applied
