"""The decision log of the real gateway: what each process writes belongs together."""

from pathlib import Path
from typing import Any

import calls
import gateway as harness
from builders import chat
from processes import until

from extproc.decisionlog.reading import Read, read
from extproc.errors import ConfigError

TEXT = "a word that nobody else says"


def _logged(folder: Path) -> Read | None:
    try:
        return read([folder])
    except ConfigError:
        return None


def test_decisions_and_outcomes_of_all_workers_join(tmp_path: Path) -> None:
    """Two workers decide, the router's own process hears from Envoy; the text is nowhere, and
    metrics of shadows add up.
    """
    log = tmp_path / "log"
    log.mkdir()
    sections: dict[str, Any] = {
        "server": {**harness.IMPATIENT, "workers": 2, "deadline_seconds": 5},
        "gateway": {"message_timeout_seconds": 10},
        "decision_log": {"folder": str(log)},
        "policies": {"bold": {"fixed": "reasoning"}},
        "shadows": ["bold"],
        "experiment": {"name": "trial", "policy": "bold", "share": 0.5},
    }
    with harness.running(tmp_path, policy={"fixed": "fast"}, **sections) as gateway:
        for number in range(12):
            assert 200 == calls.send(gateway, chat(f"{TEXT} {number}")).status

        def joined() -> bool:
            found = _logged(log)
            return found is not None and 12 == len(
                {line.request_id for line in found.decisions} & set(found.outcomes)
            )

        until(joined, what="twelve decisions with outcomes")
        shadowed = gateway.metric("tiergate_shadow_decisions_total", policy="bold")
    found = read([log])

    assert 12.0 == shadowed
    assert {"fast", "reasoning"} == {line.tier for line in found.decisions}
    assert {"reasoning"} == {line.shadows["bold"] for line in found.decisions}
    assert all(
        line.tier == ("reasoning" if line.experiment.arm == "candidate" else "fast")
        for line in found.decisions
        if line.experiment is not None
    )
    assert TEXT not in "".join(path.read_text() for path in log.iterdir())
