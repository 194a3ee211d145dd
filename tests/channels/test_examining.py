"""Doctor on the platforms: settings that somebody changed behind our back, each named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.channels.line import connecting as line_connecting
from bot.channels.line import examining as line_examining
from bot.channels.telegram import connecting as telegram_connecting
from bot.channels.telegram import examining as telegram_examining
from bot.channels.telegram.profile import profiles
from bot.services.checkup import Check
from tests.channels.setting_up import (
    LINE_URL,
    SECRET,
    TELEGRAM_URL,
    checks,
    content,
    line_setup,
    menu,
    picture,
    steps,
    telegram_setup,
    worst,
)
from tests.platforms.fixtures import NOW
from tests.platforms.line import ScriptedLine
from tests.platforms.telegram import ScriptedTelegram


async def examined_line(platform: ScriptedLine, url: str = LINE_URL) -> list[Check]:
    """What doctor says about LINE."""
    async with line_setup(platform) as setup:
        return await checks(line_examining.examine(setup, url, menu(), picture()))


async def examined_telegram(platform: ScriptedTelegram, url: str = TELEGRAM_URL) -> list[Check]:
    """What doctor says about Telegram."""
    async with telegram_setup(platform) as setup:
        wanted = profiles(content().bundle)
        return await checks(telegram_examining.examine(setup, url, wanted, NOW))


async def connect_both(line: ScriptedLine, telegram: ScriptedTelegram) -> None:
    """As `engawa connect` leaves them; every request is forgotten."""
    async with line_setup(line) as setup:
        await steps(line_connecting.connect(setup, LINE_URL, menu(), picture()))
    async with telegram_setup(telegram) as other:
        wanted = profiles(content().bundle)
        await steps(telegram_connecting.connect(other, TELEGRAM_URL, SECRET, wanted))
    line.received.clear()
    telegram.received.clear()


async def test_all_is_well(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """After connecting nothing is to be complained of; looking changes nothing."""
    await connect_both(scripted_line, scripted_telegram)
    assert worst(await examined_line(scripted_line)) == []
    assert worst(await examined_telegram(scripted_telegram)) == []
    asked = [*scripted_line.received, *scripted_telegram.received]
    changing = [r.path for r in asked if r.method != "GET" and "/get" not in r.path]
    assert changing == ["/v2/bot/channel/webhook/test"]


async def test_before_connecting(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """On untouched accounts doctor says what is not there yet."""
    line = [check.what for check in worst(await examined_line(scripted_line))]
    assert any("no address, expected" in what for what in line)
    assert any("No menu is shown" in what for what in line)
    telegram = [check.what for check in worst(await examined_telegram(scripted_telegram))]
    assert any("no webhook is set" in what for what in telegram)


def _moved(line: ScriptedLine) -> None:
    line.account.endpoint = "https://elsewhere.example/hook"


def _switched_off(line: ScriptedLine) -> None:
    line.account.active = False


def _chat(line: ScriptedLine) -> None:
    line.account.chat_mode, line.account.mark_as_read_mode = "chat", "manual"


def _menu_of_others(line: ScriptedLine) -> None:
    line.account.add_menu("summer campaign", shown=True)


def _no_menu(line: ScriptedLine) -> None:
    line.account.default_menu = ""


def _menu_changed(line: ScriptedLine) -> None:
    line.account.menus[line.account.default_menu]["areas"][5]["action"]["uri"] = "tel:0900000000"


def _older_picture(line: ScriptedLine) -> None:
    line.account.menus[line.account.default_menu]["name"] = "engawa 0000000000000000"


def _no_picture(line: ScriptedLine) -> None:
    line.account.pictures.clear()


def _unreachable(line: ScriptedLine) -> None:
    line.account.reachable = False


def _used_up(line: ScriptedLine) -> None:
    line.used = 195


def _nearly_used_up(line: ScriptedLine) -> None:
    line.used = 165


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        pytest.param(_moved, "problem", "elsewhere.example/hook, expected", id="webhook moved"),
        pytest.param(_switched_off, "problem", "«Use webhook» is off", id="webhook off"),
        pytest.param(_chat, "warning", "Chat is on (chat, manual)", id="chat switched on"),
        pytest.param(_menu_of_others, "problem", "one that is not ours", id="menu replaced"),
        pytest.param(_no_menu, "problem", "No menu is shown", id="menu hidden"),
        pytest.param(_menu_changed, "problem", "leads elsewhere", id="menu leads elsewhere"),
        pytest.param(_older_picture, "warning", "not the newest", id="older picture"),
        pytest.param(_no_picture, "problem", "has no picture", id="no picture"),
        pytest.param(_unreachable, "problem", "COULD_NOT_CONNECT", id="webhook fails"),
        pytest.param(_used_up, "problem", "enough for 0 handoffs", id="quota gone"),
        pytest.param(_nearly_used_up, "warning", "enough for 1 to 3 handoffs", id="quota low"),
    ],
)
async def test_line_changed_behind_our_back(
    change: Callable[[ScriptedLine], None],
    state: str,
    words: str,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Each change is named, with what to do, and nothing else is complained of."""
    await connect_both(scripted_line, scripted_telegram)
    change(scripted_line)
    [found] = worst(await examined_line(scripted_line))
    assert (found.area, found.state) == ("LINE", state)
    assert words in found.what
    assert found.mend


