"""What a replica says about itself, over HTTP."""

import aiohttp
import pytest


async def test_models_are_listed_by_all_names(client: aiohttp.ClientSession) -> None:
    """Every served name has a card with the context length, the canonical one first."""
    async with client.get("/v1/models") as response:
        listing = await response.json()

    assert [("tiny", 512), ("alias", 512)] == [
        (card["id"], card["max_model_len"]) for card in listing["data"]
    ]


async def test_model_card_has_the_keys_of_vllm(client: aiohttp.ClientSession) -> None:
    """A card has vLLM's keys in vLLM's order."""
    async with client.get("/v1/models") as response:
        (card, _) = (await response.json())["data"]

    assert [
        "id", "object", "created", "owned_by", "root", "parent", "max_model_len", "permission",
    ] == list(card)  # fmt: skip


async def test_healthy_replica_says_nothing(client: aiohttp.ClientSession) -> None:
    """Health is a 200 without a body."""
    async with client.get("/health") as response:
        assert (200, b"") == (response.status, await response.read())


async def test_version_tells_that_it_is_simulated(client: aiohttp.ClientSession) -> None:
    """Nobody takes the version for vLLM's own."""
    async with client.get("/version") as response:
        assert (await response.json())["version"].endswith("+tiergate.sim")


async def test_metrics_are_in_the_text_format(client: aiohttp.ClientSession) -> None:
    """Prometheus recognises the format by its media type."""
    async with client.get("/metrics") as response:
        assert "text/plain" == response.content_type
        assert b"# TYPE vllm:num_requests_running gauge" in await response.read()


@pytest.mark.parametrize("path", ["/health", "/metrics"])
async def test_endpoint_fails_on_demand(client: aiohttp.ClientSession, path: str) -> None:
    """The two endpoints that others watch can be made to fail by themselves."""
    fault = {f"{path.removeprefix('/')}_status": 500}
    async with client.post("/admin/faults", json=fault), client.get(path) as response:
        assert 500 == response.status


async def test_tokenize_answers(client: aiohttp.ClientSession) -> None:
    """A text's tokens are counted."""
    async with client.post("/tokenize", json={"prompt": "hello world"}) as response:
        assert 2 == (await response.json())["count"]


async def test_tokenize_refuses(client: aiohttp.ClientSession) -> None:
    """Nothing to tokenize is refused as vLLM does."""
    async with client.post("/tokenize", json={}) as response:
        assert (400, 400) == (response.status, (await response.json())["error"]["code"])
