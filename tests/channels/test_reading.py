"""One table over both platforms: what comes in, and what is heard."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.line.client import LineChannel
from tests.channels.bodies import (
    AT,
    GROUP,
    LINE_GROUP,
    LINE_MEDIA,
    LINE_ROOM,
    TELEGRAM_MEDIA,
    USER,
    line_body,
    line_event,
    line_in,
    line_message,
    line_text,
    telegram_body,
    telegram_chat,
    telegram_membership,
    telegram_message,
    telegram_user,
)
from tests.channels.doors import DOORS, LINE_SECRET, channel, heard, short, signed

EVENT = line_event
POISON: Any = {"type": "message", "timestamp": "yesterday", "source": [], "message": 7}
TEN = [line_text(f"{n}", n=n, at=AT + n) for n in range(10)]
KINDS = {
    "sticker": "sticker",
    "image": "picture",
    "photo": "picture",
    "audio": "voice",
    "voice": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "file": "file",
    "document": "file",
    "location": "place",
    "venue": "place",
    "contact": "contact_card",
    "poll": "file",
    "hologram": "file",
}
GROUP_CHAT = telegram_chat("supergroup", -100)


def tg(**kinds: Any) -> bytes:
    return telegram_body(**kinds)


def tap(**fields: Any) -> Any:
    query = {"id": "cb1", "from": telegram_user(), "chat_instance": "x", "data": "q1.y"}
    return {**query, "message": telegram_message(text="question"), **fields}


READING = [
    pytest.param("line", line_body(line_text()), ["text"], id="line-text"),
    pytest.param("line", line_body(), [], id="line-empty-events"),
    pytest.param("line", line_body(EVENT("follow")), ["unblocked", "begin"], id="line-follow"),
    pytest.param("line", line_body(EVENT("unfollow")), ["blocked"], id="line-unfollow"),
    pytest.param(
        "line", line_body(EVENT("unsend", unsend={"messageId": "m"})), ["unsent"], id="line-unsend"
    ),
    pytest.param(
        "line", line_body(EVENT("postback", postback={"data": "q1.y"})), ["tap"], id="line-postback"
    ),
    pytest.param(
        "line",
        line_body(EVENT("messageEdited", message={"type": "text", "id": "m", "text": "b"})),
        ["edited"],
        id="line-edited",
    ),
    pytest.param(
        "line", line_body(*TEN[:4], POISON, *TEN[4:]), ["text"] * 10, id="line-poison-among-ten"
    ),
    pytest.param(
        "line", line_body(line_text(), 7, None, "x", []), ["text"], id="line-events-no-objects"
    ),
    pytest.param(
        "line", line_body(EVENT("hologram"), line_text()), ["text"], id="line-unknown-event"
    ),
    pytest.param("line", line_body(EVENT("message")), [], id="line-message-missing"),
    pytest.param("line", line_body({**line_text(), "mode": "standby"}), [], id="line-standby"),
    pytest.param(
        "line",
        line_body({**line_text(), "mode": "dreaming"}, line_text()),
        ["text"],
        id="line-unknown-mode",
    ),
    pytest.param(
        "line",
        line_body(EVENT("unsend", mode="standby", unsend={"messageId": "m"})),
        ["unsent"],
        id="line-unsend-in-standby",
    ),
    pytest.param(
        "line", line_body({**line_text(), "source": {"type": "user"}}), [], id="line-no-user-id"
    ),
    pytest.param("line", line_body({**line_text(), "source": None}), [], id="line-no-source"),
    pytest.param(
        "line",
        line_body(line_in(LINE_GROUP, EVENT("join"))),
        ["leave_group"],
        id="line-joined-group",
    ),
    pytest.param(
        "line", line_body(line_in(LINE_ROOM, line_text())), ["leave_group"], id="line-text-in-room"
    ),
    pytest.param("line", line_body(line_in(LINE_GROUP, EVENT("leave"))), [], id="line-left-group"),
    pytest.param(
        "line",
        line_body(line_text("b", 2, AT + 5), line_text("a", 1, AT)),
        ["text", "text"],
        id="line-two",
    ),
    pytest.param(
        "telegram", tg(message=telegram_message(text="つらい")), ["text"], id="telegram-text"
    ),
    pytest.param("telegram", tg(), [], id="telegram-no-kind"),
    pytest.param("telegram", tg(poll={"id": "1"}), [], id="telegram-unknown-update"),
    pytest.param(
        "telegram", tg(message=telegram_message(text="/start")), ["begin"], id="telegram-start"
    ),
    pytest.param("telegram", tg(callback_query=tap()), ["tap"], id="telegram-tap"),
    pytest.param(
        "telegram", tg(callback_query=tap(message=None)), ["tap"], id="telegram-tap-on-old-message"
    ),
    pytest.param(
        "telegram", tg(edited_message=telegram_message(text="b")), ["edited"], id="telegram-edited"
    ),
    pytest.param(
        "telegram", tg(edited_message=telegram_message()), [], id="telegram-edited-picture"
    ),
    pytest.param(
        "telegram",
        tg(my_chat_member=telegram_membership("kicked")),
        ["blocked"],
        id="telegram-blocked",
    ),
    pytest.param(
        "telegram",
        tg(my_chat_member=telegram_membership("member")),
        ["unblocked"],
        id="telegram-unblocked",
    ),
    pytest.param(
        "telegram",
        tg(my_chat_member=telegram_membership("administrator", GROUP_CHAT)),
        ["leave_group"],
        id="telegram-joined-group",
    ),
    pytest.param(
        "telegram",
        tg(my_chat_member=telegram_membership("left", GROUP_CHAT)),
        [],
        id="telegram-left-group",
    ),
    pytest.param(
        "telegram",
        tg(message=telegram_message(GROUP_CHAT, text="x")),
        ["leave_group"],
        id="telegram-text-in-group",
    ),
    pytest.param(
        "telegram",
        tg(channel_post=telegram_message(telegram_chat("channel", -7), text="x")),
        ["leave_group"],
        id="telegram-channel-post",
    ),
    pytest.param("telegram", tg(message={"message_id": "x", "chat": 5}), [], id="telegram-poison"),
    pytest.param(
        "telegram", tg(message=telegram_message(pinned_message={})), [], id="telegram-service-note"
    ),
    pytest.param(
        "telegram",
        tg(message=telegram_message(photo=[], caption="見て")),
        ["text"],
        id="telegram-caption",
    ),
    *(
        pytest.param(
            "line", line_body(line_message(kind, **fields)), [KINDS[kind]], id=f"line-{kind}"
        )
        for kind, fields in LINE_MEDIA.items()
    ),
    *(
        pytest.param(
            "telegram",
            tg(message=telegram_message(**{kind: value})),
            [KINDS[kind]],
            id=f"telegram-{kind}",
        )
        for kind, value in TELEGRAM_MEDIA.items()
    ),
]


@pytest.mark.parametrize(("door", "body", "expected"), READING)
def test_what_is_heard(door: str, body: bytes, expected: list[str]) -> None:
    """Each event is heard as what it is; odd ones cost nothing but themselves."""
    assert short(heard(door, body)) == expected


@pytest.mark.parametrize("door", DOORS)
def test_header_names_have_no_case(door: str) -> None:
    """Frameworks write header names in lower case, platforms do not."""
    body = line_body(line_text()) if door == "line" else tg(message=telegram_message(text="a"))
    headers = {name.upper(): value for name, value in signed(door, body).items()}
    assert short(channel(door).read(headers, body)) == ["text"]


def test_everything_of_a_line_text() -> None:
    """A text carries its words, its ids, its reply token and the platform's event time."""
    event = line_text("つらい", n=4)
    event["deliveryContext"]["isRedelivery"] = True
    [one] = heard("line", line_body(event))
    assert one.inbound is not None
    assert (one.channel, one.event_id, one.user_id, one.at) == ("line", "01EVENT4", USER, AT)
    assert (one.message_id, one.reply_token, one.redelivered) == ("m4", "token4", True)
    assert (one.inbound.text, one.inbound.language) == ("つらい", "")


