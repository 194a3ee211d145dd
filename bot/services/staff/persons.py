"""An account as others see it. Pure; imports staff records and answers only."""

from __future__ import annotations

from bot.services.staff.answers import Person
from bot.services.staff.records import Account


def person(account: Account, passkeys: int = 0, sessions: int = 0) -> Person:
    """The account without anything secret."""
    return Person(
        id=account.id,
        login=account.login,
        name=account.name,
        roles=account.roles,
        kinds=account.kinds,
        status=account.status,
        demo=account.demo,
        totp=bool(account.totp),
        passkeys=passkeys,
        sessions=sessions,
        signed_in_at=account.signed_in_at,
    )
