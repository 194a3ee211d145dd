"""What a flow says: YAML to checked, frozen objects. Imports bot.errors only; no I/O, no clock, no
chance.
"""
