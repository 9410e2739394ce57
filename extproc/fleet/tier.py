"""What is known of one tier: the load of its replicas, and how long a first token takes."""

from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from extproc.config.fleet import Limits
from extproc.fleet.exposition import Reading
from extproc.fleet.rates import Rates, Ratio, grown
from extproc.fleet.replica import Replica


class TierLoad:
    """The live load of one tier, as one of `workers` processes sees it that share its requests.

    A scrape is believed for `stale` seconds. `started`, `prompt` and `generated` count requests and
    tokens of all replicas from the second scrape of each on. `expected` and `observed` are the mean
    seconds to a first token: what was said when requests were sent, and what vLLM measured.
    """

    def __init__(
        self, *, stale: float, workers: int = 1, clock: Callable[[], float] = monotonic
    ) -> None:
        self.replicas: dict[str, Replica] = {}
        self.rates = Rates()
        self.started = 0.0
        self.prompt = 0.0
        self.generated = 0.0
        self.expected = Ratio()
        self.observed = Ratio()
        self._stale = stale
        self._workers = workers
        self._clock = clock
        self._sent = 0
        self._sent_at = self._learnt_at = clock()

    def place(self, addresses: Iterable[str]) -> None:
        """These are its replicas now; what is known of those that stay is kept."""
        self.replicas = {address: self.replicas.get(address) or Replica() for address in addresses}

    def read(self, address: str, reading: Reading) -> None:
        """A scrape of one replica, unless it has left meanwhile."""
        replica = self.replicas.get(address)
        if replica is None:
            return
        now = self._clock()
        if replica.reading is not None:
            self._learn(replica, replica.reading, reading, now - replica.read_at)
        replica.reading, replica.read_at, replica.sent = reading, now, self._sent
        replica.gone = False

    def missed(self, address: str, *, gone: bool) -> None:
        """A scrape that failed; `gone` where nobody listens there."""
        replica = self.replicas.get(address)
        if replica is not None:
            replica.gone = gone

    def sent(self, tokens: float) -> None:
        """A request of so many tokens goes there."""
        seconds, now = self.first_token(tokens), self._clock()
        if seconds is not None:
            self.expected.add(seconds, 1, seconds=now - self._sent_at)
            self._sent_at = now
        self._sent += 1

    @property
    def there(self) -> Sequence[Replica]:
        """The replicas that are not gone."""
        return [replica for replica in self.replicas.values() if not replica.gone]

    @property
    def known(self) -> bool:
        """Whether there are replicas, and all that is said of them rests on fresh scrapes."""
        there = self.there
        return bool(there) and all(map(self._fresh, there))

    def saturation(self, limits: Limits) -> float:
        """The mean over its replicas: one that is stale counts as full, one that is gone not at
        all. Without any replica it is full.
        """
        there = self.there
        if not there:
            return 1.0
        return sum(
            replica.saturation(limits, self._backlog(replica, len(there)))
            if self._fresh(replica)
            else 1.0
            for replica in there
        ) / len(there)

    def backlog(self) -> float:
        """The mean number of requests that wait at a replica."""
        there = self.there
        if not there:
            return 0.0
        return sum(self._backlog(replica, len(there)) for replica in there) / len(there)

    def first_token(self, tokens: float) -> float | None:
        """Seconds until a prompt of so many tokens gets its first; None where nothing is known."""
        return self.rates.first_token(waiting=self.backlog(), tokens=tokens)

    def _fresh(self, replica: Replica) -> bool:
        return self._clock() - replica.read_at <= self._stale

    def _backlog(self, replica: Replica, replicas: int) -> float:
        return replica.backlog(
            sent=(self._sent - replica.sent) * self._workers / replicas,
            done=(self.rates.starts or 0.0) * (self._clock() - replica.read_at),
        )

    def _learn(self, replica: Replica, before: Reading, now: Reading, seconds: float) -> None:
        since, self._learnt_at = self._clock() - self._learnt_at, self._clock()
        self.rates.learn(before, now, seconds, since=since)
        begun = grown(before.started, now.started)
        self.observed.add(grown(before.start_seconds, now.start_seconds), begun, seconds=since)
        replica.refusing = grown(before.rejected, now.rejected) > 0
        self.started += begun
        self.prompt += grown(before.prompt, now.prompt)
        self.generated += grown(before.generated, now.generated)
