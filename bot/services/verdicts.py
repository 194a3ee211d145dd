"""What follows from one attempt to send, and by which road a row may leave: the decision table of
delivery (docs/delivery.md), as pure functions. Imports records and ports only.

A LINE reply has no retry key: whether a 400 means "already used by us" or "never arrived" depends
on the token's age, counted from the platform's event time, and on whether an earlier attempt by
reply may have got through. Both are kept in the row's `reason` as marks that stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from bot.services.ports import Outcome, OutcomeKind
from bot.services.records import OutboxClass, OutboxRow, OutboxStatus, Settlement, Via

Level = Literal["ample", "reserve", "gone"]

TOKEN_LIFE = 50_000  # ms from the event; LINE promises a minute
KEY_LIFE = 24 * 3_600_000  # ms; an older retry key would send a second time
CRISIS_CAP = 15_000  # ms between attempts at most
BACKOFF_CAP = 300_000

DOUBT = "ambiguous"  # an attempt by reply may have got through
NO_TOKEN = "bad_token"  # the reply token is used up
NO_QUOTA = "quota"  # the month's pushes are used up
_STAYING = (DOUBT, NO_TOKEN, NO_QUOTA)

SENT_AGAIN: frozenset[OutboxClass] = frozenset({"crisis", "staff", "turn"})
"""Classes that are sent again when nobody knows: a repeat is harmless, silence is not."""


_FINAL: Mapping[OutcomeKind, tuple[OutboxStatus, str]] = {
    "sent": ("sent", ""),
    "already": ("sent", "already"),
    "blocked": ("undeliverable", "blocked"),
    "rejected": ("dead", "rejected"),
}


def marks(row: OutboxRow) -> frozenset[str]:
    """What earlier attempts taught about this row."""
    return frozenset(row.reason.split()) & frozenset(_STAYING)


def token_fresh(row: OutboxRow, now: int) -> bool:
    """Whether the row holds a reply token that may still be used."""
    return row.token_at > 0 and now - row.token_at <= TOKEN_LIFE and NO_TOKEN not in marks(row)


def road(row: OutboxRow, now: int, replies: bool, level: Level, many: bool = False) -> Via:
    """By which way the row leaves now; "" where it must wait for the person's next token.

    `replies` is whether the channel has reply tokens; without them there is one way only. `many`:
    this conversation's crises had their share of the hour's pushes.
    """
    if not replies:
        return "send"
    fresh = token_fresh(row, now)
    if row.speech == "crisis":
        no_push = many or level == "gone" or NO_QUOTA in marks(row)
        return "reply" if fresh and no_push else "push"
    if fresh:
        return "reply"
    if level == "gone" or (level == "reserve" and row.speech in ("notice", "info")):
        return ""
    return "push"


def backoff(tries: int, crisis: bool, fraction: float) -> int:
    """Ms until the next attempt: 1, 2, 4 … 300 s, spread by half to both sides."""
    base = min(BACKOFF_CAP, 1_000 << min(max(tries - 1, 0), 12))
    spread = int(base * (0.5 + fraction))
    return min(spread, CRISIS_CAP) if crisis else spread


def refusal(row: OutboxRow, now: int, crashed: Via = "") -> Settlement | None:
    """Why a leased row must not be attempted after all, or None.

    `crashed` is the road of an earlier attempt whose end nobody wrote down.
    """
    if row.first_at and now - row.first_at >= KEY_LIFE:
        return _end(row, "dead", "too_old")
    doubt = crashed == "send" or (
        row.via != "reply" and (crashed == "reply" or DOUBT in marks(row))
    )
    if doubt and row.speech not in SENT_AGAIN:
        return _end(row, "unknown", DOUBT)
    return None


def verdict(
    row: OutboxRow, outcome: Outcome, now: int, fraction: float, crashed: Via = ""
) -> Settlement:
    """How one attempt ended. `row` is as it was attempted: `via` and `tries` include this attempt.

    `fraction` in [0, 1) spreads the backoff; `crashed` as in `refusal`.
    """
    if crashed == "reply":
        row = _marked(row, DOUBT)
    final = _FINAL.get(outcome.kind)
    if final is not None:
        return _end(row, *final)
    pause = backoff(row.tries, row.speech == "crisis", fraction)
    match outcome.kind:
        case "bad_token":
            return _bad_token(row, now)
        case "quota":
            return _quota(row, now, pause)
        case "ambiguous":
            return _ambiguous(row, now, pause)
        case _:  # surely unsent, or throttled
            return _again(row, now, max(pause, outcome.retry_after), outcome.kind)


def _ambiguous(row: OutboxRow, now: int, pause: int) -> Settlement:
    if row.via == "push":
        return _again(row, now, pause, "no_answer")  # the same key: at worst a 409
    if row.via == "reply":
        # The same token again: at worst a 400 that says it got through the first time.
        pause = 0 if row.tries <= 1 else pause
        row = _marked(row, DOUBT)
        if token_fresh(row, now + pause):
            return _again(row, now, pause)
    if row.speech in SENT_AGAIN:
        return _again(_marked(row, DOUBT), now, pause)
    return _end(row, "unknown", DOUBT)


def _bad_token(row: OutboxRow, now: int) -> Settlement:
    if row.via != "reply":
        return _end(row, "dead", "rejected")
    if DOUBT not in marks(row):
        return _again(_marked(row, NO_TOKEN), now, 0)  # surely unsent
    # A crisis row shares its token with the turn's other row, so a used one proves nothing.
    if now - row.token_at <= TOKEN_LIFE and row.speech != "crisis":
        return _end(row, "inferred", "token_used_by_us")
    if row.speech in SENT_AGAIN:
        return _again(_marked(row, NO_TOKEN), now, 0)
    return _end(row, "unknown", DOUBT)


def _quota(row: OutboxRow, now: int, pause: int) -> Settlement:
    if row.speech == "crisis":
        if row.via == "push" and token_fresh(row, now):
            pause = 0  # the reply token costs nothing
        return _again(_marked(row, NO_QUOTA), now, pause)
    if row.speech == "info":
        return _end(row, "unknown" if DOUBT in marks(row) else "withdrawn", NO_QUOTA)
    return _end(row, "waiting", NO_QUOTA)


def _again(row: OutboxRow, now: int, pause: int, code: str = "") -> Settlement:
    due = now + pause
    if row.first_at and due - row.first_at >= KEY_LIFE:
        return _end(row, "dead", "too_old")
    return Settlement(row.id, "new", due, _reason(row, code))


def _end(row: OutboxRow, status: OutboxStatus, code: str = "") -> Settlement:
    return Settlement(row.id, status, 0, _reason(row, code))


def _marked(row: OutboxRow, mark: str) -> OutboxRow:
    return replace(row, reason=_reason(row, mark))


def _reason(row: OutboxRow, code: str) -> str:
    kept = [mark for mark in _STAYING if mark in marks(row) or mark == code]
    return " ".join(kept + ([code] if code and code not in kept else []))
