"""How the city and its centre are called in each language. Pure."""

from __future__ import annotations

from bot.config import Settings


def centre_name(settings: Settings, language: str) -> str:
    """The centre, as {centre} in messages."""
    city = settings.city
    names = {"ja-easy": city.centre_easy, "en": city.centre_en}
    return names.get(language) or city.centre


def city_name(settings: Settings, language: str) -> str:
    """The city, or nothing where the pack has no name for it."""
    city = settings.city
    names = {"ja-easy": city.name_easy, "en": city.name_en}
    return names.get(language) or city.name


def who_runs_it(settings: Settings, language: str) -> str:
    """City and centre together, for a line that says who stands behind this."""
    city, centre = city_name(settings, language), centre_name(settings, language)
    joint = " · " if language == "en" else " "
    return centre if not city or centre.startswith(city) else f"{city}{joint}{centre}"
