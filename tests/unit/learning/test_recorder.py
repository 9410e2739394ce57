"""What is looked at after the answer, with the stream's own processor before it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import RecordingObserver, body, chat, config, headers, record
from prometheus_client import CollectorRegistry
from semantic_builders import labels_file

from extproc.decisionlog.lines import Assignment, DecisionLine, Message
from extproc.decisionlog.reading import Read, read
from extproc.errors import ConfigError
from extproc.learning.recorder import HASH_KEY
from extproc.processor import StreamProcessor
from extproc.services import Services
from extproc.telemetry import Completed, Tokens
from extproc.training.budget import Budget
from extproc.training.calibration import calibration
from extproc.training.own import load
from extproc.training.replay import of_log

POLICIES = {"bold": {"fixed": "reasoning"}, "shy": {"fixed": "fast"}}


class Bench:
    """The services of one config, with a log in a folder."""

    def __init__(self, folder: Path, log: Mapping[str, object] | None = None, **more: Any) -> None:  # noqa: ANN401
        self._folder = folder
        self.registry = CollectorRegistry()
        self.config = config(
            decision_log={"folder": str(folder), **(log or {})}, **{"policies": POLICIES, **more}
        )
        self.services = Services(self.config, RecordingObserver(), registry=self.registry)
        self._routing = self.services.routing(self.config)

    async def handle(
        self, *bodies: bytes, ended: Sequence[Completed] = (), request_id: str = "r-1"
    ) -> None:
        """Requests one after the other, what Envoy said of them, and the end."""
        await self.services.start()
        for content in bodies:
            processor = StreamProcessor(self._routing, RecordingObserver())
            processor.handle(headers(more={"x-request-id": request_id}))
            assert processor.handle(body(content))
        for one in ended:
            self.services.recorder.completed(one)
        await self.services.stop()

    def read(self) -> Read:
        """What is on the disk."""
        return read([self._folder])

    def text(self) -> str:
        """The same as it stands there."""
        return "".join(path.read_text() for path in self._folder.iterdir())


async def logged(folder: Path, content: bytes, **more: Any) -> DecisionLine:  # noqa: ANN401
    """The line of one request."""
    bench = Bench(folder, **more)
    await bench.handle(content)
    (line,) = bench.read().decisions
    return line


async def test_a_decision_is_a_line_without_its_text(tmp_path: Path) -> None:
    """Signals and hashes; the text is nowhere in the file."""
    bench = Bench(tmp_path)
    await bench.handle(chat("a secret", user="somebody"))
    (line,) = bench.read().decisions

    assert ("r-1", "reasoning", "fixed", "auto") == (
        line.request_id,
        line.tier,
        line.reason,
        line.model,
    )
    assert 1.0 == line.coverage
    assert 24 == len(line.prompt)
    assert line.session
    assert line.signals["prompt_tokens"] > 0
    assert () == line.messages
    assert "secret" not in bench.text()
    assert "somebody" not in bench.text()


async def test_the_text_is_kept_where_the_operator_says_so(tmp_path: Path) -> None:
    """As messages, which `tiergate label` takes."""
    line = await logged(tmp_path, chat("a secret"), log={"prompts": True})

    assert [Message("user", "a secret")] == list(line.messages)


async def test_an_outcome_is_a_line(tmp_path: Path) -> None:
    """With what Envoy read of the answer."""
    bench = Bench(tmp_path)
    tokens = Tokens(prompt=5, completion=7)
    ended = record(request_id="r-1", tokens=tokens, cost_microdollars=9)
    await bench.handle(chat(), ended=(ended, record(request_id="r-2")))
    found = bench.read().outcomes

    assert (5, 7, 9) == (
        found["r-1"].prompt_tokens,
        found["r-1"].completion_tokens,
        found["r-1"].cost_microdollars,
    )
    assert (200, 0.02, None) == (
        found["r-2"].status,
        found["r-2"].duration,
        found["r-2"].prompt_tokens,
    )


async def test_a_sample_holds_a_decision_and_its_outcome_or_neither(tmp_path: Path) -> None:
    """By the request's id, in whichever process."""
    bench = Bench(tmp_path, {"sample": 0.3})
    names = [f"r-{number}" for number in range(60)]
    await bench.services.start()
    for name in names:
        processor = StreamProcessor(bench._routing, RecordingObserver())
        processor.handle(headers(more={"x-request-id": name}))
        processor.handle(body(chat()))
        bench.services.recorder.completed(record(request_id=name))
    await bench.services.stop()
    found = bench.read()

    assert {line.request_id for line in found.decisions} == set(found.outcomes)
    assert 5 < len(found.outcomes) < 35


