"""What LINE's answers mean for a row of the outbox. Pure; imports ports only.

LINE has no error codes: what a 400 or 429 means stands in its English message alone.
"""

from __future__ import annotations

from bot.services.ports import Outcome


def outcome_of(status: int, message: str) -> Outcome:
    """The outcome for an HTTP status and LINE's own `message` ("" where there is none)."""
    reason = f"line-{status}"
    if 200 <= status < 300:
        return Outcome("sent")
    if status == 409:
        return Outcome("already", reason=reason)
    if status == 400:
        return _refused(message.lower(), reason)
    if status == 401:  # our token, not our content: nothing left, and it may be mended
        return Outcome("unsent", reason=reason)
    if status == 429:
        kind = "quota" if "monthly limit" in message.lower() else "throttled"
        return Outcome("quota" if kind == "quota" else "throttled", reason=f"{reason}-{kind}")
    if 400 <= status < 500:  # 403 is about this account; people who blocked us get a 200
        return Outcome("rejected", reason=reason)
    return Outcome("ambiguous", reason=reason)


def _refused(message: str, reason: str) -> Outcome:
    if message.startswith("invalid reply token"):
        return Outcome("bad_token", reason=f"{reason}-token")
    if message.startswith("failed to send messages"):  # an id that never was, or not of ours
        return Outcome("blocked", reason=f"{reason}-nobody")
    return Outcome("rejected", reason=reason)
