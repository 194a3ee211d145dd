"""Telegram: webhook updates in, messages out. The only room that imports telegram."""
