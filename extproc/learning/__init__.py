"""What can be learned from live traffic: candidates that decide without effect or for some, and
whether traffic is still what a threshold was chosen for.

    shadows       policies that decide on live traffic without effect
    experiment    a share of sessions gets another policy
    drift         traffic against what the calibration saw
    recorder      all of it, and the decision log, after the answer has been given
"""

from extproc.learning.recorder import Recorder

__all__ = ["Recorder"]
