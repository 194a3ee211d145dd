"""Every staff route in one table: the only way to add one.

Method, path, what serves it, the permission it asks for, and whether a second proof must have been
given just before. Console and studio add their lines here. Imports the staff pages.
"""

from __future__ import annotations

from typing import Final

from bot.web.staff import again, entry, home, joining, limits, news, own, people, trail
from bot.web.staff.own import ME
from bot.web.staff.people import PEOPLE
from bot.web.staff.visits import StaffRoute

_PERSON: Final = PEOPLE + "/{account}"
_JOIN: Final = "/join/{invitation}"

ENTRY: Final = (
    StaffRoute("GET", "/staff/sign-in", entry.look, "open"),
    StaffRoute("POST", "/staff/sign-in", entry.password, "open"),
    StaffRoute("POST", "/staff/sign-in/code", entry.totp, "open"),
    StaffRoute("POST", "/staff/sign-in/recovery", entry.recovery, "open"),
    StaffRoute("POST", "/staff/sign-in/passkey", entry.passkey, "open"),
    StaffRoute(
        "POST", "/staff/sign-in/passkey/options", entry.passkey_options, "open", shape="data"
    ),
    StaffRoute("POST", "/staff/sign-in/demo", entry.demo, "open"),
    StaffRoute("POST", "/staff/sign-out", entry.sign_out, "own.account"),
)
JOINING: Final = (
    StaffRoute("GET", _JOIN, joining.look, "open"),
    StaffRoute("POST", _JOIN + "/password", joining.password, "open"),
    StaffRoute("POST", _JOIN + "/code", joining.totp, "open"),
    StaffRoute("POST", _JOIN + "/passkey", joining.passkey, "open"),
    StaffRoute("POST", _JOIN + "/passkey/options", joining.passkey_options, "open", shape="data"),
)
AGAIN: Final = (
    StaffRoute("GET", "/staff/again", again.look, "own.account"),
    StaffRoute("POST", "/staff/again", again.totp, "own.account"),
    StaffRoute("POST", "/staff/again/password", again.password, "own.account"),
    StaffRoute("POST", "/staff/again/passkey", again.passkey, "own.account"),
    StaffRoute(
        "POST", "/staff/again/passkey/options", again.passkey_options, "own.account", shape="data"
    ),
)
OWN: Final = (
    StaffRoute("GET", "/staff", home.look, "own.account"),
    StaffRoute("GET", "/staff/news", news.ask, "own.account", shape="data", counts=False),
    StaffRoute("GET", "/staff/live", news.stream, "own.account", shape="data", counts=False),
    StaffRoute("GET", ME, own.look, "own.account"),
    StaffRoute("GET", ME + "/password", own.password_form, "own.account", step_up=True),
    StaffRoute(
        "POST",
        ME + "/password",
        own.change_password,
        "own.account",
        step_up=True,
        back=ME + "/password",
    ),
    StaffRoute("POST", ME + "/totp", own.begin_totp, "own.account", step_up=True, back=ME),
    StaffRoute(
        "POST", ME + "/totp/confirm", own.confirm_totp, "own.account", step_up=True, back=ME
    ),
    StaffRoute("POST", ME + "/totp/drop", own.drop_totp, "own.account", step_up=True, back=ME),
    StaffRoute("GET", ME + "/passkeys", own.passkey_form, "own.account", step_up=True),
    StaffRoute(
        "POST",
        ME + "/passkeys/options",
        own.passkey_options,
        "own.account",
        step_up=True,
        shape="data",
    ),
    StaffRoute(
        "POST",
        ME + "/passkeys",
        own.add_passkey,
        "own.account",
        step_up=True,
        back=ME + "/passkeys",
    ),
    StaffRoute(
        "POST", ME + "/passkeys/drop", own.drop_passkey, "own.account", step_up=True, back=ME
    ),
    StaffRoute("POST", ME + "/codes", own.new_codes, "own.account", step_up=True, back=ME),
    StaffRoute("POST", ME + "/sessions/end", own.end_session, "own.account"),
    StaffRoute("POST", ME + "/sessions/others", own.end_others, "own.account"),
)
MANAGING: Final = (
    StaffRoute("GET", PEOPLE, people.look, "staff.manage"),
    StaffRoute("GET", PEOPLE + "/invite", people.invite_form, "staff.manage", step_up=True),
    StaffRoute(
        "POST",
        PEOPLE + "/invite",
        people.invite,
        "staff.manage",
        step_up=True,
        back=PEOPLE + "/invite",
    ),
    StaffRoute("GET", _PERSON, people.person, "staff.manage", step_up=True),
    StaffRoute(
        "POST", _PERSON + "/roles", people.set_roles, "staff.manage", step_up=True, back=_PERSON
    ),
    StaffRoute(
        "POST", _PERSON + "/reset", people.reset, "staff.manage", step_up=True, back=_PERSON
    ),
    StaffRoute(
        "POST", _PERSON + "/disable", people.disable, "staff.manage", step_up=True, back=_PERSON
    ),
    StaffRoute(
        "POST", _PERSON + "/enable", people.enable, "staff.manage", step_up=True, back=_PERSON
    ),
    # A session that somebody stole is ended at once: no second proof stands in the way.
    StaffRoute("POST", _PERSON + "/sessions/end", people.end_session, "staff.manage", back=_PERSON),
)
WATCHING: Final = (
    StaffRoute("GET", "/staff/audit", trail.look, "audit.read"),
    StaffRoute("POST", "/staff/audit/verify", trail.verify, "audit.read"),
    StaffRoute("GET", "/staff/limits", limits.look, "limits.set"),
    StaffRoute("POST", "/staff/limits", limits.answer, "limits.set"),
)
ROUTES: Final[tuple[StaffRoute, ...]] = (*ENTRY, *JOINING, *AGAIN, *OWN, *MANAGING, *WATCHING)
