"""What is said, before any channel shapes it. Imports nothing of ours."""

from __future__ import annotations

import msgspec


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice as people see it: `data` comes back with a tap; rails are shown but not numbered.

    `picture` names a drawing that can stand beside it in the web room.
    """

    data: str
    label: str
    rail: bool = False
    picture: str = ""


class Bubble(msgspec.Struct, frozen=True, omit_defaults=True):
    """One bubble of text in the person's language, with the choices that stand under it."""

    text: str
    buttons: tuple[Button, ...] = ()
