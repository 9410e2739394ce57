"""Show how a request would be decided: each signal, its share in the score, and the reason.

REQUEST.json holds the body as a client would send it; `-` reads it from standard input.
"""

import argparse
import sys
from pathlib import Path

import msgspec

from extproc.app import routing
from extproc.cli.common import add_config
from extproc.config import load
from extproc.decision import Decision
from extproc.errors import RequestError
from extproc.request import Api


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_config(parser)
    parser.add_argument("request", metavar="REQUEST.json", help="the body, or - for stdin")
    parser.add_argument(
        "--path", choices=[api.value for api in Api], default=Api.CHAT.value, help="the API"
    )
    parser.add_argument("--prefer", metavar="TIER", help="as the header x-tiergate-prefer")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def run(arguments: argparse.Namespace) -> int:
    """0 where the request can be decided, 1 where it would be refused."""
    router = routing(load(arguments.config)).router
    source = arguments.request
    body = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    try:
        decision = router.route(Api(arguments.path), body, prefer=arguments.prefer)
    except RequestError as error:
        where = f" ({error.param})" if error.param else ""
        print(f"refused with {error.status.value}: {error.message}{where}", file=sys.stderr)
        return 1
    print(_as_json(decision) if arguments.json else _as_table(decision))
    return 0


def _as_json(decision: Decision) -> str:
    said = {
        "tier": decision.tier,
        "reason": decision.reason,
        "policy": decision.policy,
        "score": decision.score,
        "coverage": decision.coverage,
        "signals": decision.signals,
        "shares": decision.shares,
        "failure": None if decision.failure is None else repr(decision.failure),
    }
    return msgspec.json.encode(said).decode()


def _as_table(decision: Decision) -> str:
    score = "" if decision.score is None else f", score {decision.score:.3f}"
    lines = [
        f"tier      {decision.tier}",
        f"reason    {decision.reason}{score}",
        f"policy    {decision.policy or '-'}",
        f"coverage  {'-' if decision.coverage is None else f'{decision.coverage:.2f}'}",
    ]
    if decision.failure is not None:
        lines.append(f"failure   {decision.failure!r}")
    if decision.signals:
        lines += ["", f"{'signal':<28}{'value':>10}{'share':>10}"]
    for name, value in sorted(decision.signals.items()):
        share = decision.shares.get(name)
        lines.append(f"{name:<28}{value:>10g}{'' if share is None else f'{share:+.3f}':>10}")
    return "\n".join(line.rstrip() for line in lines)