async def test_equal_prompts_have_equal_hashes_under_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Conversations likewise. Where there is no key, a process draws one that its workers inherit:
    whoever guesses a text must not find it.
    """
    found: list[DecisionLine] = []
    for number, key in enumerate(("k", "k", "", None, "")):
        if key is not None:
            monkeypatch.setenv(HASH_KEY, key)
        found.append(await logged(tmp_path / str(number), chat()))
    prompts, sessions = ([getattr(line, of) for line in found] for of in ("prompt", "session"))

    for hashes in (prompts, sessions):
        assert hashes[0] == hashes[1]
        assert hashes[2] == hashes[3]
        assert 3 == len(set(hashes))


async def test_shadows_decide_without_effect(tmp_path: Path) -> None:
    """What the client asked for is not theirs to judge."""
    bench = Bench(tmp_path, shadows=["bold", "shy"])
    await bench.handle(chat(), chat(model="small/model-1b"))

    assert [
        ("reasoning", {"bold": "reasoning", "shy": "fast"}),
        ("fast", {}),
    ] == [(line.tier, line.shadows) for line in bench.read().decisions]
    labels = {"policy": "shy", "tier": "reasoning", "shadow": "fast"}
    assert 1 == bench.registry.get_sample_value("tiergate_shadow_decisions_total", labels)


async def test_a_replay_says_what_a_shadow_said(tmp_path: Path) -> None:
    """The log's signals are all that a policy goes by."""
    rule = {"when": {"prompt_tokens": {"at_least": 20}}, "then": "reasoning"}
    by_length = {"rules": [rule, {"otherwise": "fast"}]}
    bench = Bench(tmp_path, policies={"by-length": by_length}, shadows=["by-length"])
    await bench.handle(*(chat("word " * many) for many in range(1, 40, 3)))
    found = of_log(bench.read(), config(policy=by_length))

    assert {"fast", "reasoning"} == {case.after for case in found.cases}
    assert [line.shadows["by-length"] for line in bench.read().decisions] == [
        case.after for case in found.cases
    ]


async def test_an_experiment_changes_who_judges(tmp_path: Path) -> None:
    """And each line says which arm it was."""
    trial = {"name": "trial", "policy": "shy", "share": 0.5}
    bench = Bench(tmp_path, experiment=trial)
    await bench.handle(*(chat(str(number)) for number in range(20)))
    found = {line.experiment: line.tier for line in bench.read().decisions}

    assert {
        Assignment(name="trial", arm="control", share=0.5): "reasoning",
        Assignment(name="trial", arm="candidate", share=0.5): "fast",
    } == found


async def test_drift_is_counted_where_the_artifact_was_calibrated(tmp_path: Path) -> None:
    """The one that ships was not."""
    artifact = tmp_path / "own.bin"
    budget = Budget(kind="reasoning", amount=0.25)
    artifact.write_bytes(calibration(load(labels_file(tmp_path)), budget, None).artifact)
    counts = []
    for semantic in ({"enabled": True, "artifact": str(artifact)}, {"enabled": True}):
        bench = Bench(tmp_path / "log", signals={"semantic": semantic})
        await bench.handle(chat())
        labels = {"of": "tier", "bin": "reasoning"}
        counts.append(bench.registry.get_sample_value("tiergate_drift_decisions_total", labels))

    assert [1.0, None] == counts


def test_a_config_that_is_refused_changes_no_baseline(tmp_path: Path) -> None:
    """What is in force goes on being compared."""
    artifact = tmp_path / "own.bin"
    budget = Budget(kind="reasoning", amount=0.25)
    artifact.write_bytes(calibration(load(labels_file(tmp_path)), budget, None).artifact)
    signals = {"semantic": {"enabled": True, "artifact": str(artifact)}}
    bench = Bench(tmp_path / "log", signals=signals)
    with pytest.raises(ConfigError):
        bench.services.routing(config(policy={"fixed": "gone"}))
    labels = {"of": "tier", "bin": "reasoning"}

    assert 0.25 == bench.registry.get_sample_value("tiergate_drift_baseline", labels)


async def test_a_failure_is_named_by_its_kind(tmp_path: Path) -> None:
    """Its message may hold a piece of the prompt."""
    line = await logged(tmp_path, chat(), policy={"acme:Broken": None})

    assert ("policy_failed", "RuntimeError") == (line.reason, line.failure)


async def test_no_stage_stands_in_the_way_of_nothing() -> None:
    """Where none of it is turned on, and nothing is written."""
    made = config()
    services = Services(made, RecordingObserver(), registry=CollectorRegistry())
    await services.start()
    services.recorder.completed(record())

    assert [] == list(services.recorder.stages(made))
    await services.stop()


async def test_a_refused_request_has_no_decision(tmp_path: Path) -> None:
    """What Envoy says of it is all there is."""
    bench = Bench(tmp_path)
    await bench.handle(b"{", ended=[record(reason="malformed_request", status=400)])

    assert 1 == bench.text().count("\n")
    assert '"reason":"malformed_request"' in bench.text()
