"""When a key-encryption key is due for its next state. Pure; imports bot.privacy.keyring.

The promise: 14 days after an erase no backup gives the person back. A backup opens with the keys
that wrapped rows on its day, so a key must be destroyed within 14 days of becoming current (from
that moment on backups hold rows under it). `turn` is called once a day; a timer is not a clock, so
two calls are 24 h apart give or take 1 h; and a call may be missed, never two in a row. At worst
every step is due just after one call, and the next call is missed:

    day  0  current
    day  7  a next key is handed out (due after 5 d 22 h, so on day 6 at the latest; missed)
    day 10  the next one is current, rows are rewrapped (due after 24 h; on day 8 too early by
            minutes, on day 9 missed)
    day 13  the key is destroyed (due after 24 h; too early, missed)

13 days and the hour that a call may be late: less than 14. With no call missed 8 days, at most 10.
A backup less than a day old always opens: its key was current or wrapped rows within that day, and
is kept for a day after.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec.structs import replace

from bot.privacy.keyring import Kek, Keyring, promoted, with_next

HOUR, DAY = 3_600_000, 86_400_000
HAND_OUT_AFTER = 6 * DAY - 2 * HOUR
"""Ms a key is current before a next one is handed out: on the sixth day, early call or late."""
HANDED_OUT_FOR = DAY
"""Ms a next key is handed out before it is promoted: every process, and every copy, has it then."""
KEPT_FOR = DAY
"""Ms an old key is kept: whoever had not read the file yet may have wrapped a row under it."""
BOUND = 14 * DAY
"""Ms after becoming current at which a key must be gone: what people are told at an erase."""
FORGOTTEN_AFTER = 400 * DAY
"""Ms after which a destroyed key's id leaves the list; no row lives that long."""

Act = Literal["hand out", "promote", "destroy"]


class Due(NamedTuple):
    """What comes next, to which key, and from when on (UTC ms)."""

    act: Act
    key: str
    at: int


def counted(keyring: Keyring, now: int) -> Keyring:
    """The keyring in which every key has its times.

    Times that aren't known, or lie in the future (the clock was wrong once), count from now.
    """
    return replace(keyring, keks=tuple(_counted(kek, now) for kek in keyring.keks))


def advanced(keyring: Keyring, now: int) -> Keyring:
    """A counted keyring after the promotion or the handing out that is due; mostly the same."""
    waiting = _waiting(keyring)
    if waiting is None:
        late = now - keyring.current.since >= HAND_OUT_AFTER
        return with_next(keyring, now) if late else keyring
    ripe = now - waiting.since >= HANDED_OUT_FOR
    return promoted(keyring, waiting.id, now) if ripe else keyring


def to_destroy(keyring: Keyring, now: int) -> list[str]:
    """Ids of old keys that were kept long enough; whether rows need them is the caller's to ask."""
    return [k.id for k in keyring.keks if k.state == "old" and now - k.since >= KEPT_FOR]


def without_forgotten(keyring: Keyring, now: int) -> Keyring:
    """The keyring without keys that were destroyed long ago."""
    kept = (k for k in keyring.keks if k.state != "destroyed" or now - k.since < FORGOTTEN_AFTER)
    return replace(keyring, keks=tuple(kept))


def comes_next(keyring: Keyring) -> Due:
    """The act that is due first."""
    dues = [Due("destroy", k.id, k.since + KEPT_FOR) for k in keyring.keks if k.state == "old"]
    waiting, current = _waiting(keyring), keyring.current
    if waiting is None:
        dues.append(Due("hand out", current.id, current.since + HAND_OUT_AFTER))
    else:
        dues.append(Due("promote", waiting.id, waiting.since + HANDED_OUT_FOR))
    return min(dues, key=lambda due: due.at)


def past_the_bound(keyring: Keyring, now: int) -> list[Kek]:
    """Keys that are held and open backups older than 14 days."""
    return [kek for kek in keyring.keks if kek.key and kek.used and now - kek.used > BOUND]


def _counted(kek: Kek, now: int) -> Kek:
    since = kek.since if 0 < kek.since <= now else now
    if kek.state not in ("current", "old"):
        return replace(kek, since=since, used=kek.used if kek.used <= now else now)
    return replace(kek, since=since, used=kek.used if 0 < kek.used <= now else since)


def _waiting(keyring: Keyring) -> Kek | None:
    return next((kek for kek in keyring.keks if kek.state == "next"), None)
