"""How the office is put together: passkey names, heads beside the key file, its loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.staffing import heads_beside, relying_party
from bot.config import Settings
from bot.services.staff.ports import RelyingParty
from bot.store.heads import FileHeads, MemoryHeads


@pytest.mark.parametrize(
    ("address", "name", "origin"),
    [
        pytest.param("", "localhost", "http://localhost", id="not known yet"),
        pytest.param("http://127.0.0.1:8001", "localhost", "http://localhost:8001", id="IPv4"),
        pytest.param("http://[::1]:8001", "localhost", "http://localhost:8001", id="IPv6"),
        pytest.param("http://localhost:8001", "localhost", "http://localhost:8001", id="name"),
        pytest.param(
            "https://staff.city.example/", "staff.city.example", "https://staff.city.example",
            id="a city's",
        ),
        pytest.param(
            "https://staff.city.example:8443/x", "staff.city.example",
            "https://staff.city.example:8443", id="with a port and path",
        ),
    ],
)  # fmt: skip
def test_what_passkeys_are_bound_to(address: str, name: str, origin: str) -> None:
    """Passkeys are bound to the name in the address; on this machine, to localhost."""
    assert relying_party(Settings(), address) == RelyingParty(name, (origin,), "縁側")


def test_where_the_heads_stand(tmp_path: Path) -> None:
    """The heads stand beside the key file; without one they are in memory."""
    heads_beside(tmp_path / "keys.json").record(1, bytes(32))
    assert (tmp_path / "keys.json.audit").read_text() == f"1:{'00' * 32}\n"
    assert (tmp_path / "keys.json.audit").stat().st_mode & 0o777 == 0o600
    assert isinstance(heads_beside(None), MemoryHeads)


def test_a_torn_head(tmp_path: Path) -> None:
    """A line that a crash tore is left out, and the next head stands whole after it."""
    path = tmp_path / "heads"
    heads = FileHeads(path)
    assert heads.all() == ()
    heads.record(1, b"a" * 32)
    with path.open("ab") as stream:
        stream.write(b"2:61616")
    assert heads.all() == ((1, b"a" * 32),)
    heads.record(3, b"c" * 32)
    assert heads.all() == ((1, b"a" * 32), (3, b"c" * 32))


def test_strange_lines(tmp_path: Path) -> None:
    """Lines that are no heads are left out, whatever they are."""
    path = tmp_path / "heads"
    path.write_bytes(b"\xff\xfe\nx:y\n7:zz\n1:" + b"z" * 64 + b"\n8:" + b"61" * 32 + b"\n")
    assert FileHeads(path).all() == ((8, b"a" * 32),)


def test_heads_that_cannot_be_written(tmp_path: Path) -> None:
    """A file of heads in a folder that isn't there is refused in a sentence."""
    from bot.errors import StoreUnavailableError

    with pytest.raises(StoreUnavailableError, match="audit heads"):
        FileHeads(tmp_path / "no" / "such").record(1, bytes(32))
    with pytest.raises(StoreUnavailableError, match="can't be read"):
        FileHeads(tmp_path).all()
