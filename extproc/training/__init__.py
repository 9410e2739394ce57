"""Offline: makes what `extproc.signals.semantic` reads, and measures it.

No module that serves imports this package; it may use libraries that serving must do without.
"""
