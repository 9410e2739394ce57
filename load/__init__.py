"""What loads a gateway: a benchmark beside its peers, users for Locust, and a capacity planner."""
