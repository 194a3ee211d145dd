"""Tests of bot.web: the room mirrors the folder."""
