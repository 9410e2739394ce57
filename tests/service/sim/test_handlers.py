"""The model's APIs over HTTP: streams, refusals, disconnects and the queue's cap."""

import asyncio

import aiohttp
import pytest
from sim_builders import HELLO, events, metric, names, served, settings, texts, until

from extproc.engines.sim.profiles import LatencyProfile

SLOW = LatencyProfile(base_ms=20.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=1)
CHAT = "/v1/chat/completions"
RUNNING = 'vllm:num_requests_running{engine="0",model_name="tiny"}'
WAITING = 'vllm:num_requests_waiting{engine="0",model_name="tiny"}'
ABORTED = 'vllm:request_success_total{engine="0",finished_reason="abort",model_name="tiny"}'


class TestWhole:
    """Answers that are not streamed."""

    async def test_every_api_answers_with_the_canonical_name(
        self, client: aiohttp.ClientSession
    ) -> None:
        """Whatever name was asked for, and in whatever API, the first served name answers."""
        requests: dict[str, dict[str, object]] = {
            CHAT: {"messages": HELLO},
            "/v1/completions": {"prompt": "hello"},
            "/v1/responses": {"input": "hello"},
            "/v1/messages": {"messages": HELLO, "max_tokens": 5},
            "/v1/embeddings": {"input": "hello"},
        }
        models = []
        for path, fields in requests.items():
            async with client.post(path, json={"model": "alias", **fields}) as response:
                models.append((await response.json())["model"])

        assert ["tiny"] * 5 == models

    async def test_id_is_that_of_the_request(self, client: aiohttp.ClientSession) -> None:
        """The request's id, if the client has one, is part of the answer's."""
        headers = {"x-request-id": "abc"}
        async with client.post(CHAT, json={"messages": HELLO}, headers=headers) as response:
            assert "chatcmpl-abc" == (await response.json())["id"]

    async def test_equal_requests_share_the_cache(self, client: aiohttp.ClientSession) -> None:
        """The second of two equal requests tells how much of its prompt was cached."""
        request = {"messages": [{"role": "user", "content": "word " * 40}], "max_tokens": 3}
        cached = []
        for _ in range(2):
            async with client.post(CHAT, json=request) as response:
                usage = (await response.json())["usage"]
                cached.append(usage["prompt_tokens_details"]["cached_tokens"])

        assert [0, 48] == cached


class TestStream:
    """Answers that are streamed."""

    async def test_stream_says_what_the_whole_answer_says(
        self, client: aiohttp.ClientSession
    ) -> None:
        """Streamed or not, the same request has the same text."""
        async with client.post(CHAT, json={"messages": HELLO}) as response:
            whole = (await response.json())["choices"][0]["message"]["content"]
        async with client.post(CHAT, json={"messages": HELLO, "stream": True}) as response:
            assert "text/event-stream; charset=utf-8" == response.headers["content-type"]
            chunks = events(await response.read())

        assert (whole, "[DONE]") == (texts(chunks), chunks[-1])

    async def test_choices_are_streamed_side_by_side(self, client: aiohttp.ClientSession) -> None:
        """The answers of one request come interleaved, token by token."""
        request = {"messages": HELLO, "stream": True, "n": 2, "max_tokens": 2}
        async with client.post(CHAT, json=request) as response:
            chunks = events(await response.read())

        assert [0, 1, 0, 1, 0, 1] == [chunk["choices"][0]["index"] for chunk in chunks[:-1]]

    async def test_response_is_created_before_the_first_token(self) -> None:
        """The responses API acknowledges a request at once, however long the prefill takes."""
        waiting = LatencyProfile(
            base_ms=60_000.0, sequence_ms=0.0, prefill_token_ms=0.0, num_gpu_blocks=1
        )
        async with served(settings(profile=waiting)) as client:
            request = {"input": "hello", "stream": True}
            async with client.post("/v1/responses", json=request) as response:
                first = await response.content.readany()

        assert ["response.created", "response.in_progress"] == names(first)

    async def test_tokens_arrive_one_by_one(self) -> None:
        """A stream's chunks come at the pace of the engine, not at the end."""
        async with served(settings(profile=SLOW)) as client:
            request = {"messages": HELLO, "stream": True, "max_tokens": 4}
            loop = asyncio.get_running_loop()
            async with client.post(CHAT, json=request) as response:
                times = [
                    loop.time() async for line in response.content if line.startswith(b"data: {")
                ]

        assert times[-1] - times[0] > 0.04


