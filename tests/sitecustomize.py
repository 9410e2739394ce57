"""A router whose wall clock a test can set: Python reads this before anything else.

`TIERGATE_TEST_CLOCK` names a file that holds the seconds by which the clock is wrong.
"""

import os
import time
from pathlib import Path

FILE = os.environ.get("TIERGATE_TEST_CLOCK")

if FILE is not None:
    _true, _file = time.time, Path(FILE)

    def _wrong() -> float:
        return _true() + float(_file.read_text() or 0)

    time.time = _wrong
