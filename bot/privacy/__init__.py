"""Who may read what: keyed look-up, envelopes, keyring. Pure functions over bytes; imports
bot.errors only.
"""
