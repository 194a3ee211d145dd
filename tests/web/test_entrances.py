"""Door links and return codes: looking uses nothing up, and a refusal tells nothing."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.web.stand_ins import CODE, STORE_DOWN, TinyService, read_messages

TEXTS = read_messages().texts["ja"]
LINK = "L" * 22
FRESH = re.compile(r'(?<=name="fresh" value=")[^"]*')
FOREIGN = {"sec-fetch-site": "cross-site"}


async def test_looking_at_a_link_uses_nothing_up(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """A preview sees one button; the link opens when that is pressed, once, with a new pass."""
    service.links.add(LINK)
    for _ in range(2):
        page = await client.get(f"/d/{LINK}")
        assert TEXTS["pages.door_button"] in page.text
        assert "set-cookie" not in page.headers
    answer = await client.post(f"/d/{LINK}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "おかえりなさい。" in (await client.get("/room")).text
    assert (await client.post(f"/d/{LINK}")).status_code == 404


async def test_every_closed_door_looks_the_same(
    client: httpx.AsyncClient, service: TinyService
) -> None:
    """Used or never there: the same page to look at, and the same answer to a press."""
    service.links.add(LINK)
    looks = [(await client.get(f"/d/{token}")).text for token in (LINK, "x", "y" * 500)]
    assert len({FRESH.sub("", look) for look in looks}) == 1
    await client.post(f"/d/{LINK}")
    client.cookies.clear()
    answers = [await client.post(f"/d/{token}") for token in (LINK, "x", "y" * 500)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert TEXTS["pages.door_failed"] in answers[0].text


async def test_four_words_open_the_room(client: httpx.AsyncClient, service: TinyService) -> None:
    """The right words give a pass and lead inside."""
    answer = await client.post("/code", data={"language": "ja", "words": CODE})
    assert (answer.status_code, answer.headers["location"]) == (303, "/room#new")
    assert "おかえりなさい。" in (await client.get("/room")).text


async def test_wrong_words_are_handed_back(client: httpx.AsyncClient, service: TinyService) -> None:
    """A miss is said beside the box, the words stay, and after too many it rests."""
    for _ in range(5):
        answer = await client.post("/code", data={"language": "ja", "words": '"><b>ちがう'})
        assert answer.status_code == 422
        assert TEXTS["pages.code_missed"] in answer.text
        assert 'value="&#34;&gt;&lt;b&gt;ちがう"' in answer.text
        assert "set-cookie" not in answer.headers
    answer = await client.post("/code", data={"language": "ja", "words": CODE})
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
    answer = await client.post(path, data={"words": CODE})
    assert answer.status_code == 503
    assert 'href="tel:119"' in answer.text
    assert service.links == {LINK}


async def test_a_million_words_are_too_many(client: httpx.AsyncClient) -> None:
    """A form beyond the cap is refused before it is read."""
    answer = await client.post("/code", data={"words": "あ" * 1_000_000})
    assert answer.status_code == 413
