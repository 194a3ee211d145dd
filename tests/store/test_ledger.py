"""The erase ledger: a line is on the disk before the erase, and a torn one does no harm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StoreUnavailableError
from bot.store.ledger import FileLedger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is to be."""
    return tmp_path / "erased.ledger"


def test_nothing_recorded(path: Path) -> None:
    """Before the first erase there is no file and nothing in it."""
    assert FileLedger(path).key_ids() == ()
    assert not path.exists()


def test_recorded_in_order(path: Path) -> None:
    """Ids come back in the order they were recorded, also to another process."""
    book = FileLedger(path)
    for key_id in ("a", "b", "a"):
        book.record(key_id)
    assert FileLedger(path).key_ids() == ("a", "b", "a")
    assert path.stat().st_mode & 0o777 == 0o600


def test_on_the_disk_before_it_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is fsynced, and the first also in the folder's list of names."""
    synced: list[str] = []
    real = os.fsync

    def remember(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr("bot.store.ledger.os.fsync", remember)
    FileLedger(path).record("a")
    assert synced == [path.name, path.parent.name]
    FileLedger(path).record("b")
    assert synced == [path.name, path.parent.name, path.name]


@pytest.mark.parametrize("cut", [1, 2, 3], ids=["no end", "two gone", "one letter left"])
def test_a_torn_last_line(path: Path, cut: int) -> None:
    """A line torn by a crash is left out, and the next one is whole all the same."""
    book = FileLedger(path)
    book.record("first")
    book.record("abc")
    path.write_bytes(path.read_bytes()[:-cut])
    assert book.key_ids() == ("first",)
    book.record("later")
    assert book.key_ids()[0] == "first"
    assert book.key_ids()[-1] == "later"


@given(ids=st.lists(st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True), max_size=5), cut=st.data())
def test_no_cut_loses_a_whole_line(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str], cut: st.DataObject
) -> None:
    """Wherever the file is cut, every line before the cut is still read."""
    path = tmp_path_factory.mktemp("ledger") / "l"
    book = FileLedger(path)
    for key_id in ids:
        book.record(key_id)
    data = path.read_bytes() if ids else b""
    length = cut.draw(st.integers(0, len(data)))
    path.write_bytes(data[:length])
    assert list(book.key_ids()) == ids[: length // 44]
    book.record("last")
    assert [each for each in book.key_ids() if len(each) == 43] == ids[: (length + 1) // 44]
    assert book.key_ids()[-1] == "last"


@pytest.mark.parametrize("key_id", ["", "a b", "a\nb", "é"])
def test_not_an_id(path: Path, key_id: str) -> None:
    """What could not be read back as one line is refused."""
    with pytest.raises(ValueError, match="one printable ASCII word"):
        FileLedger(path).record(key_id)


def test_a_ledger_that_can_not_be_written(tmp_path: Path) -> None:
    """If the line can't be written, it says so: the caller must not erase."""
    book = FileLedger(tmp_path / "nowhere" / "l")
    with pytest.raises(StoreUnavailableError, match="nothing was erased"):
        book.record("a")
    folder = FileLedger(tmp_path)
    with pytest.raises(StoreUnavailableError, match="can't be read"):
        folder.key_ids()


def test_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If only half a line finds room, the erase is refused, and the half does no harm later."""
    book = FileLedger(path)
    book.record("first")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.ledger.os.fsync", fail)
        with pytest.raises(StoreUnavailableError, match="No space left"):
            book.record("second")
    book.record("third")
    assert set(book.key_ids()) >= {"first", "third"}
