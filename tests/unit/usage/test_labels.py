"""So many names, and no more."""

from extproc.usage.labels import OTHER, Bounded


def test_the_first_names_stay() -> None:
    """Whatever comes later, and however often."""
    label = Bounded(2)

    assert ["a", "b", OTHER, "a", OTHER, "b"] == list(map(label, "abcadb"))


def test_nobody_is_not_counted_among_them() -> None:
    """The empty name is one of ours."""
    label = Bounded(1)

    assert ["", "a", ""] == [label(""), label("a"), label("")]
