"""`engawa connect telegram` and `disconnect telegram` over real HTTP."""

from __future__ import annotations

import pytest

from bot.channels.steps import Step
from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.connecting import connect, disconnect
from bot.channels.telegram.profile import LANGUAGES, profiles
from bot.channels.telegram.setup import ALLOWED_UPDATES
from bot.flow.normalisation import normalise
from tests.channels.setting_up import (
    SECRET,
    TELEGRAM_URL,
    content,
    states,
    steps,
    telegram_setup,
    telegram_spec_problems,
)
from tests.platforms.telegram import ScriptedTelegram

EVERYTHING = ["done", "done", "done", "done", "done"]


async def connected(platform: ScriptedTelegram, timeout: float = 5.0) -> list[Step]:
    """Connect once; every step."""
    async with telegram_setup(platform, timeout) as setup:
        wanted = profiles(content().bundle)
        return await steps(connect(setup, TELEGRAM_URL, SECRET, wanted))


async def disconnected(platform: ScriptedTelegram) -> list[Step]:
    """Disconnect once; every step."""
    async with telegram_setup(platform) as setup:
        return await steps(disconnect(setup, LANGUAGES))


async def test_from_nothing(scripted_telegram: ScriptedTelegram) -> None:
    """Webhook with secret and the updates we read; commands and descriptions per language."""
    account = scripted_telegram.account
    assert states(await connected(scripted_telegram)) == EVERYTHING
    assert (account.url, account.secret) == (TELEGRAM_URL, SECRET)
    assert account.allowed == [*ALLOWED_UPDATES]
    assert set(account.commands) == set(account.descriptions) == {"", "ja", "en"}
    assert account.commands[""] == account.commands["ja"] != account.commands["en"]
    assert [one["command"] for one in account.commands["en"]] == list(COMMANDS)
    assert "119" in account.descriptions["en"]
    found = [telegram_spec_problems(request) for request in scripted_telegram.received]
    assert found == [[]] * len(found)


async def test_twice_changes_nothing(scripted_telegram: ScriptedTelegram) -> None:
    """Only the webhook is set anew, because Telegram doesn't tell which secret it has."""
    await connected(scripted_telegram)
    scripted_telegram.received.clear()
    assert states(await connected(scripted_telegram)) == ["done", *["same"] * 4]
    methods = [request.path.rpartition("/")[2] for request in scripted_telegram.received]
    assert [method for method in methods if not method.startswith("get")] == ["setWebhook"]


async def test_what_waits_is_kept(scripted_telegram: ScriptedTelegram) -> None:
    """Connecting drops no update that waits, and tells of the last error."""
    scripted_telegram.account.pending = 3
    scripted_telegram.account.last_error = (1, "Wrong response from the webhook: 502 Bad Gateway")
    notes = [text for state, text in await connected(scripted_telegram) if state == "note"]
    assert scripted_telegram.account.pending == 3
    assert any("502 Bad Gateway" in text for text in notes)
    assert any("3 updates wait" in text for text in notes)
    await disconnected(scripted_telegram)
    assert scripted_telegram.account.pending == 3


async def test_groups(scripted_telegram: ScriptedTelegram) -> None:
    """A bot that anybody may put into a group is told how to stop that."""
    scripted_telegram.account.can_join_groups = True
    notes = [text for state, text in await connected(scripted_telegram) if state == "note"]
    assert any("/setjoingroups" in text for text in notes)


REFUSALS = [
    pytest.param("getMe", "unauthorized", "Copy the token from @BotFather", id="401"),
    pytest.param("getMe", "missing", "Copy the token from @BotFather", id="404"),
    pytest.param("setWebhook", "invalid", "https on port 443, 80, 88 or 8443", id="400 webhook"),
    pytest.param("setWebhook", "throttled", "Wait 7 s", id="429"),
    pytest.param("setWebhook", "throttled_bare", "Wait a minute", id="429 without time"),
    pytest.param("setWebhook", "error", "trouble of its own", id="500"),
    pytest.param("setWebhook", "odd", "refused the webhook (200)", id="200 without sense"),
    pytest.param("setMyCommands", "invalid", "refused setMyCommands", id="400 commands"),
    pytest.param("setMyDescription", "forbidden", "refused setMyDescription", id="403"),
    pytest.param("getWebhookInfo", "lost_request", "can't be reached", id="connection dropped"),
]


@pytest.mark.parametrize(("method", "act", "words"), REFUSALS)
async def test_each_refusal_is_one_sentence(
    method: str, act: str, words: str, scripted_telegram: ScriptedTelegram
) -> None:
    """A refusal says what Telegram said and what to do, without token or secret."""
    scripted_telegram.script_for(method, act)
    found = await connected(scripted_telegram)
    [refused] = [text for state, text in found if state == "refused"]
    assert words in refused
    assert scripted_telegram.token not in refused
    assert SECRET not in refused
    if method != "getMe":
        assert states(found).count("done") >= 2


async def test_no_answer_in_time(scripted_telegram: ScriptedTelegram) -> None:
    """Telegram that hangs is given up after our own time-out; its address stays unsaid."""
    scripted_telegram.script_for("getMe", "hang_before")
    [refused] = await connected(scripted_telegram, timeout=0.2)
    assert "did not answer within 0.2 s" in refused[1]
    assert scripted_telegram.token not in refused[1]


async def test_disconnect(scripted_telegram: ScriptedTelegram) -> None:
    """Everything that connect set is taken away; twice is no error."""
    await connected(scripted_telegram)
    assert states(await disconnected(scripted_telegram)) == ["done"] * 4
    account = scripted_telegram.account
    assert (account.url, account.commands) == ("", {})
    assert not any([*account.descriptions.values(), *account.short_descriptions.values()])
    assert states(await disconnected(scripted_telegram)) == ["same"] * 4


async def test_disconnect_refused(scripted_telegram: ScriptedTelegram) -> None:
    """A refusal on the way out is one sentence as well."""
    scripted_telegram.script_for("getWebhookInfo", "unauthorized")
    [refused] = await disconnected(scripted_telegram)
    assert refused[0] == "refused"


def test_every_command_is_a_word_of_everywhere() -> None:
    """Each slash command stands for a word that works in every state."""
    words = content().bundle.everywhere.words.values()
    known = {variant for word in words for variant in word.variants}
    assert [name for name, word in COMMANDS.items() if normalise(word) not in known] == []
