"""`tiergate tenant`."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from documents import document_file

from extproc.cli import run
from extproc.cli.tenant import changed
from extproc.tenancy.registry import create
from extproc.tenancy.storage import FileStorage
from extproc.tenancy.values import Registry, RegistryError


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A document that keeps its tenants in a file."""
    plans = {"standard": {}, "small": {"tiers": ["fast"]}}
    file = str(tmp_path / "tenants.json")
    return str(document_file(tmp_path, tenants={"plans": plans, "file": file}))


@pytest.fixture
def said(config: str, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    """Run the command with JSON, and give what it printed."""

    def say(*words: str) -> Any:  # noqa: ANN401 - JSON
        assert 0 == run(["tenant", *words, "--json", "--config", config])
        return json.loads(capsys.readouterr().out)

    return say


def test_a_new_tenant_gets_a_key(said: Any) -> None:  # noqa: ANN401
    """It is shown then, and in no list."""
    made = said("create", "acme", "--plan", "small")

    assert "acme" == made["tenant"]
    (listed,) = said("list")
    assert ("acme", "small", False) == (listed["tenant"], listed["plan"], listed["revoked"])
    assert made["key"].split("-")[1] == listed["keys"][0]["id"]
    assert made["key"].split("-")[2] not in json.dumps(listed)


def test_rotation_ends_the_old_key_later(said: Any) -> None:  # noqa: ANN401
    """The new one has no end."""
    said("create", "acme", "--plan", "standard")
    said("rotate", "acme", "--overlap", "60")

    ((old, new),) = [listed["keys"] for listed in said("list")]
    assert (True, None) == (old["expires"] > old["created"], new["expires"])


def test_a_key_is_revoked_or_all(said: Any) -> None:  # noqa: ANN401
    """Of a tenant."""
    key = said("create", "acme", "--plan", "standard")["key"]

    assert "key" not in said("revoke", "acme", "--key", key.split("-")[1])
    assert [[]] == [listed["keys"] for listed in said("list")]
    said("revoke", "acme")
    assert [True] == [listed["revoked"] for listed in said("list")]


def test_people_read_a_table(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And are told that a key is shown once."""
    for words in (
        ["create", "acme", "--plan", "standard"],
        ["rotate", "acme", "--overlap", "60"],
        ["create", "gone", "--plan", "standard"],
        ["revoke", "gone"],
    ):
        assert 0 == run(["tenant", *words, "--config", config])
    told = capsys.readouterr().out
    assert 3 == told.count("This is the only time that the key is shown.")
    assert "gone is revoked.\n" in told

    assert 0 == run(["tenant", "list", "--config", config])
    listed = capsys.readouterr().out
    assert (2, 1) == (listed.count("acme"), listed.count("revoked"))
    assert 3 == listed.count("Z │")  # times to their ends: created twice, expires once


def test_a_table_leaves_nothing_out(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A long name goes on in the next line."""
    name = "".join(f"{number:04}" for number in range(32))
    assert 0 == run(["tenant", "create", name, "--plan", "standard", "--config", config])
    assert 0 == run(["tenant", "list", "--config", config])

    lines = [line.split("│") for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert name == "".join(cells[1].strip() for cells in lines)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["create", "acme", "--plan", "gold"], "no plan is called 'gold'"),
        (["rotate", "nobody"], "there is no tenant 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], complaint: str, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with 1."""
    assert 1 == run(["tenant", *words, "--config", config])
    assert complaint in capsys.readouterr().err


class Rival:
    """Changes the registry each time, before another one can."""

    def __init__(self, path: Path) -> None:
        self._storage = FileStorage(path)
        self.turns = 0

    async def read(self, known: Registry | None) -> Registry:
        """What is there; and then it is another one."""
        registry = await self._storage.read(known)
        self.turns += 1
        rival = f"rival-{self.turns}"
        later = registry.version // 1000 + 1
        changed = create(registry, rival, plan="standard", now=later).registry
        await self._storage.write(registry, changed)
        return registry

    async def write(self, old: Registry, new: Registry) -> bool:
        """As the storage does."""
        return await self._storage.write(old, new)

    async def close(self) -> None:
        """Nothing is held."""


def test_a_change_is_made_on_what_is_there(tmp_path: Path) -> None:
    """Who is always too late is told so, after five times."""
    rival = Rival(tmp_path / "tenants.json")
    made = partial(create, name="acme", plan="standard", now=1)

    with pytest.raises(RegistryError, match="others keep changing"):
        asyncio.run(changed(rival, made))
    assert 5 == rival.turns


def test_a_document_without_tenants_has_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The section is what turns them on."""
    assert 2 == run(["tenant", "list", "--config", str(document_file(tmp_path))])
    assert "$.tenants" in capsys.readouterr().err
