"""Doctor on the keys: the file, its states, the erase ledger beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.app.connecting import Here
from bot.app.here import LEDGER_SUFFIX
from bot.app.nature import system_clock
from bot.app.storage import SQLITE
from bot.errors import KeyringError, StoreUnavailableError
from bot.privacy.keyring import Keyring
from bot.privacy.turning import BOUND, DAY, past_the_bound
from bot.services.checkup import Check, ok, problem, warning
from bot.store.keyfile import read_keyring
from bot.store.ledger import FileLedger

AREA = "keys"
BY_TIMER = "Let a timer call `engawa keys turn` every day (docs/operations.md, «Changing keys»)."


def open_keyring(here: Here) -> tuple[Keyring | None, list[Check]]:
    """The keyring, or None with the reason."""
    file = here.secrets.key_file
    if not file:
        what = "ENGAWA_KEY_FILE is not set, so `engawa serve` refuses to start."
        return None, [problem(AREA, what, "Make a keyring with `engawa keys new FILE`.")]
    try:
        keyring = read_keyring(file)
    except KeyringError as error:
        return None, [problem(AREA, str(error))]
    return keyring, [
        *_keyring(keyring),
        aged(keyring, system_clock()),
        *_places(here),
        _ledger(file),
    ]


def _keyring(keyring: Keyring) -> Iterator[Check]:
    if keyring.demo:
        what = "The key file holds demo keys; `engawa serve` refuses them."
        yield problem(AREA, what, "Make a keyring with `engawa keys new FILE`.")
    states = Counter(kek.state for kek in keyring.keks)
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    yield ok(AREA, f"The key file is readable by its owner alone and holds: {told}.")


def aged(keyring: Keyring, now: int) -> Check:
    """Whether what people are told at an erase is true: no key opens backups of over 14 days."""
    days = BOUND // DAY
    late = past_the_bound(keyring, now)
    if late:
        told = ", ".join(f"{kek.id} ({(now - kek.used) // DAY} days)" for kek in late)
        what = f"Backups older than {days} days can be opened: {told}. People are told they can't."
        return problem(AREA, what, BY_TIMER)
    if any(kek.state in ("current", "old") and not kek.used for kek in keyring.keks):
        what = f"Whether backups older than {days} days can be opened is not known: no key has a "
        return warning(AREA, f"{what}date, so no timer ever turned them.", BY_TIMER)
    return ok(AREA, f"No key that is held opens a backup older than {days} days.")


def used(keyring: Keyring, ids: list[str]) -> Check:
    """Whether every key that rows need is held."""
    held = {kek.id for kek in keyring.keks if kek.key}
    missing = sorted(set(ids) - held)
    if missing:
        return problem(
            AREA,
            f"Rows are sealed under keys that the key file does not hold: {', '.join(missing)}.",
            "Put those keys back from the copy of the key file; what they seal can't be read.",
        )
    old = sorted({kek.id for kek in keyring.keks if kek.state == "old"} & set(ids))
    if old:
        what = f"Rows still stand under old keys: {', '.join(old)}."
        return warning(AREA, what, "Finish the rotation: `engawa keys rewrap`.")
    return ok(AREA, f"Every key that rows need is there ({len(ids)}).")


def _places(here: Here) -> Iterator[Check]:
    database = Path(here.settings.database.url.removeprefix(SQLITE))
    if Path(here.secrets.key_file).resolve().parent == database.resolve().parent:
        yield warning(
            AREA,
            "The key file lies in the folder of the database: a backup of that folder takes both.",
            "Move the key file to a place of its own.",
        )


def _ledger(file: str) -> Check:
    try:
        lines = len(FileLedger(file + LEDGER_SUFFIX).key_ids())
    except StoreUnavailableError as error:
        return problem(AREA, str(error), "Make it readable: a restore needs it to forget again.")
    return ok(AREA, f"The erase ledger can be read: {lines} erasures.")
