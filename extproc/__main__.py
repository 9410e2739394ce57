"""`tiergate` and `python -m extproc`."""

import sys

from extproc.cli import run


def main() -> None:
    """Run the command line; the process ends with its status."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
