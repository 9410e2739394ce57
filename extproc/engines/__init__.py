"""What `tiergate up` can start as a tier."""
