"""Scripted platforms: LINE and Telegram as real HTTP servers on loopback that fail when told to.

`async with ScriptedLine() as line:` gives `line.base_url`; `python -m tests.platforms.line` runs
one in a process of its own. Imports counting and limits of bot.rendering, nothing else of the bot.
"""
