"""A module that cannot be imported."""

NEVER = 1 // 0
