"""`engawa connect line` and `disconnect line` over real HTTP: what is asked, and every refusal."""

from __future__ import annotations

import pytest

from bot.channels.line.connecting import connect, disconnect
from bot.channels.steps import Step
from tests.channels.setting_up import (
    LINE_URL,
    line_setup,
    line_spec_problems,
    menu,
    picture,
    states,
    steps,
)
from tests.platforms.line import ScriptedLine

EVERYTHING = ["done"] * 6


async def connected(platform: ScriptedLine, timeout: float = 5.0) -> list[Step]:
    """Connect once; every step."""
    async with line_setup(platform, timeout) as setup:
        return await steps(connect(setup, LINE_URL, menu(), picture()))


async def disconnected(platform: ScriptedLine) -> list[Step]:
    """Disconnect once; every step."""
    async with line_setup(platform) as setup:
        return await steps(disconnect(setup))


async def test_from_nothing(scripted_line: ScriptedLine) -> None:
    """The webhook is set and tried, and everybody sees the menu with its picture."""
    account = scripted_line.account
    assert states(await connected(scripted_line)) == EVERYTHING
    assert (account.endpoint, account.tries) == (LINE_URL, [LINE_URL])
    [made] = account.menus.values()
    assert account.default_menu == made["richMenuId"]
    assert account.pictures == {account.default_menu: picture()}
    actions = [area["action"] for area in made["areas"]]
    assert [action.get("data") for action in actions[:3]] == [
        "menu.human",
        "menu.help",
        "menu.leave",
    ]
    assert [action["uri"] for action in actions[3:5]] == ["tel:119", "tel:110"]
    assert [line_spec_problems(request) for request in scripted_line.received] == (
        [[]] * len(scripted_line.received)
    )


async def test_twice_changes_nothing(scripted_line: ScriptedLine) -> None:
    """The second time only asks, but for LINE's own try of the webhook."""
    await connected(scripted_line)
    scripted_line.received.clear()
    assert states(await connected(scripted_line)) == ["done", "same", "done", "same"]
    changing = [r.path for r in scripted_line.received if r.method != "GET"]
    assert changing == ["/v2/bot/channel/webhook/test"]


async def test_pictures_go_to_the_other_host(scripted_line: ScriptedLine) -> None:
    """The picture goes to the data host as a PNG, everything else to the API."""
    await connected(scripted_line)
    [upload] = [r for r in scripted_line.received if r.headers.get("content-type") == "image/png"]
    assert (upload.method, upload.path.rpartition("/")[2]) == ("POST", "content")
    assert upload.body == picture()


async def test_menus_of_others_stay(scripted_line: ScriptedLine) -> None:
    """A menu that isn't ours is hidden by ours, said so, and never deleted."""
    foreign = scripted_line.account.add_menu("summer campaign", shown=True)
    notes = [text for state, text in await connected(scripted_line) if state == "note"]
    assert any("left where it is" in text for text in notes)
    assert any("Left alone, because not ours: 1 menu." in text for text in notes)
    assert foreign in scripted_line.account.menus
    assert scripted_line.account.default_menu != foreign


async def test_a_menu_of_an_earlier_connect_goes(scripted_line: ScriptedLine) -> None:
    """What an earlier connect made is deleted once the new one is shown."""
    old = scripted_line.account.add_menu("engawa 0123456789abcdef", shown=True)
    assert states(await connected(scripted_line)) == [*EVERYTHING, "done"]
    assert old not in scripted_line.account.menus
    assert len(scripted_line.account.menus) == 1


@pytest.mark.parametrize(
    ("request_line", "act"),
    [
        pytest.param("/content", "error", id="upload refused"),
        pytest.param("/content", "lost_response", id="upload taken, answer lost"),
        pytest.param("POST /v2/bot/user/all/richmenu", "error", id="showing refused"),
        pytest.param("POST /v2/bot/richmenu", "error", id="making refused"),
    ],
)
async def test_it_goes_on_where_it_stopped(
    request_line: str, act: str, scripted_line: ScriptedLine
) -> None:
    """After an attempt that ended halfway the next one ends it; nothing is left over."""
    scripted_line.script_for(request_line, act)
    assert "refused" in states(await connected(scripted_line))
    assert "refused" not in states(await connected(scripted_line))
    assert len(scripted_line.account.menus) == 1
    assert scripted_line.account.pictures == {scripted_line.account.default_menu: picture()}


