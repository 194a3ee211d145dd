"""The web's own ways in for somebody who is known: a door link, and the page for return codes.

Imports the vault, ports and this room's own modules.
"""

from __future__ import annotations

from typing import Literal

from bot.privacy.words import recognise
from bot.services.conversations import Conversations
from bot.services.lanes import Vault
from bot.services.moving import Entering, Moving
from bot.services.ports import Chance
from bot.services.records import Received

WEB = "web"
_NOBODY = (-1,)
"""No word has this number: what is no code is looked up like one, and never found."""

Refused = Literal["missed", "slow"]


class Entrances:
    """Gives a fresh pass to whoever comes in; their conversation moves to it."""

    def __init__(
        self, moving: Moving, conversations: Conversations, vault: Vault, chance: Chance
    ) -> None:
        self._moving = moving
        self._conversations = conversations
        self._vault = vault
        self._chance = chance

    async def open_door(self, token: str, language: str = "") -> str | None:
        """The new pass; None for a link that is wrong, used or too old, which nobody tells apart.

        Raises StoreUnavailableError or KeyringError.
        """
        entering = self._entering(language)
        received = await self._moving.by_link(token, entering)
        if received is None:
            return None
        return await self._inside(entering, received)

    async def use_code(self, words: str, language: str = "") -> tuple[str, Refused | None]:
        """The new pass, or "" and why there is none: words that open nothing, or too many tries.

        Raises StoreUnavailableError or KeyringError.
        """
        mark = self._vault.return_mark(recognise(words) or _NOBODY)
        entering = self._entering(language)
        received = await self._moving.by_words(mark, entering)
        if isinstance(received, bool):
            return "", "slow" if received else "missed"
        return await self._inside(entering, received), None

    def _entering(self, language: str) -> Entering:
        # Two ids of 128 bits: the pass is all that keeps strangers out of a conversation.
        return Entering(WEB, self._chance.id() + self._chance.id(), language)

    async def _inside(self, entering: Entering, received: Received) -> str:
        await self._conversations.welcome(received)
        return entering.user_id
