"""Static files from memory, at addresses that name their content. Imports Starlette only."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bot.web.headers import STATIC

FOLDER = Path(__file__).parent / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class StaticFiles:
    """Every file of the folder, read once; `address("room.css")` is `/static/room.<hash>.css`.

    `under` is the path at which they are served.
    """

    def __init__(self, folder: Path = FOLDER, under: str = "/static/") -> None:
        self._addresses: dict[str, str] = {}
        self._files: dict[str, tuple[bytes, str]] = {}
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:10]
            name = f"{path.stem}.{mark}{path.suffix}"
            self._addresses[path.name] = f"{under}{name}"
            self._files[name] = (content, KINDS[path.suffix])

    def address(self, name: str) -> str:
        """The address of a file; KeyError if there is none (a fault in a template)."""
        return self._addresses[name]

    def find(self, request: Request) -> Response | None:
        """The file asked for, or None."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            return None
        content, kind = found
        return Response(content, media_type=kind, headers=STATIC)
