"""Every answer's headers: nothing from elsewhere, nothing kept; static files for good."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.web.application import build_application
from bot.web.headers import CONTENT_SECURITY_POLICY
from bot.web.ports import WebSettings
from bot.web.static import FOLDER
from tests.web.stand_ins import STORE_DOWN, TinyService, ports
from tests.web.visiting import go_in, read_form

LINKED = re.compile(r'(?:src|href)="(/static/[^"#]+)[#"]')


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/", 200, id="door"),
        pytest.param("POST", "/room", 303, id="going in"),
        pytest.param("GET", "/room", 200, id="room"),
        pytest.param("POST", "/room/send", 303, id="sending"),
        pytest.param("POST", "/room/send?empty", 422, id="handed back"),
        pytest.param("GET", "/room/after", 200, id="what is new"),
        pytest.param("GET", "/room?gone", 200, id="nothing kept"),
        pytest.param("GET", "/room?down", 503, id="store down"),
        pytest.param("GET", "/room/live?down", 503, id="stream while the store is down"),
        pytest.param("POST", "/exit", 200, id="quick exit"),
        pytest.param("GET", "/exit", 405, id="quick exit is no link"),
        pytest.param("POST", "/look", 200, id="another look"),
        pytest.param("GET", "/nowhere", 404, id="not found"),
        pytest.param("DELETE", "/", 405, id="not allowed"),
        pytest.param("GET", "/static/room.0000000000.css", 404, id="an old static file"),
    ],
)
async def test_pages_are_strict(
    client: httpx.AsyncClient, service: TinyService, method: str, path: str, status: int
) -> None:
    """Each page, whatever its status, carries the whole policy, no-store and no referrer."""
    await go_in(client)
    form = {**await read_form(client), "text": "" if "empty" in path else "はい"}
    if path == "/room":
        form = {"language": "ja"}
    if "gone" in path:
        service.rooms.clear()
    if "down" in path:
        service.down = STORE_DOWN
    answer = await client.request(method, path, data=form if method == "POST" else None)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "Traceback" not in answer.text


def test_the_policy_allows_nothing_but_ourselves() -> None:
    """No inline script or style, no eval, no other host, no frame, no form elsewhere."""
    rules = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert set(rules.values()) == {"'none'", "'self'"}
    assert {name for name, value in rules.items() if value == "'none'"} == {
        "default-src",
        "base-uri",
        "frame-ancestors",
    }


async def test_pages_hold_nothing_inline(client: httpx.AsyncClient) -> None:
    """No style attribute, no handler, no script without a source, no address of another host."""
    await go_in(client)
    for path in ("/", "/room", "/nowhere"):
        page = (await client.get(path)).text
        assert not re.search(r"<style|style=|\son\w+=|<script(?! defer src=)", page)
        assert not re.search(r"(src|action)=\"(?!/)", page)


async def test_static_files_never_change(client: httpx.AsyncClient) -> None:
    """What pages link to is there, immutable, with its type; the name holds the content's hash."""
    await go_in(client)
    pages = [(await client.get(path)).text for path in ("/", "/room")]
    client.cookies.set("look", "np")
    pages += [(await client.get(path)).text for path in ("/", "/room")]
    linked = {address for page in pages for address in LINKED.findall(page)}
    assert len(linked) == len(list(FOLDER.iterdir()))
    for address in linked:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].split(";")[0] in {
            "text/css",
            "text/javascript",
            "image/svg+xml",
        }


async def test_the_first_load_is_small(client: httpx.AsyncClient) -> None:
    """Door and room with every file there is are under 40 KB uncompressed, the scripts under 9."""
    await go_in(client)
    pages = [(await client.get(path)).content for path in ("/", "/room")]
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert sum(map(len, pages)) + sum(files.values()) <= 40_000
    assert files["room.js"] + files["leave.js"] <= 9_000


async def test_https_stays_https(client: httpx.AsyncClient) -> None:
    """Over https pages ask to be opened so from now on; over plain http they don't."""
    assert "strict-transport-security" not in (await client.get("/")).headers
    answer = await client.get("https://example.test/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("/code", "/code", id="a page of ours"),
        pytest.param("/%E3%81%82", "/%E3%81%82", id="other letters"),
        pytest.param("/%FF%00", "/%EF%BF%BD%00", id="no letters at all"),
        pytest.param("/x%0D%0ASet-Cookie:%20a=b", "/x%0D%0ASet-Cookie%3A%20a%3Db", id="a line end"),
    ],
)
async def test_any_path_fits_into_a_header(service: TinyService, path: str, told: str) -> None:
    """Where the onion address is told, no path breaks the answer or adds a header to it."""
    settings = WebSettings(onion="http://example.onion")
    transport = httpx.ASGITransport(build_application(ports(service, settings=settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get(path)
    assert answer.status_code == (200 if path == "/code" else 404)
    assert answer.headers["onion-location"] == f"http://example.onion{told}"
    assert "a=b" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("http://[", id="half an address"),
        pytest.param("http://evil.example", id="another place"),
        pytest.param("", id="empty"),
        pytest.param("http://127.0.0.1:99999@evil.example", id="ours before an at sign"),
    ],
)
async def test_odd_origins_are_refused(client: httpx.AsyncClient, origin: str) -> None:
    """Whatever an old browser gives as its place, it is ours or it is refused: never an error."""
    answer = await client.post("/room", data={"language": "ja"}, headers={"origin": origin})
    assert answer.status_code == 403
