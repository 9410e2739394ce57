"""Fixtures of the simulator's service tests."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from sim_builders import served, settings


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """A client of an instant replica."""
    async with served(settings()) as session:
        yield session
