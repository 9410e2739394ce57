"""What is known of the tiers' live load, and what it changes of decisions."""

from extproc.fleet.fleet import Fleet

__all__ = ["Fleet"]
