"""Which role may do what: one table, read by the pages, the services and docs/staff.md.

A route or a verb names a permission, never a role. Pure; of ours it imports the
kinds of approvers that flows know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from bot.flow.pack import ApproverKind

Role = Literal["counselor", "supervisor", "editor", "approver", "administrator"]
Permission = Literal[
    "own.account",
    "audit.read",
    "staff.manage",
    "limits.set",
    "case.claim",
    "case.reassign",
    "case.read_closed",
    "booking.manage",
    "hours.manage",
    "statistics.read",
    "content.edit",
    "content.approve",
    "content.publish",
]

ROLES: tuple[Role, ...] = get_args(Role)
APPROVER_KINDS: tuple[ApproverKind, ...] = get_args(ApproverKind)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

ABOUT: Mapping[Permission, str] = {
    "own.account": "the own password, second factors, sessions",
    "audit.read": "the record of what staff did, and whether it is whole",
    "staff.manage": "invite, reset, disable, change roles, end sessions of others",
    "limits.set": "answer a request to limit a conversation for its tone",
    "case.claim": "take a waiting case, read it while it is one's own, answer, close",
    "case.reassign": "hand a case to another",
    "case.read_closed": "open a closed case, with a reason",
    "booking.manage": "slots and bookings",
    "hours.manage": "opening hours, shifts",
    "statistics.read": "the weekly sums",
    "content.edit": "drafts of flows and sentences",
    "content.approve": "sign texts of the own kind",
    "content.publish": "make a checked revision the active one",
}

# Two who watch each other: who manages accounts reads no case, who reads cases manages no account.
_MAY: Mapping[Role, frozenset[Permission]] = {
    "counselor": frozenset({"case.claim", "booking.manage", "statistics.read"}),
    "supervisor": frozenset(
        {
            "audit.read",
            "limits.set",
            "case.claim",
            "case.reassign",
            "case.read_closed",
            "booking.manage",
            "hours.manage",
            "statistics.read",
        }
    ),
    "editor": frozenset({"content.edit", "content.publish", "statistics.read"}),
    "approver": frozenset({"content.approve"}),
    "administrator": frozenset({"audit.read", "staff.manage"}),
}
_EVERYBODY: frozenset[Permission] = frozenset({"own.account"})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """What somebody with these roles may do; without any role: look after the own account."""
    return _EVERYBODY.union(*(_MAY[role] for role in roles))


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that have a permission, in the order of `ROLES`."""
    return tuple(role for role in ROLES if permission in permissions_of((role,)))


def permissions_table() -> str:
    """Permissions and roles as a Markdown table."""
    rows = ["| permission | what it allows | " + " | ".join(ROLES) + " |"]
    rows.append("|---|---|" + "---|" * len(ROLES))
    for permission, about in ABOUT.items():
        holders = roles_with(permission)
        marks = ["✓" if role in holders else "" for role in ROLES]
        rows.append(f"| `{permission}` | {about} | " + " | ".join(marks) + " |")
    return "\n".join(rows)
