"""The key file on the disk: read only if nobody else can, written once. Imports privacy, errors."""

from __future__ import annotations

import os
import stat
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
