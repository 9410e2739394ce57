"""`python -m extproc.engines.sim`: a simulated replica by itself."""

import argparse
import asyncio
import sys

from extproc.engines.sim import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m extproc.engines.sim", description="A simulated vLLM replica."
    )
    main.add_arguments(parser)
    sys.exit(asyncio.run(main.run(parser.parse_args())))