REFUSALS = [
    pytest.param("bot/info", "unauthorized", "Issue a channel access token", id="401"),
    pytest.param("bot/info", "forbidden", "Messaging API channel of your own", id="403"),
    pytest.param("PUT", "invalid", "The address must be https", id="400 webhook"),
    pytest.param("PUT", "throttled", "slow down", id="429"),
    pytest.param("PUT", "error", "trouble of its own", id="500"),
    pytest.param("webhook/test", "error", "trouble of its own", id="500 try"),
    pytest.param("richmenu/list", "odd", "does not know", id="200 without sense"),
    pytest.param("POST /v2/bot/richmenu", "invalid", "Delete menus", id="400 menu"),
    pytest.param("POST /v2/bot/richmenu", "throttled", "100 times an hour", id="429 menu"),
    pytest.param("/content", "invalid", "make pictures", id="400 picture"),
    pytest.param("/content", "too_large", "too large", id="413 picture"),
    pytest.param("PUT", "lost_request", "can't be reached", id="connection dropped"),
]


@pytest.mark.parametrize(("request_line", "act", "words"), REFUSALS)
async def test_each_refusal_is_one_sentence(
    request_line: str, act: str, words: str, scripted_line: ScriptedLine
) -> None:
    """A refusal says what LINE said and what to do; the other parts are done all the same."""
    scripted_line.script_for(request_line, act)
    found = await connected(scripted_line)
    [refused] = [text for state, text in found if state == "refused"]
    assert words in refused
    assert scripted_line.token not in refused
    if request_line != "bot/info":
        assert states(found).count("done") >= 2


async def test_no_answer_in_time(scripted_line: ScriptedLine) -> None:
    """LINE that hangs is given up after our own time-out, in words."""
    scripted_line.script_for("bot/info", "hang_before")
    [refused] = await connected(scripted_line, timeout=0.2)
    assert refused[0] == "refused"
    assert "did not answer within 0.2 s" in refused[1]


async def test_nobody_there(scripted_line: ScriptedLine) -> None:
    """A machine without a way to LINE is told so."""
    await scripted_line.stop()
    [refused] = await connected(scripted_line)
    assert "can't be reached from this machine" in refused[1]


async def test_too_many_menus(scripted_line: ScriptedLine) -> None:
    """An account full of menus is told where to delete some."""
    scripted_line.account.add_menu("somebody's")
    scripted_line.account.most_menus = 1
    [refused] = [text for state, text in await connected(scripted_line) if state == "refused"]
    assert "maximum number of rich menus" in refused
    assert "Delete menus" in refused
    scripted_line.violations.clear()  # the account is full, which is no fault of the client


async def test_a_picture_of_another_size(scripted_line: ScriptedLine) -> None:
    """LINE's complaint about a picture is passed on with what to do."""
    wrong = picture()[:16] + (999).to_bytes(4, "big") + picture()[20:]
    async with line_setup(scripted_line) as setup:
        found = await steps(connect(setup, LINE_URL, menu(), wrong))
    [refused] = [step.text for step in found if step.state == "refused"]
    assert "image size" in refused
    assert "make pictures" in refused
    scripted_line.violations.clear()


async def test_the_webhook_is_switched_off(scripted_line: ScriptedLine) -> None:
    """«Use webhook» can only be switched on by hand, and connect says so."""
    scripted_line.account.active = False
    [refused] = [text for state, text in await connected(scripted_line) if state == "refused"]
    assert "«Use webhook» is off" in refused


async def test_the_webhook_does_not_answer(scripted_line: ScriptedLine) -> None:
    """What LINE says of its own try is shown; the menu is set all the same."""
    scripted_line.account.reachable = False
    found = await connected(scripted_line)
    [refused] = [text for state, text in found if state == "refused"]
    assert "COULD_NOT_CONNECT (TLS handshake failure)" in refused
    assert scripted_line.account.default_menu


async def test_disconnect(scripted_line: ScriptedLine) -> None:
    """Our menus go, others stay, and what no program can undo is said; twice is no error."""
    foreign = scripted_line.account.add_menu("summer campaign")
    await connected(scripted_line)
    found = await disconnected(scripted_line)
    assert states(found) == ["done", "done"]
    assert "no program can take its webhook address away" in found[-1][1]
    assert (list(scripted_line.account.menus), scripted_line.account.default_menu) == (
        [foreign],
        "",
    )
    assert states(await disconnected(scripted_line)) == ["same"]


async def test_disconnect_leaves_a_menu_of_others_shown(scripted_line: ScriptedLine) -> None:
    """Where a foreign menu took our place it stays shown."""
    await connected(scripted_line)
    foreign = scripted_line.account.add_menu("summer campaign", shown=True)
    await disconnected(scripted_line)
    assert scripted_line.account.default_menu == foreign


async def test_disconnect_refused(scripted_line: ScriptedLine) -> None:
    """A refusal on the way out is one sentence as well."""
    scripted_line.script_for("richmenu/list", "unauthorized")
    [refused] = await disconnected(scripted_line)
    assert refused[0] == "refused"
    assert "LINE_CHANNEL_ACCESS_TOKEN" in refused[1]
