"""Who says how good a pair of answers is."""

from extproc.labelling.graders.exact import Exact
from extproc.labelling.graders.hand import Hand
from extproc.labelling.graders.judge import Judge
from extproc.labelling.graders.verdict import Grader, Grades, Verdict

__all__ = ["Exact", "Grader", "Grades", "Hand", "Judge", "Verdict"]
