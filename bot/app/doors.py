"""Makes the printed doors and the button for the city's page out of the pack's entry codes.

A code stands in every address; what it means stays in the pack and is printed nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path

import msgspec

import bot.web
from bot.app.naming import who_runs_it
from bot.config import Settings
from bot.errors import ConfigurationError, ContentError, Issue, Place
from bot.flow.pack import EntryCode
from bot.flow.signoff import unsigned
from bot.rendering.doors import Door, card_back, card_front, leaflet_inside, leaflet_outside
from bot.services.revisions import Published

PAGES: Mapping[str, Callable[[Door], str]] = {
    "card-front": card_front,
    "card-back": card_back,
    "leaflet-outside": leaflet_outside,
    "leaflet-inside": leaflet_inside,
}
TEXTS = {
    "counter": "counter",
    "probation": "probation",
    "prison": "prison",
    "pharmacy": "pharmacy",
    "other": "counter",
}
"""Which of the printed texts a kind of place gets; a page of the web has a button instead."""
_SHARED = ("cover", "take", "scan", "program", "how", "stop", "cost")
_STEPS = ("step_1", "step_2", "step_3")
_VERANDA = Path(bot.web.__file__).parent / "static" / "veranda.svg"
_SVG = re.compile(r'<svg[^>]*viewBox="([^"]+)"[^>]*>(.*)</svg>', re.DOTALL)


class Printed(msgspec.Struct, frozen=True):
    """One page to print: its path below the folder, and the SVG."""

    path: str
    svg: str


def printed_doors(settings: Settings, published: Published) -> Iterator[Printed]:
    """A card and a leaflet for each entry code that hangs on paper, in every language.

    Raises ConfigurationError without room.url, ContentError for texts that don't fit on paper.
    """
    for code in published.bundle.city.codes:
        for language in published.bundle.messages.languages if code.kind in TEXTS else ():
            door = door_of(settings, published, code, language)
            for name in PAGES:
                yield Printed(f"{code.code}/{language}/{name}.svg", _drawn(door, name))


def door_of(settings: Settings, published: Published, code: EntryCode, language: str) -> Door:
    """The words and the address of one door."""
    kind = TEXTS[code.kind]
    own = [f"{part}_{kind}" for part in ("card", "head", "text")]
    say = _words(published, language)
    keys = [f"doors.{name}" for name in (*_SHARED, *_STEPS, *own)]
    is_draft = unsigned(published.bundle, keys, language)
    view, drawing = _veranda()
    return Door(
        language=language,
        title=title_of(settings),
        run_by=who_runs_it(settings, language),
        card=say(own[0]),
        head=say(own[1]),
        text=say(own[2]),
        steps=tuple(say(name) for name in _STEPS),
        emergency=_emergency(published, language),
        address=door_address(settings, code.code, language),
        typed=door_address(settings, code.code).partition("://")[2],
        drawing=drawing,
        view=view,
        draft=say("draft") if is_draft else "",
        **{name: say(name) for name in _SHARED},
    )


def button(settings: Settings, published: Published, language: str) -> str:
    """HTML for the city's page: a link with a small lamp. No script, no tracker, and the browser
    is asked not to tell us which page it came from.

    Raises ConfigurationError if the pack has no code of kind `page`, or room.url is missing.
    """
    codes = [code.code for code in published.bundle.city.codes if code.kind == "page"]
    if not codes:
        raise ConfigurationError(
            "city/entry_codes.yaml has no code of kind `page`, which the button carries. Add one."
        )
    say = _words(published, language)
    words = say("button")
    if unsigned(published.bundle, ("doors.button",), language):
        words += f" [{say('draft')}]"
    address = escape(door_address(settings, codes[0], language))
    return _BUTTON.format(address=address, language=escape(language), words=escape(words))


def door_address(settings: Settings, code: str, language: str = "ja") -> str:
    """Where a code leads; the room opens in that language."""
    url = settings.room.url.rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise ConfigurationError(
            "room.url is missing: a printed door needs the address that people reach the room by. "
            'Set `url = "https://…"` under [room] in city/city.toml.'
        )
    chosen = "" if language == "ja" else f"&lang={language}"
    return f"{url}/?c={code}{chosen}"


def title_of(settings: Settings) -> str:
    """The neutral name that stands on what others may see."""
    return settings.room.neutral_name if settings.room.neutral else settings.room.title


def _words(published: Published, language: str) -> Callable[[str], str]:
    messages = published.bundle.messages
    own, source = messages.texts[language], messages.texts[messages.source_language]

    def say(name: str) -> str:
        key = f"doors.{name}"
        return own[key] if key in own else source[key]

    return say


def _emergency(published: Published, language: str) -> tuple[str, ...]:
    """119 and 110 as the directory has them."""
    return tuple(
        f"{entry.names[language]} {entry.phone}"
        for entry in published.directory.entries
        if entry.kind == "emergency" and entry.status == "universal"
    )


def _drawn(door: Door, name: str) -> str:
    try:
        return PAGES[name](door)
    except ValueError as error:
        file = f"messages/{door.language}/doors.yaml"
        what = f"The texts that begin with «{error}» don't fit on the page {name}."
        mend = "Shorten them in this file or in the city pack."
        raise ContentError([Issue("too-long", Place(file, 1, 1), what, mend)]) from error


def _veranda() -> tuple[str, str]:
    """The viewBox and the inside of the room's drawing."""
    found = _SVG.search(_VERANDA.read_text(encoding="utf-8"))
    if found is None:
        raise ConfigurationError(f"{_VERANDA} is no SVG with a viewBox. Install engawa again.")
    return found[1], found[2]


_BUTTON = (
    '<a href="{address}" lang="{language}" rel="noopener" referrerpolicy="no-referrer" '
    'style="display:inline-flex;align-items:center;gap:.6em;min-height:44px;padding:.4em 1em;'
    "border:1px solid #8a6d46;border-radius:.9em;background:#fffaf0;color:#33291f;"
    'font:1rem/1.4 sans-serif;text-decoration:none">'
    '<svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" fill="#7a4a15"/><circle cx="16" cy="12" r="5" '
    'fill="#f2c879"/><path d="M4 22h24M4 26h24" stroke="#e8d5b0" stroke-width="2"/></svg>'
    "{words}</a>\n"
)
