"""Conversations stay where they are warm: on their tier, and on the replica with their prefix."""

from extproc.affinity.concern import Affinity
from extproc.affinity.session import Session, identify

__all__ = ["Affinity", "Session", "identify"]
