"""LINE's refusals while it is set up → one sentence with what to do. Pure; imports errors, asking.

LINE has no error codes: what a 400 or 429 means stands in its English message alone.
"""

from __future__ import annotations

from bot.channels.asking import Reply, quoted
from bot.errors import PlatformRefusedError

_MEND = {
    "webhook": "The address must be https, at most 500 characters, with a certificate that "
    "everybody trusts.",
    "menu": "Delete menus that nobody needs in the LINE Official Account Manager, or tell the "
    "developers of Engawa.",
    "picture": "Run `make pictures` and connect again.",
}


def refusal(reply: Reply, about: str) -> PlatformRefusedError:
    """What an answer other than 200 means; `about` is what was asked: a word such as `webhook`."""
    words = quoted(reply.body.get("message"))
    said = f"{reply.status}: «{words}»" if words else f"{reply.status}"
    return PlatformRefusedError(_what(reply.status, about, said), reply.status)


def _what(status: int, about: str, said: str) -> str:
    if status == 401:
        return (
            f"LINE does not accept LINE_CHANNEL_ACCESS_TOKEN ({said}). Issue a channel access "
            "token in the LINE Developers console, under Messaging API, and set it."
        )
    if status == 403:
        return (
            f"LINE does not allow this account to set the {about} ({said}). Look in the LINE "
            "Developers console whether the channel is a Messaging API channel of your own."
        )
    if status == 413:
        return f"LINE finds the {about} too large ({said}). Run `make pictures` and connect again."
    if status == 429:
        return (
            f"LINE asks us to slow down ({said}). Menus may be made and deleted 100 times an hour; "
            "wait an hour and run the command again."
        )
    if status >= 500:
        return (
            f"LINE has trouble of its own ({said}). Wait some minutes and run the command again: "
            "it goes on where it stopped."
        )
    mend = _MEND.get(about, "Run the command again, or look into the LINE Developers console.")
    return f"LINE refused the {about} ({said}). {mend}"
