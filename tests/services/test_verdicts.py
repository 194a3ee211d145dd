"""bot.services.verdicts: the decision table of delivery, row by row."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.ports import Outcome, OutcomeKind
from bot.services.records import OutboxClass, OutboxRow, OutboxStatus, Via
from bot.services.verdicts import (
    BACKOFF_CAP,
    CRISIS_CAP,
    KEY_LIFE,
    TOKEN_LIFE,
    Level,
    backoff,
    refusal,
    road,
    verdict,
)

NOW = 1_800_000_000_000
HALF = 0.5  # the middle of the spread: a backoff is exactly its base
CLASSES: tuple[OutboxClass, ...] = get_args(OutboxClass)


def row(**fields: Any) -> OutboxRow:
    """A row at its first attempt, unless said otherwise."""
    base: dict[str, Any] = {
        "id": "r",
        "conversation": "c",
        "address": "a",
        "channel": "line",
        "seq": 1,
        "speech": "turn",
        "sealed": b"",
        "retry_key": "k",
        "status": "sending",
        "tries": 1,
        "first_at": NOW,
        "created": NOW,
    }
    return OutboxRow(**(base | fields))


def fresh(**fields: Any) -> OutboxRow:
    """A row that goes by a reply token of ten seconds ago."""
    return row(**({"via": "reply", "token_at": NOW - 10_000} | fields))


def stale(**fields: Any) -> OutboxRow:
    """A row whose reply token is too old."""
    return row(**({"via": "reply", "token_at": NOW - TOKEN_LIFE - 1} | fields))


def case(
    kind: OutcomeKind,
    attempted: OutboxRow,
    status: OutboxStatus,
    pause: int = 0,
    reason: str = "",
    crashed: Via = "",
    retry_after: int = 0,
    *,
    id: str,
) -> Any:
    """One line of the table."""
    return pytest.param(
        Outcome(kind, retry_after), attempted, crashed, status, pause, reason, id=id
    )


PUSH = {"via": "push"}
SEND = {"via": "send", "channel": "telegram"}
DOUBT = {"reason": "ambiguous", "tries": 2}

TABLE = [
    case("sent", row(**PUSH), "sent", id="push: 200"),
    case("sent", fresh(), "sent", id="reply: 200"),
    case("sent", row(**SEND), "sent", id="telegram: 200"),
    case("already", row(**PUSH, tries=2), "sent", reason="already", id="push: 409 is success"),
    case("bad_token", fresh(), "new", 0, "bad_token", id="reply: 400 at first is surely unsent"),
    case("bad_token", stale(), "new", 0, "bad_token", id="reply: 400, old token, first: push"),
    case(
        "bad_token",
        fresh(tries=2, reason="throttled"),
        "new",
        0,
        "bad_token",
        id="reply: 400 after a throttled try only is surely unsent",
    ),
    case(
        "bad_token",
        fresh(**DOUBT),
        "inferred",
        0,
        "ambiguous token_used_by_us",
        id="reply: later 400 within 50 s: our own first try used the token",
    ),
    case(
        "bad_token",
        fresh(tries=2),
        "inferred",
        0,
        "ambiguous token_used_by_us",
        crashed="reply",
        id="reply: 400 within 50 s after a crash",
    ),
    case(
        "bad_token",
        fresh(tries=2, token_at=NOW - TOKEN_LIFE, reason="ambiguous"),
        "inferred",
        0,
        "ambiguous token_used_by_us",
        id="reply: later 400 at exactly 50 s",
    ),
    *(
        case(
            "bad_token",
            stale(**DOUBT, speech=speech),
            "new",
            0,
            "ambiguous bad_token",
            id=f"reply: later 400 with an old token, {speech}: again",
        )
        for speech in ("staff", "turn", "crisis")
    ),
    *(
        case(
            "bad_token",
            stale(**DOUBT, speech=speech),
            "unknown",
            0,
            "ambiguous",
            id=f"reply: later 400 with an old token, {speech}: unknown",
        )
        for speech in ("notice", "info")
    ),
    case(
        "bad_token",
        fresh(**DOUBT, speech="crisis"),
        "new",
        0,
        "ambiguous bad_token",
        id="reply: a crisis infers nothing from a used token",
    ),
    case("ambiguous", row(**PUSH), "new", 1_000, "no_answer", id="push: time-out, same key again"),
    case(
        "ambiguous",
        row(**PUSH, speech="info", tries=3),
        "new",
        4_000,
        "no_answer",
        id="push: time-out of an info: the key makes it safe",
    ),
    case("ambiguous", fresh(), "new", 0, "ambiguous", id="reply: time-out, same token at once"),
    case(
        "ambiguous",
        fresh(tries=3),
        "new",
        4_000,
        "ambiguous",
        id="reply: third time-out, same token after a pause",
    ),
    case(
        "ambiguous",
        fresh(speech="info"),
        "new",
        0,
        "ambiguous",
        id="reply: time-out of an info while the token is fresh",
    ),
    case(
        "ambiguous",
        stale(speech="info"),
        "unknown",
        0,
        "ambiguous",
        id="reply: time-out of an info with an old token",
    ),
    case("ambiguous", stale(), "new", 0, "ambiguous", id="reply: time-out, old token, turn: push"),
    *(
        case("ambiguous", row(**SEND, speech=speech), "new", 1_000, "ambiguous", id=f"tg: {speech}")
        for speech in ("crisis", "staff", "turn")
    ),
    *(
        case("ambiguous", row(**SEND, speech=speech), "unknown", 0, "ambiguous", id=f"tg: {speech}")
        for speech in ("notice", "info")
    ),
    case("unsent", row(**SEND), "new", 1_000, "unsent", id="refused connection: again"),
    case("unsent", row(**SEND, speech="info"), "new", 1_000, "unsent", id="refused: info too"),
    case("throttled", row(**PUSH, tries=2), "new", 2_000, "throttled", id="push: 429 by rate"),
    case(
        "throttled",
        row(**SEND),
        "new",
        35_000,
        "throttled",
        retry_after=35_000,
        id="telegram: retry_after is honoured",
    ),
    case(
        "throttled",
        row(**SEND, speech="crisis"),
        "new",
        35_000,
        "throttled",
        retry_after=35_000,
        id="telegram: retry_after holds for a crisis too",
    ),
    *(
        case("quota", row(**PUSH, speech=speech), "waiting", 0, "quota", id=f"month over: {speech}")
        for speech in ("staff", "turn", "notice")
    ),
    case("quota", row(**PUSH, speech="info"), "withdrawn", 0, "quota", id="month over: info"),
    case(
        "quota",
        row(**PUSH, speech="info", reason="ambiguous"),
        "unknown",
        0,
        "ambiguous quota",
        id="month over: info that may have arrived",
    ),
    case(
        "quota",
        row(**PUSH, speech="crisis"),
        "new",
        1_000,
        "quota",
        id="month over: a crisis keeps trying",
    ),
    case(
        "quota",
        row(via="push", speech="crisis", token_at=NOW - 1_000),
        "new",
        0,
        "quota",
        id="month over: a crisis takes the fresh token at once",
    ),
    *(
        case("blocked", row(via=via), "undeliverable", 0, "blocked", id=f"{via}: blocked")
        for via in ("push", "reply", "send")
    ),
    *(
        case("rejected", row(via=via), "dead", 0, "rejected", id=f"{via}: rejected")
        for via in ("push", "reply", "send")
    ),
    case("bad_token", row(**PUSH), "dead", 0, "rejected", id="push: a token error is our fault"),
    case(
        "ambiguous",
        row(**PUSH, tries=30, first_at=NOW - KEY_LIFE + 1),
        "dead",
        0,
        "too_old",
        id="push: no retry beyond the key's life",
    ),
    case(
        "unsent",
        row(**SEND, tries=30, first_at=NOW - KEY_LIFE + 1),
        "dead",
        0,
        "too_old",
        id="telegram: given up after 24 h",
    ),
]


@pytest.mark.parametrize(("outcome", "attempted", "crashed", "status", "pause", "reason"), TABLE)
def test_verdict(
    outcome: Outcome,
    attempted: OutboxRow,
    crashed: Via,
    status: OutboxStatus,
    pause: int,
    reason: str,
) -> None:
    """Every outcome on every road has one consequence."""
    settlement = verdict(attempted, outcome, NOW, HALF, crashed)
    due = NOW + pause if status == "new" else 0
    assert (settlement.status, settlement.next_at, settlement.reason) == (status, due, reason)


@pytest.mark.parametrize(
    ("waiting", "level", "via"),
    [
        pytest.param(row(speech="crisis"), "ample", "push", id="crisis pushes"),
        pytest.param(fresh(speech="crisis"), "ample", "push", id="crisis with a fresh token too"),
        pytest.param(fresh(speech="crisis"), "reserve", "push", id="crisis on the reserve"),
        pytest.param(fresh(speech="crisis"), "gone", "reply", id="crisis, month over, fresh token"),
        pytest.param(
            fresh(speech="crisis", reason="quota"), "ample", "reply", id="crisis that met the limit"
        ),
        pytest.param(stale(speech="crisis"), "gone", "push", id="crisis keeps trying to push"),
        pytest.param(fresh(), "ample", "reply", id="turn with a fresh token"),
        pytest.param(fresh(token_at=NOW - TOKEN_LIFE), "ample", "reply", id="turn at 50 s"),
        pytest.param(stale(), "ample", "push", id="turn at 50.001 s"),
        pytest.param(fresh(reason="bad_token"), "ample", "push", id="turn whose token is used up"),
        pytest.param(row(), "reserve", "push", id="turn pushes on the reserve"),
        pytest.param(row(), "gone", "", id="turn waits when the month is over"),
        pytest.param(fresh(), "gone", "reply", id="turn replies when the month is over"),
        pytest.param(fresh(speech="staff"), "ample", "reply", id="staff with a fresh token"),
        pytest.param(row(speech="staff"), "reserve", "push", id="staff pushes on the reserve"),
        pytest.param(row(speech="staff"), "gone", "", id="staff waits when the month is over"),
        pytest.param(row(speech="notice"), "ample", "push", id="notice above the reserve"),
        pytest.param(row(speech="notice"), "reserve", "", id="notice never on the reserve"),
        pytest.param(row(speech="info"), "ample", "push", id="info above the reserve"),
        pytest.param(row(speech="info"), "reserve", "", id="info never on the reserve"),
    ],
)
def test_road(waiting: OutboxRow, level: Level, via: Via) -> None:
    """On LINE class, token and quota choose the road."""
    assert road(waiting, NOW, True, level) == via


@pytest.mark.parametrize("speech", CLASSES)
def test_one_road(speech: OutboxClass) -> None:
    """Where there are no reply tokens there is one road."""
    assert road(row(speech=speech), NOW, False, "ample") == "send"


@pytest.mark.parametrize(
    ("leased", "crashed", "status"),
    [
        pytest.param(row(**PUSH), "", None, id="ordinary"),
        pytest.param(row(**PUSH, speech="info"), "push", None, id="info after a crashed push: key"),
        pytest.param(row(**SEND, speech="info"), "send", "unknown", id="info after a crashed send"),
        pytest.param(row(**SEND, speech="turn"), "send", None, id="turn after a crashed send"),
        pytest.param(fresh(speech="info"), "reply", None, id="info after a crash, token fresh"),
        pytest.param(
            row(**PUSH, speech="notice"), "reply", "unknown", id="notice after a crash, token old"
        ),
        pytest.param(
            row(**PUSH, speech="notice", **DOUBT), "", "unknown", id="notice in doubt, token old"
        ),
        pytest.param(row(**PUSH, first_at=NOW - KEY_LIFE), "", "dead", id="key of 24 hours"),
        pytest.param(row(**PUSH, first_at=NOW - KEY_LIFE + 1), "", None, id="key just young"),
    ],
)
def test_refusal(leased: OutboxRow, crashed: Via, status: OutboxStatus | None) -> None:
    """A row that must not come twice, or whose key is too old, is not attempted."""
    settlement = refusal(leased, NOW, crashed)
    assert (settlement.status if settlement else None) == status


def test_backoff() -> None:
    """Pauses double from one second to five minutes."""
    pauses = [backoff(tries, False, HALF) for tries in range(1, 12)]
    seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert pauses == [second * 1_000 for second in seconds]


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.booleans())
def test_backoff_is_bounded(tries: int, fraction: float, crisis: bool) -> None:
    """A pause is at least half a second, at most 450 s, and 15 s for a crisis."""
    pause = backoff(tries, crisis, fraction)
    assert 500 <= pause <= (CRISIS_CAP if crisis else BACKOFF_CAP * 3 // 2)


@given(
    st.sampled_from(get_args(OutcomeKind)),
    st.sampled_from(CLASSES),
    st.sampled_from(["reply", "push", "send"]),
    st.sampled_from(["", "ambiguous", "bad_token", "quota", "ambiguous bad_token"]),
    st.integers(1, 20),
    st.integers(0, KEY_LIFE * 2),
)
def test_crisis_is_never_dropped_in_silence(
    kind: OutcomeKind, speech: OutboxClass, via: Via, reason: str, tries: int, age: int
) -> None:
    """Crisis, staff and turn rows are never left as unknown; a crisis never waits."""
    attempted = row(speech=speech, via=via, reason=reason, tries=tries, token_at=NOW - age)
    status = verdict(attempted, Outcome(kind), NOW, HALF).status
    if speech in ("crisis", "staff", "turn"):
        assert status not in ("unknown", "withdrawn")
    if speech == "crisis":
        assert status in ("sent", "new", "undeliverable", "dead")
