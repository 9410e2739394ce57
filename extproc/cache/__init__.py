"""Answers that are given again, in this process and in Redis, and never to another tenant."""

from extproc.cache.concern import AnswerCache

__all__ = ["AnswerCache"]
