"""The web's own ways in for somebody who is known: a door link, and the page for return codes.

Imports the vault, ports and this room's own modules.
"""

from __future__ import annotations

from typing import Literal

from bot.privacy.words import recognise_first
from bot.services.conversations import Conversations
from bot.services.lanes import Vault
from bot.services.moving import Entering, Moved, Moving
from bot.services.ports import Chance

WEB = "web"
_NOBODY = (-1,)
"""No word has this number: what is no code is looked up like one, and never found."""

Refused = Literal["missed", "slow"]


class Entrances:
    """Gives a fresh pass to whoever comes in; their conversation moves to it.

    A browser holds one pass: the one that it had, `here`, is given up for it. What was another
    contact's there ends as it does where somebody new types their code: nobody could see or erase
    it any more.
    """

    def __init__(
        self, moving: Moving, conversations: Conversations, vault: Vault, chance: Chance
    ) -> None:
        self._moving = moving
        self._conversations = conversations
        self._vault = vault
        self._chance = chance

    async def open_door(
        self, token: str, language: str = "", fresh: str = "", here: str = ""
    ) -> str | None:
        """The new pass; None for a link that is wrong, used or too old, which nobody tells apart.

        Raises StoreUnavailableError or KeyringError.
        """
        entering = await self._entering(language, fresh, here)
        moved = await self._moving.by_link(token, entering)
        if moved is None:
            return await self._inside_already(fresh) or None
        return await self._inside(entering, moved)

    async def use_code(
        self, words: str, language: str = "", fresh: str = "", here: str = ""
    ) -> tuple[str, Refused | None]:
        """The new pass, or "" and why there is none: words that open nothing, or too many tries.

        Raises StoreUnavailableError or KeyringError.
        """
        mark = self._vault.return_mark(recognise_first(words) or _NOBODY)
        entering = await self._entering(language, fresh, here)
        moved = await self._moving.by_words(mark, entering)
        if not isinstance(moved, bool):
            return await self._inside(entering, moved), None
        if inside := await self._inside_already(fresh):
            return inside, None
        return "", "slow" if moved else "missed"

    async def _entering(self, language: str, fresh: str, here: str) -> Entering:
        # Two ids of 128 bits: the pass is all that keeps strangers out of a conversation.
        new = self._chance.id() + self._chance.id()
        taken = not fresh or await self._moving.is_at(WEB, fresh)
        return Entering(WEB, new if taken else fresh, language, leaves=here)

    async def _inside_already(self, fresh: str) -> str:
        """The pass of whoever sent the same form before, but never got the answer: a code opens
        once, so they would stand outside their own conversation.
        """
        return fresh if fresh and await self._moving.is_at(WEB, fresh) else ""

    async def _inside(self, entering: Entering, moved: Moved) -> str:
        await self._conversations.welcome(moved)
        return entering.user_id
