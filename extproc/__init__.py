"""Tiergate: an Envoy external processor that decides which tier of language models answers."""

__version__ = "0.1.0"
