"""The chart renders for every feature and version, and what it renders is what it should be."""

from pathlib import Path

import pytest
from charts import CHART, EVERY, VERSIONS, document, helm, rendered

from extproc.config import decode


def test_helm_has_nothing_against_the_chart() -> None:
    """Not even a warning."""
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_every_case_renders_the_router(values: Path, version: str) -> None:
    """With its config document, which the router itself takes."""
    config = decode(document(rendered(values, version=version)))

    assert config.default_tier == config.tiers[0].name
