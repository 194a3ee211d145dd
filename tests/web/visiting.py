"""What a browser does in the room, for tests: go in, read the form, send. Imports httpx only."""

from __future__ import annotations

import re

import httpx

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


async def go_in(client: httpx.AsyncClient, code: str = "") -> None:
    """Press the button at the door."""
    answer = await client.post("/room", data={"c": code, "language": "ja"})
    assert answer.status_code == 303


async def read_form(client: httpx.AsyncClient, name: str = "say") -> dict[str, str]:
    """The hidden fields of a form of the room."""
    page = (await client.get("/room")).text
    return hidden(page, name)


def hidden(page: str, name: str = "say") -> dict[str, str]:
    """The hidden fields of the form with this id."""
    form = page.split(f'<form id="{name}"', 1)[1].split("</form>", 1)[0]
    return dict(FIELD.findall(form))


async def write(client: httpx.AsyncClient, text: str, **more: str) -> httpx.Response:
    """Write a text into the room's form and send it."""
    return await client.post("/room/send", data={**await read_form(client), "text": text, **more})


async def tap(client: httpx.AsyncClient, data: str) -> httpx.Response:
    """Press one of the choices."""
    form = await read_form(client, "choices")
    return await client.post("/room/send", data={**form, "data": data})
