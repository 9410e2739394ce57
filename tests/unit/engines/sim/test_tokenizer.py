"""Unit tests of the simulated tokenizer."""

import pytest
from hypothesis import given, strategies as st

from extproc.engines.sim import tokenizer


class TestSplit:
    """Pieces of text."""

    @given(st.text())
    def test_pieces_join_to_the_text(self, text: str) -> None:
        """No character is lost or made up, whatever the script."""
        assert text == "".join(tokenizer.split(text))

    def test_english_is_about_four_bytes_a_token(self) -> None:
        """A token of plain prose has between three and six bytes on average."""
        text = "The gateway chooses between two tiers, request by request, and says why. " * 8

        assert 3 <= len(text) / len(tokenizer.split(text)) <= 6

    def test_template_marker_is_one_token(self) -> None:
        """The markers of a chat template are single tokens, as in real vocabularies."""
        assert ["<|im_start|>", "user"[:4]] == tokenizer.split("<|im_start|>user")

    def test_limit_stops_early(self) -> None:
        """No more than `limit` pieces are made."""
        assert ["a", " b"] == tokenizer.split("a b c d", limit=2)

    def test_growth_keeps_the_beginning(self) -> None:
        """A text that grows after a line's end keeps the tokens it had."""
        start = "one two\n"

        assert (
            tokenizer.split(start)
            == tokenizer.split(start + "three")[: len(tokenizer.split(start))]
        )


class TestEncode:
    """Ids of pieces."""

    def test_ids_are_repeatable(self) -> None:
        """The same text has the same ids in every process."""
        assert (84087, 105391) == tokenizer.encode("hello world")

    @pytest.mark.parametrize("piece", ["a", "\ud800", "語"])
    def test_ids_are_in_the_vocabulary(self, piece: str) -> None:
        """Every piece has an id below the size of the vocabulary, broken text included."""
        assert 0 <= tokenizer.token_id(piece) < tokenizer.VOCABULARY

    def test_empty_piece_ends_the_text(self) -> None:
        """The piece without text is the end-of-text token, outside the ids of pieces."""
        assert tokenizer.END_OF_TEXT == tokenizer.token_id("")
