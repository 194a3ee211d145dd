"""The store in memory: one event loop, plain dicts, the same contract."""

from bot.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
