"""Spans and metrics for OpenTelemetry, made of the access log: no request waits for them."""
