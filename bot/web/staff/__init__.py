"""The pages of the staff: sign-in, their own accounts, people, the record, limits.

Served by a listener of their own; the public application has none of it. May import the web
room's own modules and services.
"""
