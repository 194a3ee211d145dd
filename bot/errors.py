"""The error tree: every refusal the service can give, and what follows from it. Imports nothing of
ours.

EngawaError
├── ConfigurationError        a setting or secret is missing or wrong; names it and where to set it
├── ContentError              flow, message or lexicon files; carries every issue with
file:line:column
├── KeyringError              the key file can't be read or used
│   └── UnknownKeyError       a row names a key this process doesn't hold → 503, the id is named
├── SealError                 an envelope doesn't open: tampered with, truncated or moved to another
place
├── StoreError
│   ├── StoreUnavailableError locked, full, read-only or down → 5xx, the platform sends again
│   ├── LostFenceError        another worker took the conversation: the turn is retried whole
│   └── SchemaError           the database is newer than this program, or half migrated
├── StaffError
│   ├── NotAllowedError       staff asked for what their roles don't give → 403
│   └── StepUpNeededError     a second proof is needed first → the page asks for it
└── ChannelError
    ├── BadSignatureError     → 401, nothing was parsed
    ├── BadBodyError          → 400, not JSON or not the platform's shape
    ├── BodyTooLargeError     → 413, read no further
    └── PlatformRefusedError  LINE or Telegram refused to be set up, or didn't answer
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Place(NamedTuple):
    """A position in a file that a person wrote; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Issue(NamedTuple):
    """One thing wrong in a content file.

    `code` is stable (`unknown-state`); `found` and `expected` complete the sentence; `mend` says
    what to do.
    """

    code: str
    place: Place
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.mend} [{self.code}]"


class EngawaError(Exception):
    """Something the service refuses; the text is for the person who runs it."""


class ConfigurationError(EngawaError):
    """A setting or secret is missing or wrong."""


class ContentError(EngawaError):
    """Content files are refused; the last published revision goes on serving."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))


class KeyringError(EngawaError):
    """The key file can't be read or used."""


class UnknownKeyError(KeyringError):
    """A row is sealed under a key that this process doesn't hold."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        super().__init__(
            f"A row is sealed under key {key_id!r}, which the key file does not hold. "
            "Put that key back into the file named by ENGAWA_KEY_FILE."
        )


class SealError(EngawaError):
    """An envelope does not open: it was tampered with, cut short or moved to another place."""


class StoreError(EngawaError):
    """The store could not do what was asked."""


class StoreUnavailableError(StoreError):
    """The database is locked, full, read-only or down; nothing was kept."""


class LostFenceError(StoreError):
    """Another worker holds the conversation now; nothing of this turn was kept."""


class SchemaError(StoreError):
    """The database's schema does not fit this program."""


class StaffError(EngawaError):
    """Something staff asked for is refused."""


class NotAllowedError(StaffError):
    """None of the roles gives this permission."""


class StepUpNeededError(StaffError):
    """A weighty act needs a second proof given just now."""


class ChannelError(EngawaError):
    """What a platform sent, or what came in its name, is refused."""


class BadSignatureError(ChannelError):
    """The signature or secret is missing or wrong; nothing was parsed."""


class BadBodyError(ChannelError):
    """The body is not what the platform sends."""


class BodyTooLargeError(ChannelError):
    """The body is larger than the cap."""


class PlatformRefusedError(ChannelError):
    """A platform refused what setting it up asked, or gave no answer; the text says what to do.

    `status` is its HTTP status, 0 where no answer came.
    """

    def __init__(self, text: str, status: int = 0) -> None:
        self.status = status
        super().__init__(text)
