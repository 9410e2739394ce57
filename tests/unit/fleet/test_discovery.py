"""Where the config's endpoints are."""

import pytest

from extproc.fleet.discovery import Listed, Lost, joined


async def test_an_address_needs_no_name_server() -> None:
    """IPv6 keeps its brackets, and what stands twice counts once."""
    endpoints = ["127.0.0.1:8001", "[::1]:8002", "127.0.0.1:8001"]

    assert ["127.0.0.1:8001", "[::1]:8002"] == await Listed(endpoints).find()


async def test_a_name_stands_for_its_addresses() -> None:
    """Every machine knows this one."""
    assert "127.0.0.1:8001" in await Listed(["localhost:8001"]).find()


async def test_a_name_that_nobody_knows_is_lost() -> None:
    """The top-level domain `invalid` never exists: RFC 6761."""
    with pytest.raises(Lost, match=r"tier\.invalid"):
        await Listed(["tier.invalid:8001"]).find()


def test_an_address_is_joined_as_it_is_written() -> None:
    """Which is what HTTP's clients read."""
    assert ["10.0.0.1:80", "[fe80::1]:80"] == [joined("10.0.0.1", 80), joined("fe80::1", 80)]
