"""The command `engawa`: one module per command. Reads arguments, calls bot.app, prints."""

from bot.cli.main import main

__all__ = ["main"]
