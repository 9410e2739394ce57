"""Peers that have no package of their own: what a team would write first."""
