"""The key file: made once, read only when nobody else can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.errors import KeyringError
from bot.privacy.keyring import new_keyring, with_next
from bot.store.keyfile import changing, read_keyring, write_keyring


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the key file is to be."""
    return tmp_path / "keys.json"


def test_written_and_read(path: Path) -> None:
    """A key file comes back as it was written, and only its owner can read it."""
    ring = new_keyring()
    write_keyring(path, ring)
    assert read_keyring(path) == ring
    assert path.stat().st_mode & 0o777 == 0o600


def test_never_overwritten(path: Path) -> None:
    """A key file that exists is not overwritten: all that it opens would be lost."""
    ring = new_keyring()
    write_keyring(path, ring)
    with pytest.raises(KeyringError, match="exists already and is not overwritten"):
        write_keyring(path, new_keyring())
    assert read_keyring(path) == ring


def test_no_half_file_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fails while the file is written, no half key file is left."""

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.store.keyfile.os.fsync", fail)
    with pytest.raises(KeyringError, match="No space left"):
        write_keyring(path, new_keyring())
    assert not path.exists()


def test_missing(path: Path) -> None:
    """A missing key file is named, with the command that makes one."""
    with pytest.raises(KeyringError, match=r"no key file at .*engawa keys new"):
        read_keyring(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777, 0o620])
def test_open_to_others(path: Path, mode: int) -> None:
    """A key file that others can read or write is refused, with the command that mends it."""
    write_keyring(path, new_keyring())
    path.chmod(mode)
    with pytest.raises(KeyringError, match=f"mode {mode:04o}, expected 0400 or 0600.*chmod 600"):
        read_keyring(path)


def test_read_only_is_fine(path: Path) -> None:
    """A key file may be read-only, as a service manager hands it over."""
    ring = new_keyring()
    write_keyring(path, ring)
    path.chmod(0o400)
    assert read_keyring(path) == ring


def test_a_folder(tmp_path: Path) -> None:
    """A folder is no key file, neither to read nor to write into."""
    with pytest.raises(KeyringError, match="can't be read: Is a directory"):
        read_keyring(tmp_path)
    with pytest.raises(KeyringError, match="can't be made: No such file"):
        write_keyring(tmp_path / "nowhere" / "keys.json", new_keyring())


def test_not_a_regular_file() -> None:
    """A device is no key file."""
    with pytest.raises(KeyringError, match="not a regular file"):
        read_keyring(os.devnull)


def test_broken(path: Path) -> None:
    """A key file with something else in it is refused."""
    path.write_bytes(b"keys?")
    path.chmod(0o600)
    with pytest.raises(KeyringError, match="is not a keyring"):
        read_keyring(path)


@pytest.mark.parametrize("mode", [pytest.param(0o600, id="0600"), pytest.param(0o400, id="0400")])
def test_a_key_file_is_replaced_whole(path: Path, mode: int) -> None:
    """A changed keyring stands under the same name with the same mode, and nothing beside it."""
    write_keyring(path, new_keyring())
    path.chmod(mode)
    changed = with_next(read_keyring(path))
    with changing(path) as put:
        put(changed)
    assert read_keyring(path) == changed
    assert path.stat().st_mode & 0o777 == mode
    assert list(path.parent.iterdir()) == [path]


def test_a_link_to_a_key_file(path: Path, tmp_path: Path) -> None:
    """What a link points to is replaced; the link stays a link."""
    link = tmp_path / "link.json"
    write_keyring(path, new_keyring())
    link.symlink_to(path)
    changed = with_next(read_keyring(path))
    with changing(link) as put:
        put(changed)
    assert link.is_symlink()
    assert read_keyring(path) == changed


def test_two_changes_at_once(path: Path) -> None:
    """While one command changes the key file another is refused, and afterwards let in."""
    write_keyring(path, new_keyring())
    with changing(path), pytest.raises(KeyringError, match="Another command"), changing(path):
        pass
    with changing(path):
        pass


def test_a_change_that_comes_too_late(path: Path) -> None:
    """Whoever opened the file before it was replaced is refused: they would undo the change."""
    write_keyring(path, new_keyring())
    opened, real = [], Path.open

    def slow(self: Path, mode: str = "r") -> object:
        stream = real(self, mode)
        opened.append(self)
        if len(opened) == 2:  # the first look is over; this is the one that is locked
            _copy(path).replace(path)
        return stream

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", slow)
        with pytest.raises(KeyringError, match="was changed meanwhile"), changing(path):
            pass


def _copy(path: Path) -> Path:
    beside = path.with_name("copy.json")
    write_keyring(beside, new_keyring())
    return beside


def test_a_disk_that_fails_while_replacing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new file can't be written the old one stays, and no half file is left."""
    ring = new_keyring()
    write_keyring(path, ring)

    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyringError, match="stays as it was"), changing(path) as put:
        put(with_next(ring))
    assert read_keyring(path) == ring
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_command_left(path: Path) -> None:
    """Half a file of a command that was killed is cleared away by the next change."""
    write_keyring(path, new_keyring())
    left = path.with_name(".keys.json.new")
    left.write_bytes(b"half")
    changed = with_next(read_keyring(path))
    with changing(path) as put:
        put(changed)
    assert read_keyring(path) == changed
    assert not left.exists()


def test_no_key_file_to_change(path: Path) -> None:
    """A file that isn't there is named with what to do."""
    with pytest.raises(KeyringError, match="There is no key file"), changing(path):
        pass
