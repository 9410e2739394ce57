"""Write the dashboards as Grafana reads them: `python helm/dashboards/generate.py`."""

import sys
from pathlib import Path
from typing import Final

from boards_around import GPU, OBJECTIVES, TENANTS, WARMTH
from boards_serving import OVERVIEW, ROUTING, TIERS
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from panels import Board, built

OUT: Final = Path(__file__).parents[1] / "tiergate" / "files" / "dashboards"
BOARDS: Final = (OVERVIEW, ROUTING, TIERS, GPU, TENANTS, WARMTH, OBJECTIVES)


def text(board: Board) -> str:
    """The dashboard's file."""
    return JSONEncoder(sort_keys=True, indent=2).encode(built(board)) + "\n"


def main(out: Path = OUT) -> int:
    """Write one file for each dashboard; 0."""
    out.mkdir(parents=True, exist_ok=True)
    for board in BOARDS:
        (out / f"{board.uid}.json").write_text(text(board))
    return 0


if __name__ == "__main__":
    sys.exit(main())
