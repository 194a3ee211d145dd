"""Passkeys: the options a browser gets, and the proof it gives back. Pure over bytes.

The only importer of webauthn. Imports staff records only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.services.staff.ports import RelyingParty
from bot.services.staff.records import Account, Passkey

WAIT = 300_000
"""Ms a browser may wait for its person."""
_LARGEST = 65_536


class UnprovedError(Exception):
    """The browser's answer proves nothing."""


class NewKey(msgspec.Struct, frozen=True):
    """What a finished registration tells."""

    credential: bytes
    public_key: bytes
    sign_count: int


def registration_options(
    relying: RelyingParty, account: Account, known: Sequence[Passkey], challenge: bytes
) -> str:
    """JSON for navigator.credentials.create; a device that has a passkey already is left out."""
    options = generate_registration_options(
        rp_id=relying.id,
        rp_name=relying.name,
        user_id=account.id.encode(),
        user_name=account.login,
        user_display_name=account.name,
        challenge=challenge,
        timeout=WAIT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(each) for each in known],
    )
    return options_to_json(options)


def registered(relying: RelyingParty, challenge: bytes, answer: str) -> NewKey:
    """The key that a browser registered; raises UnprovedError."""
    try:
        _refuse_huge(answer)
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.id,
            expected_origin=list(relying.origins),
            require_user_verification=True,
        )
    except Exception as error:
        # Parsers of several libraries read a stranger's bytes: whatever they raise, it is no proof.
        raise UnprovedError(type(error).__name__) from error
    return NewKey(found.credential_id, found.credential_public_key, found.sign_count)


def sign_in_options(relying: RelyingParty, known: Sequence[Passkey], challenge: bytes) -> str:
    """JSON for navigator.credentials.get; without known passkeys the device offers its own."""
    options = generate_authentication_options(
        rp_id=relying.id,
        challenge=challenge,
        timeout=WAIT,
        allow_credentials=[_descriptor(each) for each in known] or None,
        user_verification=(
            UserVerificationRequirement.PREFERRED if known else UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


def credential_in(answer: str) -> bytes:
    """Which credential an answer says it is of; b"" if it can't be read."""
    try:
        _refuse_huge(answer)
        return base64url_to_bytes(str(json.loads(answer)["id"]))
    except (ValueError, KeyError, TypeError, RecursionError, UnprovedError):
        return b""


def proved(
    relying: RelyingParty, challenge: bytes, answer: str, passkey: Passkey, alone: bool
) -> int:
    """The new sign count, if the answer proves this passkey; raises UnprovedError.

    `alone`: the device must have verified its user, because nothing else was proved.
    """
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.id,
            expected_origin=list(relying.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=alone,
        )
        handle = json.loads(answer)["response"].get("userHandle")
    except Exception as error:
        # As above.
        raise UnprovedError(type(error).__name__) from error
    if handle and base64url_to_bytes(handle) != passkey.account.encode():
        raise UnprovedError("another account's handle")
    return found.new_sign_count


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=passkey.credential)


def _refuse_huge(answer: str) -> None:
    if len(answer) > _LARGEST:
        raise UnprovedError("too long")
