"""Browsers in which somebody has signed in before: what strangers try elsewhere doesn't slow them.

Without this, whoever knows a login could keep its owner out for as long as they like, by wrong
passwords alone. What a browser holds opens nothing: it only gives the accounts that it names tries
of their own. Pure; imports staff records only.
"""

from __future__ import annotations

import base64
import hmac
import re

from bot.services.staff.records import Account

ACCOUNTS = 6
"""Of so many accounts a browser knows: shifts share a computer."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43,86}(\.[A-Za-z0-9_-]{22}){1,7}")


def known_browser(key: bytes, held: str) -> bytes:
    """The name under which a browser's tries are counted; b"" for one that we don't know.

    `key` is the keyring's look-up key, `held` what the browser carries.
    """
    token, seal, _ = _parts(key, held)
    return token.encode() if seal else b""


def knows(key: bytes, held: str, account: Account | None) -> bool:
    """Whether this account signed in there before, with the password that it has now."""
    token, seal, marks = _parts(key, held)
    wanted = _mark(key, token, account)
    # All of them, and for no account too: the same work each time.
    fits = [hmac.compare_digest(wanted, mark) for mark in marks]
    return account is not None and bool(seal) and any(fits)


def remembering(key: bytes, held: str, account: Account, fresh: str) -> str:
    """What a browser holds from now on; `fresh` is a new token, for one that holds nothing."""
    token, seal, marks = _parts(key, held)
    if not seal:
        token, marks = fresh, ()
    mine = _mark(key, token, account)
    others = [mark for mark in marks if mark != mine]
    return ".".join([token, _seal(key, token), mine, *others[: ACCOUNTS - 1]])


def _parts(key: bytes, held: str) -> tuple[str, str, tuple[str, ...]]:
    """Token, seal and marks; an empty seal where it isn't ours."""
    if not _TOKEN.fullmatch(held):
        return "", "", ()
    token, seal, *marks = held.split(".")
    ours = hmac.compare_digest(_seal(key, token), seal)
    return token, seal if ours else "", tuple(marks)


def _seal(key: bytes, token: str) -> str:
    return _short(key, "browser", token)


def _mark(key: bytes, token: str, account: Account | None) -> str:
    """After a reset or another password it is a stranger's browser again."""
    whose = (account.id, str(account.password_at)) if account is not None else ("", "")
    return _short(key, "account", token, *whose)


def _short(key: bytes, *parts: str) -> str:
    data = "\x1f".join(("engawa.staff.browser", *parts)).encode()
    return base64.urlsafe_b64encode(hmac.digest(key, data, "sha256")[:16]).rstrip(b"=").decode()
