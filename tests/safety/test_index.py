"""How phrases are found in a text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.safety.index import Hit, Phrase, PhraseIndex


def test_overlapping_phrases_are_all_found() -> None:
    """A phrase inside another one, or across its end, does not hide either."""
    index = PhraseIndex(
        [Phrase("あい", 0), Phrase("あいう", 1), Phrase("いう", 2), Phrase("う", 3)]
    )
    found = sorted(index.find("あいう"), key=lambda hit: hit.owner)
    assert found == [Hit(0, 2, 0), Hit(0, 3, 1), Hit(1, 3, 2), Hit(2, 3, 3)]


@given(
    st.text("あいうa ", max_size=30),
    st.lists(st.text("あいう", min_size=1, max_size=3), max_size=5),
)
def test_the_index_finds_what_a_plain_search_finds(text: str, phrases: list[str]) -> None:
    """For Japanese phrases the index agrees with trying every phrase at every letter."""
    index = PhraseIndex(Phrase(phrase, n) for n, phrase in enumerate(phrases))
    plain = {
        (at, at + len(phrase), n)
        for n, phrase in enumerate(phrases)
        for at in range(len(text))
        if text.startswith(phrase, at)
    }
    assert {(hit.start, hit.end, hit.owner) for hit in index.find(text)} == plain
