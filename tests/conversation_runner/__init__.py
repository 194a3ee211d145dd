"""Plays tests/conversations/*.yaml against the shipped flows with the real engine."""
