"""The privacy promises, proved on the real service: what must not be found is looked for in every
byte it writes.
"""
