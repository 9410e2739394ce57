"""The benchmark: `python -m load.bench`. Envoy alone, Tiergate and its peers, in one run."""
