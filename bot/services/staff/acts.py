"""The acts that the record knows, with what they mean: docs/staff.md is made from here. Pure."""

from __future__ import annotations

from collections.abc import Mapping

ACTS: Mapping[str, str] = {
    "account.invited": "somebody was invited; detail: the roles",
    "account.reset": "password and second factors were voided, a new invitation made",
    "account.roles": "an account got other roles; detail: all it has now",
    "account.disabled": "an account was disabled; its sessions ended",
    "account.enabled": "a disabled account was enabled again",
    "account.demo": "the demo made an account",
    "joined": "an invitation became an account; detail: by which second factor",
    "sign_in": "somebody signed in; detail: by which second factor",
    "sign_in.refused": "a wrong password; object: the account, or nothing for an unknown login",
    "sign_in.second_refused": "the password was right, the second factor wrong",
    "sign_in.passkey_refused": "a passkey that proved nothing",
    "sign_out": "somebody signed out",
    "step_up": "a second proof before a weighty act; detail: by what",
    "step_up.refused": "a second proof that failed",
    "session.ended": "a session was ended from a list; object: whose",
    "session.others_ended": "all own sessions but one were ended; detail: how many",
    "password.changed": "somebody changed their password",
    "totp.changed": "somebody took a new TOTP secret into use",
    "totp.dropped": "somebody does without TOTP now",
    "passkey.added": "somebody added a passkey",
    "passkey.dropped": "somebody removed a passkey",
    "codes.renewed": "somebody made new recovery codes",
    "audit.read": "somebody read this record (once an hour at most)",
    "audit.verified": "somebody had it verified; detail: whole or broken",
    "audit.tidied": "old rows were deleted; detail: the number of the last that went",
    "audit.checkpoint": "stands in the place of the deleted rows: number and hash of the last",
    "limit.answered": "a request to limit a conversation was answered; detail: hours, 0 for no",
}


def acts_table() -> str:
    """All acts as a Markdown table."""
    lines = [f"| `{act}` | {about} |" for act, about in ACTS.items()]
    return "\n".join(["| act | what happened |", "|---|---|", *lines])
