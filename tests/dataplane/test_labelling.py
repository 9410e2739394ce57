"""`tiergate label` through the real gateway: each tier is asked, and no other answers for it."""

import json
from pathlib import Path

import commands
import gateway as harness
from model_server import model_server


def test_both_tiers_answer_each_prompt(gateway: harness.Gateway, tmp_path: Path) -> None:
    """Whatever the policy would have said; the labels are on the disk."""
    before = {name: len(some[0].seen()) for name, some in gateway.tiers.items()}
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text("".join(f'{{"prompt": "why {number}?"}}\n' for number in range(3)))
    with model_server(lambda _: "[[tie]]") as judge:
        ended = commands.run(
            *("label", "--prompts", prompts, "--output", tmp_path / "own.jsonl"),
            *("--config", gateway.config_file, "--gateway", gateway.url, "--rate", "100"),
            *("--by", "judge", "--judge", f"{judge.url}/v1", "--judge-model", "m", "--yes"),
        )

    assert 0 == ended.status, ended.errors
    assert dict.fromkeys(before, 3) == {
        name: len(some[0].seen()) - before[name] for name, some in gateway.tiers.items()
    }
    lines = (tmp_path / "own.jsonl").read_text().splitlines()
    assert [(1.0, 1.0)] * 3 == [(one["fast"], one["reasoning"]) for one in map(json.loads, lines)]
