"""The capacity planner: `python -m load.plan`. The simulated vLLM's scheduler in virtual time."""
