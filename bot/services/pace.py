"""How fast a channel may send: overall and to one person, with the pauses a platform asked for.

Pure bookkeeping over times in ms; imports nothing of ours.
"""

from __future__ import annotations


class Bucket:
    """Lets `burst` through at once, then one each `every` ms."""

    def __init__(self, burst: int, every: float) -> None:
        self._ahead = (burst - 1) * every
        self._every = every
        self._next = float("-inf")

    def wait(self, now: int) -> int:
        """Take the next place; how many ms it lies ahead."""
        self._next = max(self._next, now - self._ahead)
        pause = max(0, round(self._next - now))
        self._next += self._every
        return pause

    def idle(self, now: int) -> bool:
        """Whether it is as if it had never been used."""
        return self._next <= now - self._ahead


class Pace:
    """Telegram's pace: about 30 a second over all chats, one a second in a chat after a burst.

    A crisis never waits for the pace, only for a pause the platform itself asked for.
    """

    def __init__(self, per_second: int = 30, burst: int = 5, chat_every: int = 1_000) -> None:
        self._overall = Bucket(per_second, 1_000 / per_second)
        self._burst = burst
        self._every = chat_every
        self._chats: dict[str, Bucket] = {}
        self._throttled: dict[str, int] = {}
        self._paused_until = 0

    def wait(self, chat: str, now: int, crisis: bool) -> int:
        """Ms until a message to this chat may leave; its place is taken."""
        held = max(self._paused_until, self._throttled.get(chat, 0)) - now
        if crisis:
            self._overall.wait(now)  # takes its place without standing in line
            return max(0, held)
        self._forget(now)
        bucket = self._chats.setdefault(chat, Bucket(self._burst, self._every))
        return max(0, held, bucket.wait(now), self._overall.wait(now))

    def throttled(self, chat: str, until: int, now: int) -> None:
        """The platform asked to wait: this chat does; everybody, once a second chat was asked."""
        others = [due for one, due in self._throttled.items() if one != chat and due > now]
        if others:
            self._paused_until = max(self._paused_until, min([until, *others]))
        self._throttled[chat] = until

    def _forget(self, now: int) -> None:
        if len(self._chats) > 1_000:
            self._chats = {
                chat: bucket for chat, bucket in self._chats.items() if not bucket.idle(now)
            }
            self._throttled = {chat: due for chat, due in self._throttled.items() if due > now}
