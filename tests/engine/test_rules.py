"""What holds for every session and every inbound, whatever anybody does."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.events import Event, Offered, Said
from bot.engine.inbound import Inbound
from bot.engine.session import Answer, Frame, Session, decode, encode
from bot.engine.shape import shape
from bot.engine.turn import take_turn
from bot.engine.world import Limits, Turn, World
from bot.safety.risk import Risk, Tier
from tests.engine.bundles import program
from tests.engine.talking import DAY, START, Person

MARK = "ひみつのことば"
WORDS = ["もどる", "人と話す", "ことば", "たすけて", "消して", "おわる", "さみしい", "わからない"]
ODD = ["1", "②", "34", "9" * 20, "", " ", "。", "ja button_own", "\ud800", "x" * 3000, MARK * 900]
TEXTS = st.sampled_from(WORDS + ODD) | st.text(max_size=8).map(lambda text: MARK + text)
RISKS = st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3]).map(lambda t: Risk(Tier(t), "topic", "rule"))
KINDS = st.sampled_from(
    ["begin", "sticker", "picture", "voice", "video", "file", "place", "contact_card", "expired"]
)
INBOUNDS = (
    st.builds(Inbound, kind=st.sampled_from(["text", "text", "edited"]), text=TEXTS, risk=RISKS)
    | st.builds(Inbound, kind=KINDS, code=st.sampled_from(["", "poster", "\udc00" * 99]))
    | st.builds(Inbound, kind=st.just("tap"), data=st.sampled_from(["", "x", "1.1", "n1.human"]))
)
# A number is a button of the newest question; "silence" the timer of the newest wait.
MOVES = st.lists(
    st.tuples(INBOUNDS | st.integers(1, 6) | st.just("silence"), st.integers(0, 3)), max_size=30
)
PAUSES = (0, 60_000, 7 * 3_600_000, 3 * DAY)


def person_does(person: Person, move: Inbound | int | str) -> Turn:
    if isinstance(move, int):
        return person.does(Inbound("tap", data=f"{person.session.nonce}.{move}"))
    if isinstance(move, str):
        return person.does(Inbound("silence", data=person.session.nonce))
    return person.does(move)


@settings(max_examples=150, deadline=None)
@given(moves=MOVES, channel=st.sampled_from(["line", "web"]), open_=st.booleans())
def test_every_walk_is_kind(
    moves: list[tuple[Inbound | int | str, int]], channel: str, open_: bool
) -> None:
    """No series of inbounds raises, hangs, empties the stack, outgrows limits or loses rails."""
    unprompted = channel != "line"
    person = Person(channel=channel, open={"counselors": open_}, speaks_unprompted=unprompted)
    person.limits = Limits(session_bytes=4_000)
    for move, pause in moves:
        person.now += PAUSES[pause]
        turn = person_does(person, move)
        check_session(person, turn)
        check_events(person, turn)


def check_session(person: Person, turn: Turn) -> None:
    session = turn.session
    assert (session.status == "active") == bool(session.stack)
    assert len(encode(session)) <= person.limits.session_bytes
    assert len(session.history) <= person.limits.history
    kinds = [timer.kind for timer in turn.timers]
    assert len(kinds) == len(set(kinds))
    assert ("expired" in kinds) == (session.status == "active")
    if any(isinstance(event, Said) for event in turn.events):
        assert all(timer.due >= person.now for timer in turn.timers)


def check_events(person: Person, turn: Turn) -> None:
    for event in turn.events:
        if isinstance(event, Said):
            assert event.key in person.program.bundle.messages.texts["ja"]
        else:
            assert MARK not in repr(event)
    said = [event for event in turn.events if isinstance(event, Said)]
    if said and turn.session.status == "active":
        top = turn.session.stack[-1]
        state = person.program.bundle.flows[top.flow].states.get(top.state)
        assert state is None or not state.rails or has_rails(said[-1])
        assert len([each for each in said[-1].choices if not each.rail]) == len(turn.session.shown)


def has_rails(said: Said) -> bool:
    return [each.rail for each in said.choices].count(True) == 3


NAMES = st.sampled_from(["front", "human", "crisis_a", "people", "deep", "gone", ""])
STATES = st.sampled_from(["hello", "when", "sub", "down", "then", "receive", "gone", ""])
ANSWERS = st.dictionaries(
    st.sampled_from(["role", "times", "gone"]),
    st.builds(Answer, st.text(max_size=5), st.none() | st.integers(0, 2 * START)),
    max_size=2,
)
STACKS = st.lists(st.builds(Frame, NAMES, STATES, ANSWERS), max_size=10).map(tuple)
SESSIONS = st.builds(
    Session,
    revision=st.sampled_from(["old", program().bundle.revision]),
    stack=STACKS,
    history=st.lists(STACKS, max_size=3).map(tuple),
    nonce=st.sampled_from(["", "1"]),
    shown=st.lists(st.sampled_from(["own", "gone"]), max_size=3).map(tuple),
    language=st.sampled_from(["", "ja", "en", "gone"]),
    misunderstood=st.integers(0, 3),
    seen_at=st.sampled_from([0, START - DAY, START]),
    unsaid=st.booleans(),
    status=st.sampled_from(["new", "active", "ended"]),
)


@settings(max_examples=400, deadline=None)
@given(session=SESSIONS, inbound=INBOUNDS | st.just(Inbound("silence", data="1")))
def test_any_session_meets_any_inbound(session: Session, inbound: Inbound) -> None:
    """A session of another revision, or a broken one, gets an ordinary turn."""
    world = World(now=START, channel="web", nonce="n9")
    turn = take_turn(program(), session, inbound, world, Limits())
    assert decode(encode(turn.session)) == turn.session
    again = take_turn(program(), turn.session, Inbound("text", text="人と話す"), world, Limits())
    assert again.session.stack[-1].flow == "human"


@settings(max_examples=100, deadline=None)
@given(session=SESSIONS)
def test_the_shape_tells_nothing_that_was_said(session: Session) -> None:
    """The shape depends on states and names of answers only."""
    stack = tuple(
        msgspec.structs.replace(
            frame, answers={name: Answer(MARK) for name in reversed(list(frame.answers))}
        )
        for frame in session.stack
    )
    other = msgspec.structs.replace(session, stack=stack, code=MARK, misunderstood=9)
    assert shape(other) == shape(session)


def test_a_turn_leaves_its_arguments_alone() -> None:
    """The engine is pure: the same turn twice gives the same, and the session stays as it was."""
    person = Person()
    person.walks("own")
    before = encode(person.session)
    world = World(now=START, channel="web", nonce="n9", values={"days_left": "7"})
    inbound = Inbound("text", text=MARK)
    first = take_turn(person.program, person.session, inbound, world, Limits())
    assert encode(person.session) == before
    assert take_turn(person.program, person.session, inbound, world, Limits()) == first


def test_events_are_plain_data() -> None:
    """Every event survives JSON by its name, so that it can be stored and counted."""
    person = Person()
    events = [*person.walks("own").events, *person.writes("x", tier=2).events]
    coded = msgspec.json.encode(events)
    assert msgspec.json.decode(coded, type=list[Event]) == events
    assert isinstance(Offered("a.1", "b"), msgspec.Struct)
