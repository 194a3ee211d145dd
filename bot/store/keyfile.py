"""The key file on the disk: read only if nobody else can, replaced whole. Imports privacy."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import KeyringError
from bot.privacy.keyring import Keyring, from_json, to_json


def read_keyring(path: str | Path) -> Keyring:
    """The keyring in this file; raises KeyringError if it is missing, open to others or broken."""
    file = Path(path)
    try:
        # The mode is asked of the file that is read, not of whatever has its name a moment later.
        with file.open("rb") as stream:
            _only_ours(file, os.fstat(stream.fileno()).st_mode)
            data = stream.read()
    except FileNotFoundError:
        raise KeyringError(
            f"There is no key file at {file}. Make one with `engawa keys new {file}`, "
            "or set ENGAWA_KEY_FILE to the one you have."
        ) from None
    except OSError as error:
        raise KeyringError(f"The key file {file} can't be read: {error.strerror}.") from error
    return from_json(data)


def write_keyring(path: str | Path, keyring: Keyring) -> None:
    """Write a new key file with mode 0600, on the disk when this returns; never overwrites one."""
    file = Path(path)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyringError(
            f"{file} exists already and is not overwritten: everything sealed under its keys "
            "would be lost. Choose another name."
        ) from None
    except OSError as error:
        raise KeyringError(f"The key file {file} can't be made: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(to_json(keyring))
            stream.flush()
            os.fsync(stream.fileno())
        sync_directory(file.parent)
    except OSError as error:
        file.unlink(missing_ok=True)  # half a keyring is worse than none
        raise KeyringError(f"The key file {file} can't be written: {error.strerror}.") from error


@contextmanager
def changing(path: str | Path) -> Iterator[Callable[[Keyring], None]]:
    """Alone with a key file: what is given may be called once, to put a keyring in its place.

    The file is replaced whole, with its mode and owner, or stays as it was; a process that follows
    it never reads half of one. Raises KeyringError if another command is at it, or it can't be
    read or replaced.
    """
    file = Path(path).resolve()  # what a link points to is replaced, not the link
    read_keyring(file)
    with file.open("rb") as stream:
        _alone(file, stream.fileno())
        yield lambda keyring: _replace(file, keyring, os.fstat(stream.fileno()))


def refuse_unless_replaceable(path: str | Path) -> None:
    """Raises KeyringError where `changing` could not put another file in this one's place.

    Tells it on the first day, not on the sixth, when something is due.
    """
    file = Path(path).resolve()
    if not file.exists():
        return  # reading it says more
    stranger = os.geteuid() not in (0, file.stat().st_uid)
    if stranger or not os.access(file.parent, os.W_OK | os.X_OK):
        raise KeyringError(
            f"The key file {file} can't be replaced from here: this needs its owner (or root), and "
            f"a folder {file.parent} that can be written to. Nothing was changed."
        )


def _alone(file: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise KeyringError(
            f"Another command is changing the key file {file}. Wait for its end."
        ) from None
    if not os.path.samestat(os.fstat(descriptor), file.stat()):
        raise KeyringError(f"The key file {file} was changed meanwhile. Run the command again.")


def _replace(file: Path, keyring: Keyring, before: os.stat_result) -> None:
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.unlink(missing_ok=True)  # of a command that was killed: we are alone here
        _write_beside(beside, keyring, before)
        beside.replace(file)
        sync_directory(file.parent)
    except OSError as error:
        raise KeyringError(
            f"The key file {file} can't be replaced ({error.strerror}); it stays as it was."
        ) from error
    finally:
        beside.unlink(missing_ok=True)


def _write_beside(beside: Path, keyring: Keyring, before: os.stat_result) -> None:
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(to_json(keyring))
        stream.flush()
        if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            # Who serves must be able to read it: root rotates, somebody else serves.
            os.fchown(stream.fileno(), before.st_uid, before.st_gid)
        os.fchmod(stream.fileno(), stat.S_IMODE(before.st_mode))
        os.fsync(stream.fileno())


def sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut; raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _only_ours(file: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise KeyringError(f"The key file {file} is not a regular file.")
    if mode & 0o077:
        raise KeyringError(
            f"The key file {file} can be read or written by others (mode {stat.S_IMODE(mode):04o}, "
            f"expected 0400 or 0600). Run `chmod 600 {file}`."
        )
