"""Which of a client's headers the router reads for this config, besides those it always does."""

from extproc.config.document import Config


def read_headers(config: Config) -> tuple[str, ...]:
    """Lower-case names, each once; Envoy shows the router these headers and no others."""
    affinity = config.affinity
    return (affinity.header,) if affinity is not None and affinity.header is not None else ()