def test_everything_of_a_telegram_text() -> None:
    """A text carries its words, ids made unique over chats, its time and a language hint."""
    [one] = heard("telegram", tg(message=telegram_message(text="つらい")))
    assert one.inbound is not None
    assert (one.channel, one.event_id, one.user_id, one.at) == ("telegram", "9", "4242", AT)
    assert (one.message_id, one.reply_token, one.callback) == ("4242:17", "", "")
    assert (one.inbound.text, one.inbound.language) == ("つらい", "ja")


def test_taps_carry_what_we_gave_out() -> None:
    """A tap brings back its data, on Telegram also the id to answer."""
    [line] = heard("line", line_body(EVENT("postback", postback={"data": "q1.y", "params": {}})))
    [telegram] = heard("telegram", tg(callback_query=tap()))
    assert line.inbound is not None and telegram.inbound is not None
    assert (line.inbound.data, telegram.inbound.data, telegram.callback) == ("q1.y", "q1.y", "cb1")
    assert telegram.user_id == "4242"


def test_events_of_a_body_come_in_order_of_their_time() -> None:
    """Unfollow and follow in one body end in the right state whatever their order in it."""
    events = [EVENT("follow", 2, AT + 1), EVENT("unfollow", 1, AT)]
    assert short(heard("line", line_body(*events))) == ["blocked", "unblocked", "begin"]


