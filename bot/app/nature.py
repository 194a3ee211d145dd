"""Clock and chance as they really are; everywhere else they are handed in."""

from __future__ import annotations

import base64
import secrets
import time
import uuid

# Letters and digits that aren't mistaken for one another when read aloud or by tired eyes.
RECEIPT_LETTERS = "ACDEFHJKMNPRTWXY3479"


def system_clock() -> int:
    """The time now, UTC milliseconds."""
    return time.time_ns() // 1_000_000


class SystemChance:
    """Random draws from the operating system."""

    def id(self) -> str:
        """128 random bits as 22 URL-safe characters."""
        return base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()

    def nonce(self) -> str:
        """Six URL-safe characters, for a turn's buttons."""
        return base64.urlsafe_b64encode(secrets.token_bytes(5)).rstrip(b"=").decode()[:6]

    def uuid(self) -> str:
        """A UUID for a platform's retry key."""
        return str(uuid.uuid4())

    def receipt(self) -> str:
        """Eight letters and digits in two groups, such as `K7MA-93XD`."""
        number = secrets.randbits(64)  # one draw: a receipt is made for every turn
        drawn = ""
        for _ in range(8):
            number, letter = divmod(number, len(RECEIPT_LETTERS))
            drawn += RECEIPT_LETTERS[letter]
        return f"{drawn[:4]}-{drawn[4:]}"

    def fraction(self) -> float:
        """A number in [0, 1) for jitter."""
        return secrets.randbelow(1 << 30) / (1 << 30)

    def words(self) -> tuple[int, ...]:
        """Four numbers from 0 to 1,023."""
        return tuple(secrets.randbelow(1_024) for _ in range(4))

    def token(self) -> str:
        """256 random bits as 43 URL-safe characters."""
        return secrets.token_urlsafe(32)
