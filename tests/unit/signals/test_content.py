"""Code, mathematics and keywords in a text."""

import time
from random import Random

import pytest
from builders import request

from extproc.errors import ConfigError
from extproc.signals.content import Content

CODE = {
    "request": "Please write a Python function that sorts",
    "fence": "```\nls\n```",
    "python": "def area(r): return r",
    "rust": "fn main() { }",
    "java": "public void run(String a)",
    "c": "#include <stdio.h>",
    "import": "here it is:\nfrom os import path\n",
    "sql": "SELECT name FROM users WHERE id = 1",
    "traceback": "Traceback (most recent call last):",
    "braces": "int i = 0;\n}",
}
MATHEMATICS = {
    "latex": r"\frac{1}{2}",
    "dollars": "show that $a_1 + a_2 = b$",
    "arithmetic": "what is 12 * 7?",
    "times": "what is 12 \N{MULTIPLICATION SIGN} 7?",
    "equation": "solve x = 2y",
    "power": "plot x^2",
    "word": "the eigenvalue of it",
    "chain": "2+2=4",
    "coefficient": "solve 3x^2 - 12x + 9 = 0",
    "counting": "Tom has 5 apples and eats 2. How many are left?",
    "integral": "find the integral",
}
PROSE = {
    "greeting": "Hello, how are you today?",
    "select": "Please select a gift from the list.",
    "import": "The import of oil fell last year.",
    "money": "It costs $5, or $10 for two.",
    "class": "The class of 1999 meets on Friday.",
    "function": "What is the function of the liver?",
    "translation": "Translate 'good morning' into French.",
    "range": "Open from May-June; closed in winter.",
    "date": "The deadline is 2026-05-01, not 12/05.",
    "address": "See https://example.com/search?q=cats&n=2 for it.",
    "integral": "It is an integral part of the plan.",
    "how-many": "How many metres are in a kilometre?",
    "small-sum": "1 + 1",
    "repair": "Fix me a drink.",
}


def found(text: str, **keywords: list[str]) -> set[str]:
    """The names that have the value 1."""
    return {name for name, value in Content(keywords)(request(), text).items() if value == 1.0}


@pytest.mark.parametrize("text", CODE.values(), ids=CODE)
def test_code_is_seen(text: str) -> None:
    """Each notation of code by itself is enough."""
    assert "code" in found(text)


@pytest.mark.parametrize("text", MATHEMATICS.values(), ids=MATHEMATICS)
def test_mathematics_is_seen(text: str) -> None:
    """Each notation of mathematics by itself is enough."""
    assert "mathematics" in found(text)


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_prose_is_neither(text: str) -> None:
    """Everyday words that code and mathematics use too are not taken for them."""
    assert set() == found(text)


def test_every_name_has_a_value() -> None:
    """What was searched for and not found is 0, in an empty text too."""
    content = Content({"mine": ["word"]})

    assert ("code", "mathematics", "keywords.mine") == content.names
    assert dict.fromkeys(content.names, 0.0) == content(request(), "")


@pytest.mark.parametrize(
    ("word", "text", "seen"),
    [
        ("prove", "Prove it.", True),
        ("prove", "That disproves it.", False),
        ("prove", "proven", False),
        ("step by step", "go STEP BY STEP now", True),
        ("c++", "in C++, please", True),
        ("c++", "in c+", False),
        (".net", "on .NET today", True),
        ("a.b", "axb", False),
        ("证明", "请证明这一点", True),
    ],
    ids=["case", "tail", "head", "phrase", "symbols", "literal", "dot", "no-regex", "chinese"],
)
def test_a_keyword_matches_as_a_word(word: str, text: str, seen: bool) -> None:
    """Any case, literally, and not inside of another word; scripts without spaces have no words."""
    assert ({"keywords.mine"} if seen else set()) == found(text, mine=[word])


def test_each_list_has_a_signal_of_its_own() -> None:
    """One word of a list is enough, and lists do not mix."""
    lists = {"a": ["one", "two"], "b": ["three"]}

    assert {"keywords.a"} == found("only two", **lists)
    assert {"keywords.a", "keywords.b"} == found("one and three", **lists)


WANDERING = {
    "digits": "0123456789 abcdef.,",
    "dollars": "$a=1 _^",
    "query": ["select ", "from ", "where ", "x ", "1 "],
    "request": ["write ", "fix ", "function ", "implement ", "a ", "2 + "],
}


@pytest.mark.parametrize("pieces", WANDERING.values(), ids=WANDERING)
def test_no_text_takes_long_to_search(pieces: str | list[str]) -> None:
    """A text that almost matches everywhere, the first of its kind, holds up no other stream."""
    content, random = Content({}), Random(1)
    text = "".join(random.choice(pieces) for _ in range(16_384))

    started = time.process_time()
    content(request(), text)

    assert time.process_time() - started < 0.1


def test_word_lists_that_outgrow_the_automaton_are_refused() -> None:
    """The engine would give up without a word, and no keyword would ever match."""
    with pytest.raises(ConfigError, match="too large") as caught:
        Content({"huge": [f"{number:x}word{number * 7919:x}" for number in range(100_000)]})

    assert "$.signals.keywords" == caught.value.path
