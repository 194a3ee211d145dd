"""Printed doors and the button: what stands on them, what never does, and who may print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from bot.app.content import read_content
from bot.app.doors import PAGES, TEXTS, button, door_address, door_of, printed_doors
from bot.cli.main import main
from bot.config import Settings, read_settings
from bot.errors import ConfigurationError, ContentError
from bot.flow.pack import CityPack, EntryCode
from bot.flow.signoff import fingerprint, needed
from bot.services.revisions import Published, compile_files
from tests.app.house import House
from tests.rendering.qr_reading import read_qr
from tests.repository import ROOT

URL = "https://engawa.example"
SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = ("ja", "en", "ja-easy")
# What nobody who finds a card should read on it, nor on the outside of a leaflet.
LOUD = re.compile(
    "薬|くすり|クスリ|ドラッグ|依存|使い|使った|飲|通報|けいさつ|drug|medicine|addict|using|police",
    re.I,
)
QUIET = ("card-front", "card-back", "leaflet-outside")


def settings(**environment: str) -> Settings:
    return read_settings(ROOT / "config.toml", {"ENGAWA__ROOM__URL": URL, **environment})


@lru_cache
def shipped() -> Published:
    return compile_files(read_content(ROOT))


def with_files(changed: Mapping[str, str]) -> Published:
    """The shipped content with other files in the pack."""
    files = {**read_content(ROOT), **{name: text.encode() for name, text in changed.items()}}
    return compile_files(files)


@lru_cache
def drawn() -> Mapping[str, str]:
    return {page.path: page.svg for page in printed_doors(settings(), shipped())}


def words(svg: str) -> str:
    """All that can be read on a page, and in its title."""
    return " ".join("".join(part.itertext()) for part in ElementTree.fromstring(svg))


def qr_modules(svg: str) -> Iterator[list[bool]]:
    """The modules of the page's QR code, without its quiet zone, out of the drawn path."""
    (code,) = [part for part in ElementTree.fromstring(svg) if part.get("class") == "qr"]
    side = int(code.get("viewBox", "").split()[-1])
    path = code.findall(f"{SVG}path")[1].get("d", "")
    dark = {(int(y), int(x)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
    for row in range(4, side - 4):
        yield [(row, column) in dark for column in range(4, side - 4)]


def test_each_code_on_paper_has_a_card_and_a_leaflet_in_each_language() -> None:
    """Four pages for each code and language, but none for the button of a page."""
    codes = {code.code for code in shipped().bundle.city.codes if code.kind in TEXTS}
    expected = {
        f"{code}/{lang}/{page}.svg" for code in codes for lang in LANGUAGES for page in PAGES
    }
    assert set(drawn()) == expected
    assert len(codes) == 4


@pytest.mark.parametrize("page", QUIET)
def test_nothing_about_drugs_stands_outside(page: str) -> None:
    """A card, and the outside of a leaflet, can be handed over and lie about."""
    loud = [path for path, svg in drawn().items() if page in path and LOUD.search(words(svg))]
    assert loud == []


def test_the_inside_is_not_mute() -> None:
    """Inside a leaflet the thing itself is named, so the check above can fail."""
    inside = [words(svg) for path, svg in drawn().items() if "leaflet-inside" in path]
    assert all(LOUD.search(text) for text in inside)


def test_where_a_code_hangs_is_printed_nowhere() -> None:
    """The meaning of a code stays in the pack."""
    for code in shipped().bundle.city.codes:
        assert not any(code.place in svg or code.kind in svg for svg in drawn().values())


@pytest.mark.parametrize("page", ["card-back", "leaflet-inside"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_qr_code_leads_to_the_door(page: str, language: str) -> None:
    """Read module by module, the drawn code is the room's address with the entry code."""
    codes = [code.code for code in shipped().bundle.city.codes if code.kind in TEXTS]
    found = [read_qr(list(qr_modules(drawn()[f"{one}/{language}/{page}.svg"]))) for one in codes]
    chosen = "" if language == "ja" else f"&lang={language}"
    assert found == [f"{URL}/?c={one}{chosen}" for one in codes]


def test_the_address_can_be_typed() -> None:
    """Beside the code stands the same address in letters."""
    for path, svg in drawn().items():
        if "card-back" in path or "leaflet-inside" in path:
            assert f"engawa.example/?c={path.partition('/')[0]}" in words(svg)


def test_boxes_stay_on_the_page_and_apart() -> None:
    """No box of text reaches over the edge, over another one or over the QR code."""
    for path, svg in drawn().items():
        root = ElementTree.fromstring(svg)
        _, _, width, height = map(float, root.get("viewBox", "").split())
        boxes = [tuple(map(float, g.get("data-box", "").split())) for g in root.findall(f"{SVG}g")]
        boxes += [
            tuple(float(part.get(name, "")) for name in ("x", "y", "width", "height"))
            for part in root.findall(f"{SVG}svg")
        ]
        for number, (x, y, w, h) in enumerate(boxes):
            assert x >= 0 <= y, path
            assert x + w <= width, path
            assert y + h <= height, path
            for left, top, wide, high in boxes[number + 1 :]:
                apart = x + w <= left or left + wide <= x or y + h <= top or top + high <= y
                assert apart, path


def test_quoted_labels_exist() -> None:
    """A leaflet names buttons by the words that really stand on them."""
    texts = shipped().bundle.messages.texts
    quotes = {"ja": "「([^」]+)」", "ja-easy": "「([^」]+)」", "en": "“([^”]+)”"}
    for language, mark in quotes.items():
        own = {key: text for key, text in texts[language].items() if not key.startswith("doors.")}
        labels = {*own.values(), *shipped().bundle.everywhere.words["erase"].variants}
        for key, text in texts[language].items():
            if key.startswith("doors."):
                assert [one for one in re.findall(mark, text) if one not in labels] == [], key


def test_unsigned_texts_carry_the_mark() -> None:
    """While a text of a page isn't signed, the page says in large letters that it is a draft."""
    marks = {"ja": "下書き", "ja-easy": "下書き", "en": "DRAFT"}
    for path, svg in drawn().items():
        assert marks[path.split("/")[1]] in words(svg)


def test_signed_texts_carry_none() -> None:
    """Once everything on it is signed, a page has no mark; other languages keep theirs."""
    bundle = shipped().bundle
    rows = [
        f"  - {{role: {need.role}, key: {need.key}, language: {need.language}, "
        f"hash: {fingerprint(bundle, need.key, need.language)}, who: 所長, when: 2026-12-01}}"
        for need in needed(bundle)
        if need.key.startswith("doors.") and need.language == "ja"
    ]
    published = with_files({"city/approvals.yaml": "\n".join(["engawa: 1", "approvals:", *rows])})
    code = published.bundle.city.codes[0]
    assert door_of(settings(), published, code, "ja").draft == ""
    assert door_of(settings(), published, code, "en").draft == "DRAFT"


def test_a_text_that_is_too_long_is_refused() -> None:
    """A city's own sentence that doesn't fit is told with its page and file, not cut off."""
    published = with_files({"city/messages/ja/doors.yaml": f"card_counter: {'長い話です。' * 60}"})
    with pytest.raises(ContentError, match=r"messages/ja/doors\.yaml.*card-back.*too-long"):
        list(printed_doors(settings(), published))


def test_doors_without_an_address() -> None:
    """Without room.url nothing is printed, and the sentence says where to set it."""
    with pytest.raises(ConfigurationError, match=r"room\.url is missing"):
        door_address(settings(ENGAWA__ROOM__URL=""), "kx7m4rwp")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button(language: str) -> None:
    """The button is one link with the page's code: no script, no picture from elsewhere, no
    referrer.
    """
    html = button(settings(), shipped(), language)
    (code,) = [code.code for code in shipped().bundle.city.codes if code.kind == "page"]
    assert html.count(f'href="{URL}/?c={code}') == 1
    assert 'referrerpolicy="no-referrer"' in html
    assert re.findall(r"<script|<img|<iframe|\bon\w+=|url\(|src=", html) == []
    assert not LOUD.search(html)
    ElementTree.fromstring(html)


def test_a_pack_without_a_code_for_the_page() -> None:
    """The button needs a code of its own."""
    bundle = msgspec.structs.replace(
        shipped().bundle, city=CityPack(codes=(EntryCode("kx7m4rwp", "counter", "x"),))
    )
    with pytest.raises(ConfigurationError, match="kind `page`"):
        button(settings(), msgspec.structs.replace(shipped(), bundle=bundle), "ja")


async def test_whoever_comes_by_a_card_counts_under_its_code(house: House) -> None:
    """The door of a card's address counts once under the code; a made-up one is unknown."""
    for code in ("kx7m4rwp", "who-i-am"):
        house.browser.cookies.clear()
        page = await house.browser.get(f"/?c={code}")
        assert f'value="{code}"' in page.text
        answer = await house.browser.post("/room", data={"c": code, "language": "ja"})
        assert answer.status_code == 303
        await house.settle()
    counts = await house.service.parts.store.counts("")
    found = {count.label: count.n for count in counts if count.event == "entry"}
    assert found == {"kx7m4rwp": 1, "unknown": 1}


def test_the_command_draws_and_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`engawa doors` writes every page and tells whoever runs it where each code hangs."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    monkeypatch.setenv("ENGAWA__ROOM__URL", URL)
    assert main(["doors", "--out", str(tmp_path)]) == 0
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.svg")}
    assert written == set(drawn())
    said = capsys.readouterr().out
    assert all(code.code in said for code in shipped().bundle.city.codes)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["doors", "button"], 0, id="Japanese"),
        pytest.param(["doors", "button", "--language", "en"], 0, id="English"),
        pytest.param(["doors", "button", "--language", "fr"], 2, id="no such language"),
    ],
)
def test_the_command_prints_the_button(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
) -> None:
    """`engawa doors button` prints HTML alone, or says which languages there are."""
    monkeypatch.setenv("ENGAWA_HOME", str(ROOT))
    monkeypatch.setenv("ENGAWA__ROOM__URL", URL)
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert printed.out.startswith("<a ") == (code == 0)
    assert ("Known: ja" in printed.err) == (code == 2)
