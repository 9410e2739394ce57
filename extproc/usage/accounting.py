"""Usage as a concern of the process: each completed request is priced, counted and kept."""

from collections.abc import Sequence
from pathlib import Path

import structlog
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from extproc.config import Config
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.telemetry import Completed
from extproc.usage.entry import Accountant, Entry, tier_of
from extproc.usage.estimate import Estimator
from extproc.usage.labels import Bounded
from extproc.usage.ledger import Ledger, LedgerError
from extproc.usage.metrics import UsageMetrics
from extproc.usage.prices import Book
from extproc.usage.sqlite import SqliteLedger
from extproc.usage.watcher import UsageStage
from extproc.usage.writer import Writer


def ledger_of(config: Config) -> Ledger | None:
    """The ledger that the config names: in Redis where there is one, else a file, else none."""
    usage, redis = config.usage, config.state.redis
    if redis is not None:
        from extproc.usage.redis import RedisLedger  # noqa: PLC0415 - 10 MB for those who need it

        return RedisLedger(
            redis, replay_seconds=usage.replay_seconds, retention_days=usage.retention_days
        )
    if usage.ledger is not None:
        return SqliteLedger(Path(usage.ledger), replay_seconds=usage.replay_seconds)
    return None


class Accounting:
    """Metrics of usage go to `registry`."""

    def __init__(self, config: Config, registry: CollectorRegistry) -> None:
        self._log = structlog.get_logger().bind()
        self._metrics = UsageMetrics(registry, Bounded(config.usage.metric_tenants))
        self._estimator = Estimator()
        self._accountant = self._accounting(config)
        self._writer: Writer | None = None
        self._keeps = False
        ledger = ledger_of(config)
        if ledger is not None:
            self._writer = Writer(
                ledger,
                self,
                max_pending=config.usage.max_pending,
                retention_days=config.usage.retention_days,
            )

    def account(self, record: Completed) -> Completed:
        """The record with its cost, or an estimate; it is counted, and soon in the ledger."""
        cost = self._accountant.book.cost(tier_of(record), record.tokens)
        entry = self._accountant.entry(record, cost)
        self._metrics.counted(record, entry)
        if self._writer is not None:
            self._keep(entry, self._writer)
        estimated = entry.amounts.get("estimated_cost", 0)
        return replace(record, cost_microdollars=cost, estimated_microdollars=estimated)

    def reprice(self, config: Config) -> None:
        """From now on, this config's prices."""
        self._accountant = self._accounting(config)

    async def start(self) -> None:
        """Begin to write."""
        if self._writer is not None:
            self._writer.start()

    async def stop(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            await self._writer.stop()

    def stages(self, config: Config) -> Sequence[Stage]:
        """Where Envoy does not read usage, who does."""
        return (UsageStage(),) if config.usage.source == "processor" else ()

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """None: what a request costs changes nothing of where it goes."""
        del config
        return ()

    def kept(self, *, written: int, replayed: int) -> None:
        """As the metrics."""
        self._metrics.kept(written=written, replayed=replayed)

    def ledger_failed(self, error: LedgerError) -> None:
        """As the metrics, and a line each time: there are seconds between two."""
        self._log.error("ledger_failed", kind=error.kind, error=str(error))
        self._metrics.ledger_failed(error)

    def lost(self, entries: int) -> None:
        """As the metrics, and a line: at its end nobody asks a process for its metrics any more."""
        self._log.error("ledger_lost", records=entries)
        self._metrics.lost(entries)

    def _keep(self, entry: Entry, writer: Writer) -> None:
        if not self._keeps:
            self._keeps = True
            self._metrics.watch(lambda: writer.pending)
        writer.add(entry)

    def _accounting(self, config: Config) -> Accountant:
        models = {tier.name: tier.model for tier in config.tiers}
        return Accountant(Book(config.prices), models, self._estimator)