def _webhook_moved(telegram: ScriptedTelegram) -> None:
    telegram.account.url = "https://elsewhere.example/hook"


def _webhook_gone(telegram: ScriptedTelegram) -> None:
    telegram.account.url = ""


def _narrowed(telegram: ScriptedTelegram) -> None:
    telegram.account.allowed = ["message", "callback_query"]


def _behind(telegram: ScriptedTelegram) -> None:
    telegram.account.pending = 250


def _failing(telegram: ScriptedTelegram) -> None:
    error = "Wrong response from the webhook: 403 Forbidden"
    telegram.account.last_error = (NOW // 1_000 - 120, error)


def _commands_gone(telegram: ScriptedTelegram) -> None:
    telegram.account.commands.pop("en")


def _described_anew(telegram: ScriptedTelegram) -> None:
    telegram.account.descriptions["ja"] = "x"


def _groups(telegram: ScriptedTelegram) -> None:
    telegram.account.can_join_groups = True


@pytest.mark.parametrize(
    ("change", "state", "words"),
    [
        pytest.param(_webhook_moved, "problem", "elsewhere.example/hook, expected", id="moved"),
        pytest.param(_webhook_gone, "problem", "no webhook is set", id="webhook gone"),
        pytest.param(_narrowed, "problem", "edited_message, my_chat_member", id="narrowed"),
        pytest.param(_behind, "warning", "250 updates wait", id="updates pile up"),
        pytest.param(_failing, "problem", "2 min ago: Wrong response", id="webhook fails"),
        pytest.param(_commands_gone, "warning", "for en, or not set yet: commands", id="commands"),
        pytest.param(_described_anew, "warning", "for ja, or not set yet: descr", id="description"),
        pytest.param(_groups, "warning", "put us into groups", id="groups allowed"),
    ],
)
async def test_telegram_changed_behind_our_back(
    change: Callable[[ScriptedTelegram], None],
    state: str,
    words: str,
    scripted_line: ScriptedLine,
    scripted_telegram: ScriptedTelegram,
) -> None:
    """Each change is named, with what to do, and nothing else is complained of."""
    await connect_both(scripted_line, scripted_telegram)
    change(scripted_telegram)
    [found] = worst(await examined_telegram(scripted_telegram))
    assert (found.area, found.state) == ("Telegram", state)
    assert words in found.what
    assert found.mend


async def test_old_errors_and_default_updates_are_no_trouble(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """An error of yesterday is told but no problem; Telegram's default updates hold all of ours."""
    await connect_both(scripted_line, scripted_telegram)
    scripted_telegram.account.last_error = (NOW // 1_000 - 86_400, "Connection timed out")
    scripted_telegram.account.allowed = []
    found = await examined_telegram(scripted_telegram)
    assert worst(found) == []
    assert any("1440 min ago: Connection timed out" in check.what for check in found)


@pytest.mark.parametrize(
    ("used", "quota", "words"),
    [
        pytest.param(0, 200, "0 of 200 pushes", id="untouched"),
        pytest.param(120, 5000, "4880 are left: enough for 244 to 488 handoffs", id="light plan"),
        pytest.param(900, None, "No monthly limit", id="no limit"),
    ],
)
async def test_quota(used: int, quota: int | None, words: str, scripted_line: ScriptedLine) -> None:
    """The month's pushes are shown as handoffs, a handoff costing 10 to 20."""
    scripted_line.used, scripted_line.quota = used, quota
    found = await examined_line(scripted_line)
    assert any(words in check.what for check in found)


async def test_without_an_address_of_ours(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """Where room.url isn't set, doctor shows where events go and says that it can't judge."""
    await connect_both(scripted_line, scripted_telegram)
    [line] = worst(await examined_line(scripted_line, url=""))
    [telegram] = worst(await examined_telegram(scripted_telegram, url=""))
    assert (line.state, telegram.state) == ("unknown", "unknown")
    assert LINE_URL in line.what
    assert TELEGRAM_URL in telegram.what


async def test_without_a_network(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """A platform that can't be asked is unknown, not broken."""
    await scripted_line.stop()
    await scripted_telegram.stop()
    [line] = await examined_line(scripted_line)
    [telegram] = await examined_telegram(scripted_telegram)
    assert (line.state, telegram.state) == ("unknown", "unknown")
    assert "can't be reached" in line.what


async def test_a_token_that_is_no_good(
    scripted_line: ScriptedLine, scripted_telegram: ScriptedTelegram
) -> None:
    """A refusal is a problem, in the same sentence as connect's."""
    scripted_line.script_for("bot/info", "unauthorized")
    scripted_telegram.script_for("getMe", "unauthorized")
    [line] = await examined_line(scripted_line)
    [telegram] = await examined_telegram(scripted_telegram)
    assert (line.state, telegram.state) == ("problem", "problem")
    assert "LINE_CHANNEL_ACCESS_TOKEN" in line.what
    assert "TELEGRAM_BOT_TOKEN" in telegram.what


async def test_clocks_are_compared(scripted_line: ScriptedLine) -> None:
    """Every answer's Date says how far our clock is off, to the second."""
    scripted_line.clock_wrong = 90_000
    async with line_setup(scripted_line) as setup:
        await setup.bot()
        [skew] = setup.asker.skews
    assert abs(skew - 90_000) <= 500
