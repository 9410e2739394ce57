"""Affinity's part of a request: who is it, where was it, and where it is now."""

from collections.abc import Sequence

from msgspec.structs import replace
from typing_extensions import override

from extproc.affinity.following import Following
from extproc.affinity.remembering import RECALL, recall, remember, remembered
from extproc.affinity.session import Session, identify, response_key
from extproc.config import Affinity
from extproc.context import Remembered
from extproc.decision import Reason
from extproc.exchange import Exchange
from extproc.headers import AFFINITY
from extproc.request import Api
from extproc.stages import Effect, Stage
from extproc.state import Call, Result, Store


class AffinityStage(Stage):
    """Asks where a conversation was and remembers where it goes.

    This process remembers too, so that its conversations stay where they are when Redis goes; of
    two memories the younger counts.
    """

    def __init__(self, settings: Affinity, store: Store) -> None:
        self._settings = settings
        self._store = store
        self.watches = settings.responses
        if settings.header is not None:
            self.headers = frozenset({settings.header})

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """One look for each key that may know the conversation."""
        request, header = exchange.request, self._settings.header
        if request is None:
            return ()
        session = identify(
            request,
            named=exchange.headers.get(header) if header is not None else None,
            tenant=exchange.context.tenant,
        )
        exchange.notes[AffinityStage] = session
        return self._looks(session) if session is not None else ()

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """Take what is known, and name the conversation to the load balancer of its tier."""
        session: Session | None = exchange.notes.get(AffinityStage)
        if session is None:
            return None
        pod, held = session.pod, None
        known = self._known(session, results)
        if known is not None:
            held, pod = replace(known[0], bound=session.bound), known[1]
        exchange.context = replace(exchange.context, session=pod, remembered=held)
        exchange.upstream[AFFINITY] = pod
        return None

    @override
    def decided(self, exchange: Exchange) -> None:
        """Remember the tier. A client that names a model says who answers this one request: that
        moves nothing that was remembered before.
        """
        decision, context = exchange.decision, exchange.context
        session: Session | None = exchange.notes.get(AffinityStage)
        if decision is None or session is None:
            return
        tier = decision.tier
        if decision.reason is Reason.REQUESTED_MODEL and context.remembered is not None:
            tier = context.remembered.tier
        self._keep(session.key, tier, context.session)
        if self.watches and exchange.api is Api.RESPONSES:
            self._follow(exchange)

    def _follow(self, exchange: Exchange) -> None:
        """The next turn may name this one's response."""
        tenant, pod = exchange.context.tenant, exchange.context.session

        def learn(response: str, tier: str) -> None:
            self._keep(response_key(tenant, response), tier, pod)

        exchange.watchers.append(Following(learn))

    def _looks(self, session: Session) -> list[Call]:
        return [recall(key, self._settings.ttl_seconds) for key in session.keys]

    def _known(self, session: Session, results: Sequence[Result]) -> tuple[Remembered, str] | None:
        """What the first key that is known at all leads to: of the shared memory and this
        process's own the younger.
        """
        for call, result in zip(self._looks(session), results, strict=True):
            own = RECALL.local(self._store.memory, call.keys, call.args)
            found = [known for known in map(remembered, (result, own)) if known is not None]
            if found:
                return min(found, key=lambda known: known[0].idle)
        return None

    def _keep(self, key: str, tier: str, pod: str) -> None:
        call = remember(key, tier, pod, self._settings.ttl_seconds)
        call.operation.local(self._store.memory, call.keys, call.args)
        self._store.post([call])
