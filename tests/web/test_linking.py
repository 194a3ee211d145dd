"""Texts as HTML: hostile ones stay text, ours get links, lines stay lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.bubbles import Bubble, Button
from bot.web.linking import linked_lines, plain_lines, read_out
from bot.web.static import FOLDER
from tests.web.stand_ins import TinyService, read_readings
from tests.web.visiting import go_in, write

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/<script>alert(1)</script>",
    "data:text/html,<script>alert(1)</script>",
    "</template></div></main><h1>gone</h1>",
    "\u202egnirts desrever\u202d",
    "\u2066isolated\u2067twice",
    "z\u0335\u0321a\u0334\u0322l\u0337\u0323g\u0336\u0324o\u0335\u0325",
    "\u200b\u200d\ufeff",
    "]]><!--",
]


class Reader(HTMLParser):
    """Collects tags, attributes and text, as a browser would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self.words += "\n" if tag == "br" else ""

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words += data


def read(markup: str) -> Reader:
    """Read markup."""
    reader = Reader()
    reader.feed(str(markup))
    reader.close()
    return reader


@pytest.mark.parametrize("look", [pytest.param("", id="plain"), pytest.param("fp", id="furigana")])
@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_stay_text(
    client: httpx.AsyncClient, service: TinyService, text: str, look: str
) -> None:
    """Said by a person, by us, as a label, or typed and handed back: no tag or handler is born."""
    await go_in(client)
    client.cookies.set("look", look)
    before = read((await client.get("/room")).text)
    await write(client, text)
    token = next(iter(service.rooms))
    service.say(token, "bot", Bubble(text, (Button(text, text), Button("x", text, rail=True))))
    pages = [(await client.get("/room")).text, (await write(client, text + "あ" * 2_001)).text]
    known = {tag for tag, _ in before.tags} | {"a", "br"}
    for page in pages:
        seen = read(page)
        assert {tag for tag, _ in seen.tags} <= known
        for tag, attributes in seen.tags:
            assert not [name for name in attributes if name.startswith("on")]
            assert tag != "script" or (attributes["src"] or "").startswith("/static/")
            link = attributes.get("href") or "/"
            assert link.startswith(("/", "tel:", "https://")) or link == "#main"
    assert text in read(pages[0]).words


async def test_directions_cannot_leak(client: httpx.AsyncClient) -> None:
    """Each bubble is its own island of writing direction, so that marks left open end with it."""
    await go_in(client)
    await write(client, "\u202eover")
    page = (await client.get("/room")).text
    bubbles = re.findall(r"<p class=\"bubble\"[^>]*>", page)
    assert len(bubbles) >= 3
    assert all('dir="auto"' in bubble for bubble in bubbles)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        pytest.param("119に電話できます", ["tel:119"], id="119"),
        pytest.param("110番", ["tel:110"], id="110 with a counter"),
        pytest.param("#7119へ", ["tel:%237119"], id="with a hash"),
        pytest.param("0120-279-338（無料）", ["tel:0120279338"], id="free dial"),
        pytest.param("086-201-0850", ["tel:0862010850"], id="a city number"),
        pytest.param(
            "くわしくはhttps://www.mhlw.go.jp/mamorouyokokoro。",
            ["https://www.mhlw.go.jp/mamorouyokokoro"],
            id="an address before a stop",
        ),
        pytest.param("https://a.example/x?y=1&z=2.", ["https://a.example/x?y=1&z=2"], id="query"),
        pytest.param("http://a.example", [], id="plain http is not linked"),
        pytest.param("javascript:alert(1)", [], id="no other scheme"),
        pytest.param("2119人と1101件", [], id="part of a larger number"),
        pytest.param("K7MA-93XD", [], id="a receipt"),
        pytest.param("7日で消えます", [], id="days"),
    ],
)
def test_numbers_and_addresses_of_ours_are_linked(text: str, links: list[str]) -> None:
    """Telephone numbers and https addresses can be tapped; nothing else can."""
    seen = read(linked_lines(text))
    assert [attributes["href"] for tag, attributes in seen.tags if tag == "a"] == links
    assert seen.words == text


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("たかい　すいしょう　はいゆう　かなざわ\nこの四つの言葉は", 1, id="a code"),
        pytest.param("たかい　すいしょう　はいゆう", 0, id="three words"),
        pytest.param("ここに　たかい　すいしょう　はいゆう　かなざわ", 0, id="more than a code"),
    ],
)
def test_a_return_code_is_one_piece(text: str, codes: int) -> None:
    """Four kana words on a line of their own are marked: unbroken, selected with one touch."""
    seen = read(linked_lines(text, read_readings()))
    assert [tag for tag, _ in seen.tags].count("b") == codes
    styles = (FOLDER / "room.css").read_text("utf-8")
    assert ".code { word-break: keep-all;" in styles


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    """Whatever is said reads the same after escaping and linking, with only a, b and br as tags."""
    # A bare carriage return is read as a line feed by every HTML parser.
    for markup in (linked_lines(text), plain_lines(text)):
        seen = read(markup)
        assert seen.words.replace("\r", "\n") == text.replace("\r", "\n")
        assert {tag for tag, _ in seen.tags} <= {"a", "b", "br"}


def test_a_person_s_words_are_never_linked() -> None:
    """What a person wrote stays plain, even an address."""
    assert "<a" not in plain_lines("https://a.example 119")


def test_readings_stand_above_kanji() -> None:
    """Each kanji has its reading; kana, links and markup of others stay as they are."""
    assert read_out("話し<b>", read_readings()) == "<ruby>話<rt>はな</rt></ruby>し&lt;b&gt;"
    linked = linked_lines("119に電話", read_readings())
    assert 'href="tel:119">119</a>に<ruby>電話<rt>でんわ</rt></ruby>' in linked
