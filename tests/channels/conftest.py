"""The scripted platforms for the tests of this folder."""

from tests.platforms.fixtures import scripted_line, scripted_telegram

__all__ = ["scripted_line", "scripted_telegram"]
