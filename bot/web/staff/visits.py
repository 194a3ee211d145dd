"""One request to a staff page, and what a route says about itself.

May import bot.services' staff data and the web room's own modules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from starlette.requests import Request
from starlette.responses import Response

from bot.services.staff.answers import Who
from bot.services.staff.permissions import Permission

if TYPE_CHECKING:
    from bot.web.staff.office import Office

Need = Permission | Literal["open"]
"""The permission a route asks for; `open` is for the few pages in front of the sign-in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was let in. `secret` is what its page's forms are sealed with."""

    request: Request
    language: str
    secret: str
    who: Who | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    door: str = ""  # the mark to give to a browser that has none yet

    @property
    def me(self) -> Who:
        """Who is signed in; on a route that isn't open somebody always is."""
        if self.who is None:
            raise RuntimeError("An open page asked who is signed in.")
        return self.who

    def field(self, name: str) -> str:
        """A field of the form, or ""."""
        return self.form.get(name, "")

    @property
    def path_account(self) -> str:
        """The account's id in the address of the page."""
        return str(self.request.path_params.get("account", ""))


Endpoint = Callable[["Office", Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class StaffRoute:
    """One line of the table: what is asked of whoever calls it.

    `shape` tells pages from what scripts fetch ("data": bare refusals, and only our own pages may
    ask). `counts` says whether it counts as a sign of life of the session. `back` is the page of
    the form, to which one returns after a second proof.
    """

    method: Literal["GET", "POST"]
    path: str
    serve: Endpoint
    need: Need
    step_up: bool = False
    shape: Literal["page", "data"] = "page"
    counts: bool = True
    back: str = "/staff"

    def back_from(self, request: Request) -> str:
        """The address of the page of the form."""
        return self.back.format(**request.path_params)