def test_groups_are_left_by_their_own_id() -> None:
    """What leaves is the group, and which kind it is goes along; the person's id does not."""
    [group] = heard("line", line_body(line_in(LINE_GROUP, EVENT("join"))))
    [room] = heard("line", line_body(line_in(LINE_ROOM, EVENT("join"))))
    assert (group.user_id, group.callback, room.callback) == (GROUP, "group", "room")
    assert group.inbound is None


@pytest.mark.parametrize(
    ("text", "kind", "said", "code"),
    [
        pytest.param("/start", "begin", "", "", id="start"),
        pytest.param("/start poster_07-b", "begin", "", "poster_07-b", id="entry-code"),
        pytest.param("/start@engawa_bot x1", "begin", "", "x1", id="with-the-bots-name"),
        pytest.param("/start " + "a" * 65, "begin", "", "", id="code-too-long"),
        pytest.param("/start <script>", "begin", "", "", id="code-malformed"),
        pytest.param("/human", "text", "人と話す", "", id="human"),
        pytest.param("/erase", "text", "消して", "", id="erase"),
        pytest.param("/stop", "text", "おわる", "", id="stop"),
        pytest.param("/help", "text", "たすけて", "", id="help"),
        pytest.param("/unheard_of", "text", "/unheard_of", "", id="unknown-command"),
        pytest.param("/", "text", "/", "", id="slash"),
        pytest.param("and /start", "text", "and /start", "", id="no-command"),
    ],
)
def test_telegram_commands(text: str, kind: str, said: str, code: str) -> None:
    """/start begins with an opaque code; other commands are the words that work everywhere."""
    [one] = heard("telegram", tg(message=telegram_message(text=text)))
    assert one.inbound is not None
    assert (one.inbound.kind, one.inbound.text, one.inbound.code) == (kind, said, code)


@pytest.mark.parametrize("door", DOORS)
def test_half_an_emoji_is_still_a_text(door: str) -> None:
    """A text cut in the middle of an emoji is heard, with a sign for the half."""
    body = (
        line_body(line_text("つらい\ud83d"))
        if door == "line"
        else tg(message=telegram_message(text="つらい\ud83d"))
    )
    [one] = heard(door, body)
    assert one.inbound is not None and one.inbound.text == "つらい\ufffd"


def test_a_very_long_text_is_read_up_to_ten_thousand() -> None:
    """No text of a person makes a row without bound."""
    [one] = heard("line", line_body(line_text("あ" * 20_000)))
    assert one.inbound is not None and len(one.inbound.text) == 10_000


def test_what_is_left_out_is_counted() -> None:
    """Odd and ignored events leave a number behind, never their content."""
    line = LineChannel(LINE_SECRET, "line-access-token")
    body = line_body(POISON, EVENT("hologram"), line_text())
    line.read(signed("line", body), body)
    assert line.counts == {"odd": 1, "ignored": 1}
