"""The shape of the config document: one frozen struct a section, every default stated here."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from extproc.config.affinity import Affinity
from extproc.config.cache import Cache
from extproc.config.console import Console
from extproc.config.fleet import Fleet
from extproc.config.prices import Price
from extproc.config.telemetry import Telemetry
from extproc.config.tenants import Tenants
from extproc.config.usage import Usage
from extproc.config.vllm import Vllm

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""A tier's name: also a header's value, a metric's label and part of a cluster's name."""
_HOST_PORT = r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):[0-9]{1,5}"
Address = Annotated[str, Meta(pattern=f"^{_HOST_PORT}$")]
"""`host:port`; an IPv6 host stands in brackets. Port 0 asks the system for a free one."""
Socket = Annotated[str, Meta(pattern=rf"^(unix:/[^\x00]{{1,90}}|{_HOST_PORT})$")]
"""An `Address`, or `unix:` and the absolute path of a socket."""
Seconds = Annotated[float, Meta(gt=0)]
Text = Annotated[str, Meta(min_length=1)]


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The router: where it listens, and what bounds it.

    `transport` is what carries decisions on `listen`: Tiergate's own server, with health and the
    access log on `services`, or grpc's, which serves these on `listen` too. With more than one of
    `workers`, each is a process with an endpoint of its own: `listen` and every tenth port above
    it, or its path with a number. `deadline_seconds` is the router's own limit for one decision;
    `drain_seconds` is how long it keeps serving after SIGTERM while its health already says
    NOT_SERVING.
    """

    listen: Socket = "127.0.0.1:9002"
    services: Address = "127.0.0.1:9004"
    transport: Literal["native", "grpc"] = "native"
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    admin: Address = "127.0.0.1:9003"
    max_body_bytes: Annotated[int, Meta(ge=1024, le=1 << 28)] = 8 << 20
    deadline_seconds: Seconds = 0.25
    drain_seconds: Annotated[float, Meta(ge=0)] = 5.0


class Gateway(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Envoy's share: its address, how long it waits for a decision, and its bounds.

    `idle_seconds` ends a response that has sent nothing for so long; a stream that keeps sending
    has no other limit.
    """

    listen: Address = "127.0.0.1:8080"
    message_timeout_seconds: Seconds = 0.5
    connect_timeout_seconds: Seconds = 1.0
    idle_seconds: Seconds = 600.0
    max_connections: Annotated[int, Meta(ge=1)] = 10_000


class Models(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The names that clients use: every alias lets Tiergate decide."""

    aliases: Annotated[tuple[Text, ...], Meta(min_length=1)] = ("auto",)


class Tier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tier: the same model on one or more replicas.

    `model` is the name that vLLM serves and that a client may pin; `endpoints` are its replicas.
    A tier that does not serve the aliases gets the `model` field of each body rewritten, and no
    other tier can stand in for it. `chat_template_kwargs` is merged into each conversation, which
    is how a thinking model is switched on or off. `weights` is what vLLM loads, a folder or a
    hub's id, where that is not `model`; `vllm` is how. `profile` names the simulator's timing.

    Tiers with the same endpoints are one model behind several names: they differ in
    `chat_template_kwargs` and in nothing that the server itself is started with.
    """

    name: Name
    model: Text
    endpoints: Annotated[tuple[Address, ...], Meta(min_length=1)]
    serves_aliases: bool = True
    chat_template_kwargs: Mapping[str, bool | int | float | str] = {}
    max_model_len: Annotated[int, Meta(ge=1)] = 32_768
    weights: Text | None = None
    vllm: Vllm = Vllm()
    profile: str = "instant"


class Semantic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signals `difficulty` and `domain.<name>`, which need NumPy and some 30 MB of memory.

    `artifact` is a file that `tiergate calibrate` made, in place of the one that ships.
    """

    enabled: bool = False
    artifact: Text | None = None


class Signals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked at: how much text, and the operator's own word lists.

    At most `read_chars` characters of a conversation are searched, half from its head and half
    from its tail. Each list of `keywords` becomes the signal `keywords.<name>`.
    """

    read_chars: Annotated[int, Meta(ge=256, le=1 << 20)] = 16_384
    keywords: Mapping[Name, Annotated[tuple[Text, ...], Meta(min_length=1)]] = {}
    semantic: Semantic = Semantic()


class RedisServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where replicas keep what they share.

    `url` is `redis://host:port/0`, or `rediss://` for TLS, without a password: that comes from the
    environment variable `password_env`. Past `deadline_seconds` a request goes on without Redis,
    and for as long as Redis is away each replica grants `local_share` of every limit by itself.
    Every key begins with `prefix`.
    """

    url: Annotated[str, Meta(pattern=r"^(rediss?://[^@/\s]+(/[0-9]+)?|unix:///\S+)$")]
    username: Text | None = None
    password_env: Text = "REDIS_PASSWORD"  # noqa: S105 - the variable's name
    deadline_seconds: Annotated[float, Meta(gt=0, le=1)] = 0.01
    local_share: Annotated[float, Meta(gt=0, le=1)] = 0.5
    prefix: str = "tiergate:"


class State(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What outlives a request: shared through `redis`, or kept in each process without it.

    A process keeps at most `max_entries` of it, and as many of what tenants may have.
    """

    redis: RedisServer | None = None
    max_entries: Annotated[int, Meta(ge=100)] = 100_000


class DecisionLog(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where decisions and their outcomes are written, as JSON lines; `extproc/decisionlog/lines.py`
    is the schema.

    Each process keeps at most `files` files of `max_bytes`. `sample` is the share of requests that
    is written, `prompts` whether their text is.
    """

    folder: Text
    max_bytes: Annotated[int, Meta(ge=4096)] = 64 << 20
    files: Annotated[int, Meta(ge=1, le=100)] = 4
    sample: Annotated[float, Meta(gt=0, le=1)] = 1.0
    prompts: bool = False


class Experiment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share of sessions that is judged by one of `policies` in place of the common one.

    Another `seed` draws other sessions.
    """

    name: Name
    policy: Name
    share: Annotated[float, Meta(gt=0, lt=1)]
    seed: int = 0


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document. `tiers` stand in order of cost, the cheapest first.

    `policy` is one mapping of a policy's name to its parameters, which the policy itself checks;
    `policies` are others like it under names of their own, of which `shadows` decide without
    effect.
    """

    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1)]
    default_tier: Name
    policy: Mapping[str, Any]
    policies: Mapping[Name, Mapping[str, Any]] = {}
    server: Server = Server()
    gateway: Gateway = Gateway()
    models: Models = Models()
    signals: Signals = Signals()
    state: State = State()
    console: Console = Console()
    telemetry: Telemetry = Telemetry()
    fleet: Fleet | None = None
    prices: Mapping[Name, Price] = {}
    usage: Usage = Usage()
    tenants: Tenants | None = None
    shadows: tuple[Name, ...] = ()
    experiment: Experiment | None = None
    decision_log: DecisionLog | None = None
    affinity: Affinity | None = None
    cache: Cache | None = None

    def tier(self, name: str) -> Tier:
        """The tier of that name; KeyError where there is none."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        raise KeyError(name)
