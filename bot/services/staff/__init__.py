"""Staff: accounts, sign-in in two steps, sessions, step-up, and the record of what they did.

Everything below the web. Imports services, privacy and errors; Argon2, pyotp and webauthn do the
arithmetic.
"""
