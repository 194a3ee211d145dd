"""Door links and return codes: looking uses nothing up, and a refusal tells nothing."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.web.application import build_application
from bot.web.thresholds import seal_entry
from tests.web.stand_ins import CODE, STORE_DOWN, TinyService, ports, read_messages

TEXTS = read_messages().texts["ja"]
LINK = "L" * 22
FRESH = re.compile(r'(?<=name="fresh" value=")[^"]*')
FOREIGN = {"sec-fetch-site": "cross-site"}
OURS = {"sec-fetch-site": "same-origin"}
SILENT = {"origin": "null"}  # a browser that doesn't tell where a form comes from
PROOF = re.compile(r'(?<=name="proof" value=")[^"]*')
ROOM = "r" * 44


async def test_looking_at_a_link_uses_nothing_up(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A preview sees one button and gets no pass; the link opens when that is pressed, once, with a
    new pass.
    """
    service.links.add(LINK)
    for _ in range(2):
        page = await client.get(f"/d/{LINK}")
        assert TEXTS["pages.door_button"] in page.text
        assert "room" not in client.cookies
    answer = await client.post(f"/d/{LINK}", headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "おかえりなさい。" in (await client.get("/room")).text
    assert (await client.post(f"/d/{LINK}", headers=OURS)).status_code == 404


@pytest.mark.parametrize("path", [f"/d/{LINK}", "/code"])
@pytest.mark.parametrize(
    ("base", "name"), [("http://127.0.0.1", "step"), ("https://room.example", "__Host-step")]
)
async def test_looking_leaves_a_mark_that_says_nothing(
    service: TinyService, path: str, base: str, name: str
) -> None:
    """For ten minutes, for our own pages only, not for scripts; the same one while it lasts, gone
    with the pass.
    """
    service.links.add(LINK)
    transport = httpx.ASGITransport(build_application(ports(service)))
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        looks = [await client.get(path) for _ in range(2)]
        (first, second) = [look.headers["set-cookie"] for look in looks]
        assert re.fullmatch(rf"{name}=[\w-]{{22}}; HttpOnly; Max-Age=600; Path=/; .*", first)
        assert "SameSite=strict" in first
        assert ("Secure" in first) == base.startswith("https")
        assert first == second
        fields = {"words": CODE, "proof": PROOF.findall(looks[0].text)[0]}
        answer = await client.post(path, data=fields, headers=SILENT)
        assert answer.status_code == 303
        assert list(client.cookies) == [name.replace("step", "room")]


@pytest.mark.parametrize("path", [f"/d/{LINK}", "/code"])
@pytest.mark.parametrize("headers", [SILENT, {}])
async def test_a_form_without_its_proof_opens_nothing(
    client: httpx.AsyncClient, service: TinyService, path: str, headers: dict[str, str]
) -> None:
    """Where a browser doesn't say who sent a form, one that was not shown in it lately is asked
    for once more, without what stood in it; then it opens.
    """
    service.links.add(LINK)
    for proof in ("", "0" * 64, seal_entry(""), seal_entry("a" * 22)):
        sent = {"words": CODE, "proof": proof}
        answer = await client.post(path, data=sent, headers=headers)
        assert answer.status_code == 403
        assert TEXTS["pages.once_more"] in answer.text
        assert CODE not in answer.text
        assert service.links == {LINK}
        assert service.given_up == []
    asked = await client.post(path, data={"words": CODE}, headers=headers)
    again = {"words": CODE, "proof": PROOF.findall(asked.text)[0]}
    assert (await client.post(path, data=again, headers=headers)).status_code == 303


@pytest.mark.parametrize("path", [f"/d/{LINK}", "/code"])
async def test_the_room_that_the_browser_has_is_handed_in(
    client: httpx.AsyncClient, service: TinyService, path: str
) -> None:
    """Coming in gives up the pass that the browser holds, so it is told along."""
    service.links.add(LINK)
    client.cookies.set("room", ROOM)
    await client.post(path, data={"words": CODE}, headers=OURS)
    assert service.given_up == [ROOM]


async def test_every_closed_door_looks_the_same(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """Used or never there: the same page to look at, and the same answer to a press."""
    service.links.add(LINK)
    tokens = (LINK, "x", "y" * 500)
    looks = [(await client.get(f"/d/{token}")).text for token in tokens]
    assert len({FRESH.sub("", look) for look in looks}) == 1
    await client.post(f"/d/{LINK}", headers=OURS)
    client.cookies.clear()
    answers = [await client.post(f"/d/{token}", headers=OURS) for token in tokens]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert TEXTS["pages.door_failed"] in answers[0].text


async def test_four_words_open_the_room(client: httpx.AsyncClient, service: TinyService) -> None:
    """The right words give a pass and lead inside."""
    sent = {"language": "ja", "words": CODE}
    answer = await client.post("/code", data=sent, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    assert "おかえりなさい。" in (await client.get("/room")).text


async def test_wrong_words_are_handed_back(client: httpx.AsyncClient, service: TinyService) -> None:
    """A miss is said beside the box, the words stay, and after too many it rests."""
    for _ in range(5):
        sent = {"language": "ja", "words": '"><b>ちがう'}
        answer = await client.post("/code", data=sent, headers=OURS)
        assert answer.status_code == 422
        assert TEXTS["pages.code_missed"] in answer.text
        assert 'value="&#34;&gt;&lt;b&gt;ちがう"' in answer.text
        assert "room" not in client.cookies
    sent = {"language": "ja", "words": CODE}
    answer = await client.post("/code", data=sent, headers=OURS)
    assert answer.status_code == 429
    assert TEXTS["pages.code_slow"] in answer.text


@pytest.mark.parametrize("path", [f"/d/{LINK}", "/code"])
async def test_only_our_own_pages_send(
    client: httpx.AsyncClient, service: TinyService, path: str
) -> None:
    """A form on somebody else's page opens nothing and uses nothing up."""
    service.links.add(LINK)
    answer = await client.post(path, data={"words": CODE}, headers=FOREIGN)
    assert answer.status_code == 403
    assert service.links == {LINK}
    assert service.misses == 0


@pytest.mark.parametrize("path", [f"/d/{LINK}", "/code"])
async def test_while_the_store_is_down(
    client: httpx.AsyncClient, service: TinyService, path: str
) -> None:
    """The safety card, and the link is not used up; to look needs no store."""
    service.links.add(LINK)
    service.down = STORE_DOWN
    assert (await client.get(path)).status_code == 200
    answer = await client.post(path, data={"words": CODE}, headers=OURS)
    assert answer.status_code == 503
    assert 'href="tel:119"' in answer.text
    assert service.links == {LINK}


async def test_a_million_words_are_too_many(client: httpx.AsyncClient) -> None:
    """A form beyond the cap is refused before it is read."""
    answer = await client.post("/code", data={"words": "あ" * 1_000_000})
    assert answer.status_code == 413
