"""Moving on the real service: who turns out to be known leaves no byte, nor does the code."""

from __future__ import annotations

from bot.privacy.words import recognise, words
from tests.leaks.canaries import Canaries, hits, traces
from tests.leaks.service import RunningService
from tests.leaks.test_erase import marks, told


def four_words(running: RunningService, user: str) -> str:
    """The return code that was shown to this person last."""
    known = set(words())
    for text in reversed(running.line.texts(user)):
        for line in text.splitlines():
            spoken = [word for word in line.split() if word in known]
            if len(spoken) == 4:
                return " ".join(spoken)
    raise AssertionError("no return code was shown")


async def test_a_newcomer_who_is_known(running: RunningService) -> None:
    """What a newcomer wrote before the four words is gone with all their keys; the words are kept
    nowhere, neither by whom they were shown to nor by whom they were typed.
    """
    secret, at_home, away = Canaries(), "Uhome", "Uaway"
    await told(running, at_home, ["合言葉"])
    mine = marks(running)
    code = four_words(running, at_home)
    numbers = recognise(code)
    assert numbers is not None
    used = {"mark": running.vault.return_mark(numbers)}
    asked = {"the words": code.encode(), "joined": code.replace(" ", "").encode()}
    assert traces(running.files(), used) != []
    assert traces(running.files(), asked) == []
    _, both = await told(running, away, ["話してみる", secret.words()])
    theirs = {name: piece for name, piece in both.items() if name not in mine}
    assert len(theirs) > 10
    assert traces(running.files(), theirs) != []
    await running.line_event(away, text=code)
    assert running.rows("SELECT count(*) FROM contact") == [(1,)]
    lane = await running.lane("line", away)
    assert lane is not None
    assert lane.address.id == lane.conversation.address
    found = await running.everything()
    assert hits(found) == []
    # The look-up of the address goes over to the contact who is known; nothing else does.
    kept = {name: piece for name, piece in theirs.items() if piece != lane.address.lookup}
    assert traces(found, kept) == []
    assert traces(found, {**asked, **used}) == []
