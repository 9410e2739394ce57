"""What requests used, what that cost, and where it is kept."""

from extproc.usage.accounting import Accounting

__all__ = ["Accounting"]
