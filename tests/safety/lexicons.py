"""A small lexicon for tests, apart from the shipped one that clinicians own."""

from pathlib import Path

from bot.safety.lexicon import LEXICON_FILE, Lexicon, load_lexicon

_FILE = Path(__file__).parent / "data" / LEXICON_FILE


def small_lexicon() -> Lexicon:
    """The lexicon in tests/safety/data."""
    return load_lexicon({LEXICON_FILE: _FILE.read_bytes()})