class TestRefusal:
    """Requests that are not answered."""

    async def test_a_request_without_a_body_is_missing_it(
        self, client: aiohttp.ClientSession
    ) -> None:
        """As FastAPI says it: what is missing is the body itself."""
        kind = {"content-type": "application/json"}
        async with client.post(CHAT, data=b"", headers=kind) as response:
            error = (await response.json())["error"]

        assert (400, "body") == (response.status, error["param"])
        assert "'type': 'missing'" in error["message"]

    @pytest.mark.parametrize(
        ("request_body", "status", "kind"),
        [
            (b"{", 400, "Bad Request"),
            (b'{"messages":[{"role":"user","content":"\xff"}]}', 400, "Bad Request"),
            (b"{}", 400, "Bad Request"),
            (b'{"messages":[]}', 400, "BadRequestError"),
            (b'{"messages":[{"role":"user"}],"model":"x"}', 404, "NotFoundError"),
            (b'{"messages":[{"role":"user"}],"max_tokens":-1}', 400, "BadRequestError"),
        ],
        ids=["broken", "not-utf-8", "missing", "empty", "unknown-model", "negative"],
    )
    async def test_unacceptable_body(
        self, client: aiohttp.ClientSession, request_body: bytes, status: int, kind: str
    ) -> None:
        """What vLLM refuses is refused with its status and the type of its error."""
        headers = {"content-type": "application/json"}
        async with client.post(CHAT, data=request_body, headers=headers) as response:
            error = (await response.json())["error"]

        assert (status, kind, status) == (response.status, error["type"], error["code"])

    async def test_body_has_to_claim_to_be_json(self, client: aiohttp.ClientSession) -> None:
        """JSON under another media type is not read."""
        async with client.post(CHAT, data=b'{"messages":[]}') as response:
            assert "Unsupported Media Type" in (await response.json())["error"]["message"]

    async def test_anthropic_api_has_its_own_shape(self, client: aiohttp.ClientSession) -> None:
        """The messages API words its refusals as Anthropic does."""
        request = {"model": "x", "messages": HELLO, "max_tokens": 1}
        async with client.post("/v1/messages", json=request) as response:
            assert ("error", 404) == ((await response.json())["type"], response.status)

    async def test_full_queue_is_503(self) -> None:
        """At the cap of the queue a request is turned away at once, and counted."""
        async with served(settings(profile=SLOW, max_num_seqs=1, max_waiting=0)) as client:
            request = {"messages": HELLO, "stream": True, "ignore_eos": True}
            async with client.post(CHAT, json=request) as running:
                await running.content.readline()
                async with client.post(CHAT, json={"messages": HELLO}) as refused:
                    error = (await refused.json())["error"]
            rejected = (
                'vllm:admission_rejections_total{model_name="tiny",reason="max_num_queued_reqs"}'
            )

            assert (503, "Service Unavailable") == (refused.status, error["type"])
            assert 1 == await metric(client, rejected)


class TestDisconnect:
    """Clients that do not wait for the answer."""

    async def test_leaving_a_stream_aborts_its_sequence(self) -> None:
        """A client that hangs up frees its place in the batch and counts as an abort."""
        async with served(settings(profile=SLOW)) as client:
            request = {"messages": HELLO, "stream": True, "ignore_eos": True}
            async with client.post(CHAT, json=request) as response:
                await response.content.readline()
                await until(client, RUNNING, 1)
                response.close()

            await until(client, RUNNING, 0)
            assert 1 == await metric(client, ABORTED)

    async def test_leaving_the_queue_frees_it(self) -> None:
        """A client that gives up waiting leaves the queue."""
        async with served(settings(profile=SLOW, max_num_seqs=1)) as client:
            request = {"messages": HELLO, "ignore_eos": True}
            first = asyncio.create_task(client.post(CHAT, json=request))
            await until(client, RUNNING, 1)
            second = asyncio.create_task(client.post(CHAT, json=request))
            await until(client, WAITING, 1)
            second.cancel()

            await until(client, WAITING, 0)
            assert 1 == await metric(client, RUNNING)
            first.cancel()
