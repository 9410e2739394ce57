"""Everybody who can be compared, by name."""

from collections.abc import Mapping
from typing import Final

from load.bench import configs
from load.bench.configs import Edit
from load.bench.peers import FastApi, LiteLlm, RustRouter
from load.bench.subjects import Answers, EnvoyAlone, Subject, Tiergate

REFERENCE: Final = "envoy"
"""What everything else is a multiple of."""


def _tiergate(transport: str) -> dict[str, Subject]:
    """One transport with each policy."""
    fixed = Tiergate(transport=transport, sections=configs.FIXED, answers=Answers.REASONING)
    return {
        f"tiergate-{transport}-fixed": fixed,
        f"tiergate-{transport}-default": Tiergate(transport=transport, sections=configs.DEFAULT),
        f"tiergate-{transport}-semantic": Tiergate(transport=transport, sections=configs.SEMANTIC),
        f"tiergate-{transport}-tenants": Tiergate(transport=transport, sections=configs.TENANTS),
    }


COMPARED: Final[Mapping[str, Subject]] = {
    REFERENCE: EnvoyAlone(edit=configs.without_router),
    "envoy-bare": EnvoyAlone(edit=configs.bare),
    **_tiergate("native"),
    **_tiergate("grpc"),
    "vllm-router": RustRouter(command=("vllm-router", "--log-level", "warning")),
    "sglang-router": RustRouter(command=("sglang-router", "launch", "--log-level", "warn")),
    "fastapi-aiohttp": FastApi(client="aiohttp"),
    "fastapi-httpx": FastApi(client="httpx"),
    "litellm": LiteLlm(),
}
"""What a full run compares."""


def _changed(edit: Edit | None = None, *, unix: bool = False) -> Subject:
    """`tiergate-native-fixed` with another Envoy config."""
    return Tiergate(
        transport="native",
        sections=configs.FIXED,
        answers=Answers.REASONING,
        edit=edit,
        unix=unix,
    )


LEVERS: Final[Mapping[str, Subject]] = {
    **{f"without-{name}": _changed(edit) for name, edit in configs.LEVERS.items()},
    "without-all": _changed(configs.WITHOUT_ALL),
    "without-all-unix-socket": _changed(configs.WITHOUT_ALL, unix=True),
    "with-large-log-batches": _changed(configs.with_large_log_batches),
    "with-unix-socket": _changed(unix=True),
}
"""`tiergate-native-fixed` with one part of the Envoy config changed each: what that part costs."""
SUBJECTS: Final[Mapping[str, Subject]] = {**COMPARED, **LEVERS}
"""What can be asked for by name."""
