"""The simulator as an engine; as a process it is tested by `tiergate up`."""

from builders import FAST_MODEL, config, tiers

from extproc.config import servers
from extproc.stack.engines import Simulator


def test_a_simulator_is_started_as_a_real_tier_is() -> None:
    """Under every name, with the tier's context, and telling the usage of each stream."""
    fast, _ = servers(config())
    said = Simulator().launch(fast, "127.0.0.1:8001")
    words = said.argv[said.argv.index("extproc.engines.sim") + 1 :]

    assert (
        "--served-model-name", FAST_MODEL, "auto", "--profile", "instant",
        "--port", "0", "--max-model-len", "32768", "--enable-force-include-usage",
    ) == words  # fmt: skip
    assert (f"{FAST_MODEL}, simulated", True) == (said.what, said.announces)


def test_tiers_that_share_a_server_share_a_simulator() -> None:
    """It answers to both names."""
    shared = tiers(endpoints=["127.0.0.1:8001"], weights=FAST_MODEL)
    (server,) = servers(config(tiers=shared))

    argv = Simulator().launch(server, "127.0.0.1:8001").argv

    assert set(server.names) <= set(argv)
