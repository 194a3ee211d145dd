"""The table of who signs what."""

from bot.app.signing import signatures_table
from bot.services.staff.permissions import APPROVER_KINDS
from tests.repository import ROOT


def test_each_role_has_a_row() -> None:
    """A row per role names its messages and files, and what it leaves to others."""
    data = b"""engawa: 1
signatures:
  legal: {messages: [a.*, b.c]}
  clinical: {messages: a.*, without: [a.b], files: [flows/x.yaml]}
"""
    assert signatures_table(data).splitlines()[2:] == [
        "| legal | `a.*`, `b.c` |",
        "| clinical | `a.*`, `flows/x.yaml`; but not `a.b` |",
    ]


def test_physicians_are_named() -> None:
    """What only a physician may sign stands in the row of the role that signs it."""
    data = b"""engawa: 1
signatures:
  clinical: {messages: [a.*], by_a_physician: [a.b]}
"""
    [row] = signatures_table(data).splitlines()[2:]
    assert row == "| clinical | `a.*`; only who is a physician: `a.b` |"


def test_the_shipped_roles() -> None:
    """The roles are the kinds of approvers among the staff, word for word."""
    table = signatures_table((ROOT / "flows/safety/signatures.yaml").read_bytes())
    roles = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    assert sorted(roles) == sorted(APPROVER_KINDS)
