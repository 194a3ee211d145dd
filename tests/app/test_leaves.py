"""The pages that stand alone: right numbers, nothing unverified, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from html import unescape
from pathlib import Path

import pytest

from bot.app.content import read_content
from bot.app.leaves import data_facts, data_pages, emergency_pages
from bot.app.printing import write_data_pages, write_emergency_pages
from bot.cli.main import main
from bot.config import Settings, read_settings
from bot.config.settings import Decision, Line, Telegram
from bot.errors import ConfigurationError
from bot.services.revisions import Published, compile_files
from tests.app.house import House
from tests.repository import ROOT

TODAY = date(2026, 11, 21)
NAMES = {"index.html", "ja.html", "ja-easy.html", "en.html"}
VERIFIED = """engawa: 1
places:
  yorisoi: {status: verified, verified_on: 2026-11-20}
  city_night:
    name: {ja: 市の夜の線, ja-easy: 市の 夜の 電話, en: City night line}
    kind: helpline
    for_whom: [anyone]
    phone: 086-000-0000
    hours: {ja: 夜だけ, ja-easy: 夜だけ, en: nights only}
    cost: free
    source: test
    verified_on: 2026-11-20
    status: verified
    occasions: [crisis]
"""


def settings() -> Settings:
    return read_settings(ROOT / "config.toml", {})


@lru_cache
def shipped() -> Published:
    return compile_files(read_content(ROOT))


@lru_cache
def verified() -> Published:
    return compile_files({**read_content(ROOT), "city/directory.yaml": VERIFIED.encode()})


def pages(published: Published | None = None, today: date = TODAY) -> Mapping[str, str]:
    return emergency_pages(settings(), published or shipped(), today)


def numbers(html: str) -> list[str]:
    return re.findall(r'href="tel:([^"]+)"', html)


def every_page() -> list[tuple[str, str]]:
    return [
        *pages().items(),
        *data_pages(settings(), shipped(), ("line", "telegram")).items(),
    ]


def test_one_page_per_language_and_an_index() -> None:
    """The index is the Japanese page, so that opening the folder costs no tap."""
    assert set(pages()) == NAMES
    assert pages()["index.html"] == pages()["ja.html"]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_emergency_numbers_are_one_tap_away(name: str) -> None:
    """119 and 110 come first; what to do in danger and the national page are there."""
    html = pages()[name]
    assert numbers(html) == ["119", "110"]
    assert 'href="https://www.mhlw.go.jp/mamorouyokokoro"' in html
    texts = shipped().bundle.messages.texts[name.removesuffix(".html").replace("index", "ja")]
    assert texts["crisis.call_119"] in unescape(html)
    assert texts["crisis.violence"] in unescape(html)


def test_an_unverified_emergency_number_is_not_shown() -> None:
    """A number that a city calls an emergency number, but nobody verified, is on no page."""
    unverified = VERIFIED.replace("helpline", "emergency").replace(
        "status: verified\n    occ", "status: unverified\n    occ"
    )
    files = {**read_content(ROOT), "city/directory.yaml": unverified.encode()}
    html = pages(compile_files(files))["en.html"]
    assert "086-000-0000" not in html
    assert numbers(html)[:2] == ["119", "110"]


def test_verified_places_are_shown_with_their_hours() -> None:
    """What the city verified can be tapped, in the directory's order; the rest isn't shown."""
    html = pages(verified())["en.html"]
    assert numbers(html) == ["119", "110", "0860000000", "0120279338"]
    assert "nights only" in html


def test_a_stale_place_is_not_shown() -> None:
    """A page that is made 201 days later leaves the place out."""
    assert numbers(pages(verified(), date(2027, 6, 9))["ja.html"]) == ["119", "110"]


def test_nothing_comes_from_elsewhere() -> None:
    """No script, no picture, no style of another file; 20 KB at most; a neutral title."""
    for name, html in every_page():
        assert len(html.encode()) <= 20_480, name
        assert re.findall(r"<script|<img|<link|@import|url\(|\bon[a-z]+=|src=", html) == [], name
        assert "<title>縁側</title>" in html


def test_other_languages_are_files_beside_it() -> None:
    """The links between languages work from any folder, also without a server."""
    for name, html in every_page():
        links = re.findall(r"<nav>(.*)</nav>", html)[0]
        assert {*re.findall(r'href="([^"]+)"', links)} <= NAMES - {name}


def test_unsigned_pages_say_that_they_are_drafts() -> None:
    """Each carries the mark in its language."""
    texts = shipped().bundle.messages.texts
    for kind, made in (
        ("emergency", pages()),
        ("data", data_pages(settings(), shipped(), ("line",))),
    ):
        for language in ("ja", "ja-easy", "en"):
            assert texts[language][f"{kind}.draft"] in made[f"{language}.html"]


@pytest.mark.parametrize(
    ("line", "demo", "mode", "decision"),
    [
        pytest.param(Line(), False, "door_only", "", id="unset, serving"),
        pytest.param(Line(), True, "full", "", id="unset, demo"),
        pytest.param(Line("full", "所長, 第1号"), False, "full", "所長, 第1号", id="as one text"),
        pytest.param(
            Line("buttons_only", Decision("所長", "2026-11-01", "第1号")),
            False,
            "buttons_only",
            "所長, 2026-11-01, 第1号",
            id="as a table",
        ),
    ],
)
def test_facts_come_from_the_settings(line: Line, demo: bool, mode: str, decision: str) -> None:
    """The mode and the decision of each platform that is on, and the days that things are kept."""
    facts = data_facts(Settings(line=line, telegram=Telegram()), {"web", "line"}, demo)
    (platform,) = facts.platforms
    assert (platform.channel, platform.mode, platform.decision) == ("line", mode, decision)
    assert facts.days["messages"] == 7
    assert "reason" not in facts.days


def test_the_command_writes_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`engawa page` writes all files and succeeds."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    for what in ("emergency", "data"):
        assert main(["page", what, "--out", str(tmp_path / what)]) == 0
        assert {path.name for path in (tmp_path / what).iterdir()} == NAMES


def test_sizes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes are those of the files."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    sizes = write_emergency_pages(tmp_path)
    assert sizes == {path.name: path.stat().st_size for path in tmp_path.iterdir()}


def test_an_unknown_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that doesn't exist is refused, and nothing is written."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    with pytest.raises(ConfigurationError, match="'signal'"):
        write_data_pages(tmp_path, ["line", "signal"])
    assert list(tmp_path.iterdir()) == []


async def test_the_service_tells_it_too(house: House) -> None:
    """/data of the running service speaks of the platforms that are on, in their modes."""
    texts = shipped().bundle.messages.texts["en"]
    answer = await house.browser.get("/data?lang=en")
    assert answer.status_code == 200
    page = unescape(answer.text)
    for key in ("data.title", "data.line_heading", "data.line_full", "data.telegram_full"):
        assert texts[key] in page
    assert texts["data.line_door_only"] not in page
