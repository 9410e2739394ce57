"""The expressions that panels are made of, in the words of PromQL."""

from typing import Final

from panels import Query

NAMESPACE: Final = 'namespace=~"$namespace"'
_RATE: Final = "[$__rate_interval]"
HOURLY: Final = " * 3600 / 1e6"
"""From micro-dollars a second to dollars an hour."""


def chosen(metric: str, more: str = "") -> str:
    """The series of the chosen namespace, narrowed by more matchers."""
    return f"{metric}{{{', '.join(filter(None, (NAMESPACE, more)))}}}"


def rate(metric: str, by: str = "", more: str = "") -> str:
    """The speed at which a counter grows, added up by those labels."""
    group = f" by ({by})" if by else ""
    return f"sum{group} (rate({chosen(metric, more)}{_RATE}))"


def ratio(metric: str, part: str) -> str:
    """The part of a counter's growth that matches; 0 where nothing does."""
    return f"({rate(metric, more=part)} or vector(0)) / {rate(metric)}"


def quantile(share: float, metric: str, by: str = "") -> str:
    """A quantile of a histogram's recent observations."""
    buckets = rate(f"{metric}_bucket", ", ".join(filter(None, ("le", by))))
    return f"histogram_quantile({share}, {buckets})"


def quantiles(metric: str, by: str = "") -> tuple[Query, ...]:
    """Half, 95 and 99 in 100."""
    name = f"{{{{{by}}}}} " if by else ""
    return tuple(
        Query(expr=quantile(share, metric, by), legend=f"{name}p{share * 100:g}")
        for share in (0.5, 0.95, 0.99)
    )


def highest(metric: str, by: str, more: str = "") -> str:
    """A gauge's highest value, by those labels."""
    return f"max by ({by}) ({chosen(metric, more)})"


def total(metric: str, by: str) -> str:
    """A gauge's values added up, by those labels."""
    return f"sum by ({by}) ({chosen(metric)})"
