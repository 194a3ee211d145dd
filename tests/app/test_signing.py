"""The table of who signs what."""

from bot.app.signing import signatures_table
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


def test_the_shipped_roles() -> None:
    """The shipped file has the four roles."""
    table = signatures_table((ROOT / "flows/safety/signatures.yaml").read_bytes())
    roles = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    assert roles == ["legal", "physician", "clinical", "head"]
