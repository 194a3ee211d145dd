"""GET /data: where words go, who can see them, how long they stay. Needs no store.

May import the web room's own modules.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.web.desk import Desk


class DataPage:
    """The data-location statement of the active revision and the settings in use."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def look(self, request: Request) -> Response:
        """The statement, in the language of the link or the browser."""
        language = self._desk.language(request, request.query_params.get("lang", ""))
        statement = self._desk.ports.statement(language)
        if statement is None:
            return self._desk.refuse(request, 404)
        return self._desk.pages.page(request, "data.html", language, 200, statement=statement)
