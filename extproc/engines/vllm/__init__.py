"""A real vLLM as a tier: its command line, its own environment, and a small model for it.

What is derived here from the config document holds for `tiergate up`, for Helm and for the docs
alike. The package knows nothing of Envoy or of the router.
"""
