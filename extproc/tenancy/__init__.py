"""Tenants: who asks, what they may have, and how much of it."""

from extproc.tenancy.service import Tenancy

__all__ = ["Tenancy"]
