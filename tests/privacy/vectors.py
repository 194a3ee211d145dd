"""Known answers, read from JSON beside this file."""

from __future__ import annotations

from pathlib import Path

import msgspec

_DATA = Path(__file__).parent / "data"


class Nist(msgspec.Struct, frozen=True):
    """A published test case of AES-256-GCM, in hex."""

    name: str
    key: str
    nonce: str
    at: str
    plain: str
    cipher: str
    tag: str


class Recorded(msgspec.Struct, frozen=True):
    """An envelope this program once made; it must open for ever."""

    name: str
    key: str
    nonce: str
    place: tuple[str | int, ...]
    plain: str
    sealed: str


class Hashed(msgspec.Struct, frozen=True):
    """A keyed hash this program once made; rows are found by it."""

    name: str
    of: str
    parts: tuple[str, ...]
    hash: str


class LedgerEntry(msgspec.Struct, frozen=True):
    """What the ledger once kept of a contact."""

    contact: str
    id: str


class _NistFile(msgspec.Struct, frozen=True):
    source: str
    cases: tuple[Nist, ...]


class _RecordedFile(msgspec.Struct, frozen=True):
    envelopes: tuple[Recorded, ...]
    hashes: tuple[Hashed, ...]
    hash_key: str
    ledger: LedgerEntry


_RECORDED = msgspec.json.decode((_DATA / "recorded.json").read_bytes(), type=_RecordedFile)

NIST = msgspec.json.decode((_DATA / "nist_gcm.json").read_bytes(), type=_NistFile).cases
ENVELOPES = _RECORDED.envelopes
HASHES = _RECORDED.hashes
HASH_KEY = bytes.fromhex(_RECORDED.hash_key)
LEDGER = _RECORDED.ledger
