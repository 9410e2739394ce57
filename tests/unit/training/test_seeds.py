"""Hand-written prompts."""

from extproc.training.seeds import PROMPTS, rows


def test_every_prompt_is_a_row_of_its_domain() -> None:
    """Each domain a family of its own, so that leaving out others keeps them."""
    found = rows()

    assert sum(map(len, PROMPTS.values())) == len(found)
    assert all(f"seed-{row.domain}" == row.family == row.benchmark for row in found)


def test_only_domains_without_labels_have_an_assumed_error() -> None:
    """All else is measured."""
    assert {"chat", "writing"} == {row.domain for row in rows() if row.error is not None}


def test_no_prompt_stands_twice() -> None:
    """It would weigh double."""
    prompts = [row.prompt for row in rows()]

    assert len(prompts) == len(set(prompts))
