"""Keyed hashes by which rows are found without keeping what they stand for: HMAC-SHA256.

Telegram ids are small numbers, so a plain hash would be guessed in minutes; the key is what
protects them. Each kind of name has its own domain. Imports nothing of ours.
"""

from __future__ import annotations

import base64
import hmac


def address_lookup(key: bytes, channel: str, user_id: str) -> bytes:
    """32 bytes that find an address; `key` is the keyring's look-up key."""
    return _hash(key, b"address", channel, user_id)


def event_key(key: bytes, channel: str, event_id: str) -> bytes:
    """16 bytes by which a platform's event is known when it comes a second time."""
    return _hash(key, b"event", channel, event_id)[:16]


def message_ref(key: bytes, channel: str, user_id: str, message_id: str) -> bytes:
    """16 bytes by which an edit or unsend finds our copy; b"" where there is no message id.

    The person is part of it because Telegram numbers messages per chat.
    """
    if not message_id:
        return b""
    return _hash(key, b"message", channel, user_id, message_id)[:16]


def ledger_id(ledger_key: bytes, contact_id: str) -> str:
    """What the erase ledger keeps of a contact: 43 URL-safe characters."""
    return base64.urlsafe_b64encode(_hash(ledger_key, b"ledger", contact_id)).rstrip(b"=").decode()


def _hash(key: bytes, domain: bytes, *parts: str) -> bytes:
    # Lengths stand before the parts: no two lists of parts give the same bytes. A platform may
    # send half a surrogate pair; it must be hashed, not crash the door.
    pieces = [b"engawa." + domain]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        pieces += (len(data).to_bytes(4, "big"), data)
    return hmac.digest(key, b"".join(pieces), "sha256")
