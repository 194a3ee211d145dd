"""The accounts of the staff, for administrators. Nobody learns another's password here.

May import the web room's own modules and services' data.
"""

from __future__ import annotations

from starlette.responses import Response

from bot.flow.pack import ApproverKind
from bot.services.staff.answers import Invitation, Person, Refused
from bot.services.staff.permissions import APPROVER_KINDS, ROLES, Role
from bot.web.staff.office import Office, reason_key
from bot.web.staff.visits import Visit

PEOPLE = "/staff/people"


async def look(office: Office, visit: Visit) -> Response:
    """Everybody."""
    return office.page(visit, "people.html", people=await office.desk.people.list(visit.me))


async def invite_form(office: Office, visit: Visit) -> Response:
    """The page for a new account."""
    return _invite_page(office, visit)


async def invite(office: Office, visit: Visit) -> Response:
    """A new account; its link is shown this once."""
    answer = await office.desk.people.invite(
        visit.me, visit.field("login"), visit.field("name"), _roles(visit), _kinds(visit)
    )
    if isinstance(answer, Refused):
        return _invite_page(office, visit, reason_key(answer))
    return _invitation(office, visit, answer)


async def person(office: Office, visit: Visit) -> Response:
    """One account: roles, sessions, reset, out and in again."""
    return await _person_page(office, visit)


async def set_roles(office: Office, visit: Visit) -> Response:
    """Other roles, from now on."""
    refused = await office.desk.people.set_roles(
        visit.me, visit.path_account, _roles(visit), _kinds(visit)
    )
    return await _done(office, visit, refused)


async def reset(office: Office, visit: Visit) -> Response:
    """Password and second factors are void; a new invitation is shown this once."""
    answer = await office.desk.people.reset(visit.me, visit.path_account)
    if isinstance(answer, Refused):
        return await _done(office, visit, answer)
    return _invitation(office, visit, answer)


async def disable(office: Office, visit: Visit) -> Response:
    """Out at once."""
    return await _done(
        office, visit, await office.desk.people.disable(visit.me, visit.path_account)
    )


async def enable(office: Office, visit: Visit) -> Response:
    """In again."""
    return await _done(office, visit, await office.desk.people.enable(visit.me, visit.path_account))


async def end_session(office: Office, visit: Visit) -> Response:
    """End one of this person's sessions."""
    theirs = await office.desk.sessions.of(visit.me, visit.path_account)
    session = visit.field("session")
    if session not in {each.id for each in theirs}:
        return office.word(visit, ("staff.no_session",), 404, PEOPLE, "staff.to_people")
    await office.desk.sessions.end(visit.me, session)
    return office.go(visit, f"{PEOPLE}/{visit.path_account}")


def _roles(visit: Visit) -> frozenset[Role]:
    return frozenset(role for role in ROLES if visit.field(f"role_{role}"))


def _kinds(visit: Visit) -> frozenset[ApproverKind]:
    return frozenset(kind for kind in APPROVER_KINDS if visit.field(f"kind_{kind}"))


def _invitation(office: Office, visit: Visit, invitation: Invitation) -> Response:
    base = office.ports.settings.url.rstrip("/") or str(visit.request.base_url).rstrip("/")
    return office.page(
        visit, "invitation.html", invitation=invitation, link=f"{base}/join/{invitation.token}"
    )


def _invite_page(office: Office, visit: Visit, notice: str = "") -> Response:
    return office.page(
        visit,
        "invite.html",
        422 if notice else 200,
        notice=notice,
        login=visit.field("login")[:64],
        name=visit.field("name")[:64],
        roles=_roles(visit),
        kinds=_kinds(visit),
        all_roles=ROLES,
        all_kinds=APPROVER_KINDS,
    )


async def _done(office: Office, visit: Visit, refused: Refused | None) -> Response:
    if refused is None:
        return office.go(visit, f"{PEOPLE}/{visit.path_account}")
    return await _person_page(office, visit, reason_key(refused))


async def _find(office: Office, visit: Visit) -> Person | None:
    everybody = await office.desk.people.list(visit.me)
    return next((each for each in everybody if each.id == visit.path_account), None)


async def _person_page(office: Office, visit: Visit, notice: str = "") -> Response:
    found = await _find(office, visit)
    if found is None:
        return office.word(visit, ("staff.no_person",), 404, PEOPLE, "staff.to_people")
    return office.page(
        visit,
        "person.html",
        422 if notice else 200,
        notice=notice,
        person=found,
        sessions=await office.desk.sessions.of(visit.me, found.id),
        all_roles=ROLES,
        all_kinds=APPROVER_KINDS,
    )
