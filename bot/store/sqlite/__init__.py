"""The store in one SQLite file: one thread writes, one reads, several turns share a commit."""

from bot.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
