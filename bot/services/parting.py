"""What becomes of a contact whose address turns out to be somebody else's, who has come by a code.

Imports the vault, ports and records.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.errors import SealError, UnknownKeyError
from bot.services.journal import Journal
from bot.services.lanes import OpenLane, Vault
from bot.services.ports import Ledger
from bot.services.records import Lane, OutboxRow, Parting


def parting(vault: Vault, ledger: Ledger, journal: Journal, comes: OpenLane) -> Parting:
    """What `Store.move` asks back while it brings the conversation `comes` to the address.

    Raises StoreUnavailableError where the ledger can't be written: then nobody is moved.
    """

    def part(loser: Lane, unsent: Sequence[OutboxRow], ends: bool) -> Sequence[OutboxRow]:
        if ends:
            # The ledger first, as with 消して: no restored backup brings back who has ended here.
            ledger.record(vault.ledger_id(loser.contact.id))
        carried = (_carried(vault, journal, loser, row, comes) for row in unsent)
        return tuple(row for row in carried if row is not None)

    return part


def _carried(
    vault: Vault, journal: Journal, loser: Lane, row: OutboxRow, comes: OpenLane
) -> OutboxRow | None:
    """The row under the keys of the conversation that comes; None if it doesn't open."""
    try:
        request = vault.open(loser).request(row)
    except (SealError, UnknownKeyError) as error:
        journal.fault("seal_broken", error)
        return None
    return replace(row, sealed=comes.seal_request(row.id, request))
