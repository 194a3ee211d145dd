"""The static safety card: what a person gets while nothing can be kept. From memory only.

Never touches the store. Imports the vault, ports and the active revision.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from bot.flow.messages import text
from bot.safety.risk import Tier
from bot.services.apologies import CARD
from bot.services.aside import free_road, say_aside
from bot.services.errands import Errands
from bot.services.journal import Journal
from bot.services.lanes import Vault
from bot.services.ports import Chance, Channel, Clock, Heard
from bot.services.records import Via
from bot.services.revisions import Programs
from bot.services.surroundings import Surroundings

PAUSE = 10 * 60_000
"""One person gets the card at most once in this time (ms)."""
REMEMBERED = 10_000
"""Persons remembered at most; the one who got it longest ago is forgotten first."""


class SafetyCard:
    """Gives the card, once per person and pause."""

    def __init__(
        self,
        programs: Programs,
        surroundings: Surroundings,
        vault: Vault,
        channels: Mapping[str, Channel],
        errands: Errands,
        chance: Chance,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self._programs = programs
        self._surroundings = surroundings
        self._vault = vault
        self._channels = channels
        self._errands = errands
        self._chance = chance
        self._clock = clock
        self._journal = journal
        self._given: OrderedDict[bytes, int] = OrderedDict()

    def words(self, language: str) -> str:
        """The card's text in a language; "" while no revision was ever loaded."""
        published = self._programs.latest
        if published is None:
            return ""
        messages = published.bundle.messages
        spoken = language if language in messages.texts else messages.source_language
        standing = self._surroundings.standing(published, spoken, self._clock())
        return text(messages, spoken, CARD, standing)

    def calls(self, written: str) -> bool:
        """Whether words that are handed back unread by any flow call for the card; from memory."""
        published = self._programs.latest
        return published is not None and published.read_risk(written).tier >= Tier.ACTIVE

    def offer(self, heard: Sequence[Heard]) -> None:
        """Start giving the card to everybody who just wrote and can be reached; returns at once."""
        for one in heard:
            channel = self._channels[one.channel]
            via = free_road(one, channel, self._clock())
            if one.what == "inbound" and via and self._first(one):
                self._errands.start(self._give(one, channel, via))

    def _first(self, heard: Heard) -> bool:
        key = self._vault.lookup(heard.channel, heard.user_id)
        now = self._clock()
        given = self._given.get(key)
        if given is not None and now - given < PAUSE:
            return False
        self._given[key] = now
        self._given.move_to_end(key)
        while len(self._given) > REMEMBERED:
            self._given.popitem(last=False)
        return True

    async def _give(self, heard: Heard, channel: Channel, via: Via) -> None:
        words = self.words(heard.inbound.language if heard.inbound else "")
        if not words:
            self._journal.note("card_failed", "no_revision")
            return
        outcome = await say_aside(channel, heard, via, words, self._chance.uuid())
        if outcome.kind in ("unsent", "bad_token", "throttled"):
            # Surely not seen: the next message may try again.
            self._given.pop(self._vault.lookup(heard.channel, heard.user_id), None)
            self._journal.note("card_failed", outcome.kind)
        else:
            self._journal.note("card_given", outcome.kind)
