"""The section `cache`: which answers may be given again, to whom, and for how long."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

CachedPath = Literal[
    "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"
]
When = Literal["never", "asked", "deterministic", "always"]
Scope = Literal["tenant", "user"]
Seconds = Annotated[float, Meta(ge=1, le=2_592_000)]
_MIB: Final = 1 << 20


class Terms(Struct, frozen=True, kw_only=True):
    """What holds for one request. `when` an answer may be given again: never, where the client asks
    for it by `cache-control: max-age`, also where the request is deterministic, or always. `scope`
    is whom it may be given to: all of the tenant, or the same `user` only. `tools` lets requests
    that offer tools be cached; `similar` lets a question be answered by another one's answer.
    """

    when: When
    ttl_seconds: float
    scope: Scope
    tools: bool
    similar: bool


class CacheRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other terms for these paths and tenants, all where none are named. What is None stays as the
    section has it.
    """

    paths: tuple[CachedPath, ...] = ()
    tenants: tuple[str, ...] = ()
    when: When | None = None
    ttl_seconds: Seconds | None = None
    scope: Scope | None = None
    tools: bool | None = None
    similar: bool | None = None

    def covers(self, path: str, tenant: str) -> bool:
        """Whether it speaks of such a request."""
        return (not self.paths or path in self.paths) and (
            not self.tenants or tenant in self.tenants
        )


class Similarity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers to questions that are asked in other words: at least `threshold` alike, by the cosine
    of their embeddings. A process compares with the last `max_questions` of them.
    """

    threshold: Annotated[float, Meta(gt=0, le=1)] = 0.9
    max_questions: Annotated[int, Meta(ge=1, le=1 << 20)] = 10_000


class Cache(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two tiers of exact answers, in this process and in Redis, and similar ones where `similar` is
    true.

    The first of `rules` that covers a request has its say. A process keeps at most `memory_bytes`;
    an answer over `max_entry_bytes` and the answer to a body over `max_request_bytes` are not kept.
    Whoever asks what another is just being answered waits for that for `wait_seconds`, and then
    asks for itself. Another `revision` makes all that was stored before unknown.
    """

    when: When = "deterministic"
    ttl_seconds: Seconds = 3600.0
    scope: Scope = "tenant"
    tools: bool = False
    similar: bool = False
    rules: tuple[CacheRule, ...] = ()
    similarity: Similarity = Similarity()
    memory_bytes: Annotated[int, Meta(ge=_MIB)] = 64 * _MIB
    max_entry_bytes: Annotated[int, Meta(ge=1024, le=4 * _MIB)] = 256 << 10
    max_request_bytes: Annotated[int, Meta(ge=1024)] = 256 << 10
    wait_seconds: Annotated[float, Meta(ge=0, le=60)] = 10.0
    revision: str = ""

    @property
    def compares(self) -> bool:
        """Whether any question may be answered by another one's answer."""
        return self.similar or any(rule.similar for rule in self.rules)

    def terms(self, path: str, tenant: str) -> Terms:
        """The terms for a request of `tenant` to `path`."""
        rule = next((rule for rule in self.rules if rule.covers(path, tenant)), CacheRule())
        return Terms(
            when=self.when if rule.when is None else rule.when,
            ttl_seconds=self.ttl_seconds if rule.ttl_seconds is None else rule.ttl_seconds,
            scope=self.scope if rule.scope is None else rule.scope,
            tools=self.tools if rule.tools is None else rule.tools,
            similar=self.similar if rule.similar is None else rule.similar,
        )
