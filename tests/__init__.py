"""The tests; the folders mirror `bot/`."""
