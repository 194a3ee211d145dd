"""Staff rows in every store: one act is one unit, and what is used up or ended stays so."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.errors import StoreError
from bot.services.staff import chain
from bot.services.staff.ports import StaffStore
from bot.services.staff.records import (
    Account,
    Act,
    Passkey,
    RecoveryCode,
    StaffSession,
    StaffWrite,
    Ticket,
)
from bot.store.heads import FileHeads
from bot.store.memory import MemoryStore
from bot.store.sqlite import SqliteStore

NOW = 1_800_000_000_000
HANA = Account(
    id="hana-id",
    login="hana",
    name="相談員 <はな>",
    roles=frozenset({"counselor", "approver"}),
    kinds=frozenset({"legal"}),
    totp=b"\x01sealed",
    totp_kek="kek",
    demo=True,
)
SESSION = StaffSession(b"mark", "session-id", HANA.id, NOW, NOW, NOW, "PC", "csrf")
TICKET = Ticket(b"ticket", "half", HANA.id, NOW + 10, "second", "s", b"data")
PASSKEY = Passkey("key-id", HANA.id, b"credential", b"public", 3, "YubiKey", NOW)
CODE = RecoveryCode(b"hash", HANA.id)
ACT = Act(NOW, HANA.id, "case.read", "case-7", "x")
ALL = StaffWrite(
    account=HANA,
    passkeys=(PASSKEY,),
    recovery=(CODE,),
    tickets=(TICKET,),
    session=SESSION,
    acts=(ACT,),
)


@pytest.fixture
def staff(store: MemoryStore | SqliteStore) -> StaffStore:
    """The staff's part of each store."""
    return store.staff


async def everything(staff: StaffStore) -> tuple[object, ...]:
    """All rows that can be seen."""
    return (
        await staff.accounts(),
        await staff.passkeys(HANA.id),
        await staff.recovery_codes(HANA.id),
        await staff.ticket(TICKET.mark, NOW),
        await staff.sessions(),
        await staff.audit(0, 99),
    )


async def test_what_was_saved_is_read(staff: StaffStore) -> None:
    """Every field of every record comes back as it was."""
    rows = await staff.save(ALL, NOW)
    assert rows == (chain.link(chain.START, 1, ACT),)
    assert await staff.account(HANA.id) == HANA
    assert await staff.account_by_login("hana") == HANA
    assert await staff.passkey(b"credential") == PASSKEY
    assert await staff.session(b"mark") == SESSION
    assert await everything(staff) == ((HANA,), (PASSKEY,), (CODE,), TICKET, (SESSION,), rows)
    assert await staff.keks() == ("kek",)


async def test_nothing_is_found_in_an_empty_store(staff: StaffStore) -> None:
    """Whatever is asked, the answer is empty, not an error."""
    assert await everything(staff) == ((), (), (), None, (), ())
    assert await staff.account("x") is None
    assert await staff.account_by_login("x") is None
    assert await staff.passkey(b"x") is None
    assert await staff.session(b"x") is None
    assert await staff.keks() == ()


STALE = [
    pytest.param(StaffWrite(account=replace(HANA, id="other")), id="login taken"),
    pytest.param(StaffWrite(account=HANA), id="the same account again"),
    pytest.param(StaffWrite(account=replace(HANA, version=2)), id="a version left out"),
    pytest.param(StaffWrite(account=replace(HANA, id="x", login="x", version=1)), id="no account"),
    pytest.param(StaffWrite(take=(b"unknown",)), id="an unknown ticket"),
    pytest.param(StaffWrite(take=(b"ticket", b"ticket")), id="one ticket twice"),
    pytest.param(StaffWrite(used_code=b"unknown"), id="an unknown code"),
    pytest.param(StaffWrite(renews=b"unknown"), id="an ended session"),
    pytest.param(StaffWrite(without_passkeys=("unknown",)), id="an unknown passkey"),
    pytest.param(
        StaffWrite(passkeys=(replace(PASSKEY, id="other"),)), id="a credential of another"
    ),
]


@pytest.mark.parametrize("write", STALE)
async def test_all_or_nothing(staff: StaffStore, write: StaffWrite) -> None:
    """If one precondition no longer holds, nothing of the write is kept, its record neither."""
    await staff.save(ALL, NOW)
    before = await everything(staff)
    more = replace(
        write,
        tickets=(replace(TICKET, mark=b"new"),),
        session=replace(SESSION, mark=b"new", id="new"),
        end_all=True,
        acts=(ACT, ACT),
    )
    assert await staff.save(more, NOW) is None
    assert await everything(staff) == before
    assert await staff.ticket(b"new", NOW) is None


async def test_a_ticket_works_once_and_in_time(staff: StaffStore) -> None:
    """A ticket is used up by taking it, and is none after its time."""
    await staff.save(ALL, NOW)
    assert await staff.ticket(b"ticket", NOW + 10) is None
    assert await staff.save(StaffWrite(take=(b"ticket",)), NOW + 10) is None
    assert await staff.save(StaffWrite(take=(b"ticket",)), NOW + 9) == ()
    assert await staff.save(StaffWrite(take=(b"ticket",)), NOW + 9) is None


async def test_a_ticket_can_be_put_back_changed(staff: StaffStore) -> None:
    """Taking and adding under one mark in one write replaces it."""
    await staff.save(ALL, NOW)
    changed = replace(TICKET, data=b"more")
    assert await staff.save(StaffWrite(take=(b"ticket",), tickets=(changed,)), NOW) == ()
    assert await staff.ticket(b"ticket", NOW) == changed


async def test_a_code_is_used_once(staff: StaffStore) -> None:
    """A recovery code keeps when it was used, and can't be used again."""
    await staff.save(ALL, NOW)
    assert await staff.save(StaffWrite(used_code=b"hash"), NOW + 1) == ()
    assert await staff.recovery_codes(HANA.id) == (replace(CODE, used_at=NOW + 1),)
    assert await staff.save(StaffWrite(used_code=b"hash"), NOW + 2) is None


async def test_ended_sessions_stay_ended(staff: StaffStore) -> None:
    """Noting the use of an ended session says no and makes nothing."""
    await staff.save(ALL, NOW)
    assert await staff.touch(b"mark", NOW + 5)
    assert await staff.session(b"mark") == replace(SESSION, seen=NOW + 5)
    await staff.save(StaffWrite(end=(b"mark", b"unknown")), NOW)
    assert not await staff.touch(b"mark", NOW + 6)
    assert await staff.sessions() == ()


async def test_of_one_account_only(staff: StaffStore) -> None:
    """Ending all, dropping tickets and renewing codes touches nobody else."""
    ken = replace(HANA, id="ken-id", login="ken")
    await staff.save(ALL, NOW)
    theirs = StaffWrite(
        account=ken,
        recovery=(RecoveryCode(b"kens", ken.id),),
        tickets=(replace(TICKET, mark=b"kens", account=ken.id),),
        session=replace(SESSION, mark=b"kens", id="kens", account=ken.id),
    )
    await staff.save(theirs, NOW)
    reset = replace(HANA, version=1)
    write = StaffWrite(account=reset, recovery=(), drop_tickets=True, end_all=True)
    assert await staff.save(write, NOW) == ()
    assert [each.id for each in await staff.sessions()] == ["kens"]
    assert await staff.ticket(b"kens", NOW) is not None
    assert await staff.ticket(b"ticket", NOW) is None
    assert await staff.recovery_codes(HANA.id) == ()
    assert len(await staff.recovery_codes(ken.id)) == 1
    assert await staff.account(HANA.id) == reset


async def test_racing_writes(staff: StaffStore) -> None:
    """Of ten writes for one version of an account at once exactly one is kept."""
    await staff.save(ALL, NOW)
    writes = [
        StaffWrite(account=replace(HANA, version=1, name=f"{n}"), acts=(ACT,)) for n in range(10)
    ]
    got = await asyncio.gather(*(staff.save(write, NOW) for write in writes))
    assert sum(each is not None for each in got) == 1
    assert len(await staff.audit(0, 99)) == 2


async def test_the_record_is_one_chain(staff: StaffStore) -> None:
    """Acts of many writes at once are chained one after another."""
    writes = [StaffWrite(acts=(replace(ACT, detail=f"{n}"), ACT)) for n in range(20)]
    await asyncio.gather(*(staff.save(write, NOW) for write in writes))
    rows = await staff.audit_from(0, 99)
    assert [row.seq for row in rows] == list(range(1, 41))
    assert chain.verdict(rows, []).whole


async def test_reading_the_record(staff: StaffStore) -> None:
    """Backwards from a number, or forwards after one, so many at a time."""
    for _ in range(5):
        await staff.save(StaffWrite(acts=(ACT,)), NOW)
    assert [row.seq for row in await staff.audit(0, 2)] == [5, 4]
    assert [row.seq for row in await staff.audit(4, 2)] == [3, 2]
    assert [row.seq for row in await staff.audit_from(2, 2)] == [3, 4]


async def test_tidying(staff: StaffStore) -> None:
    """What is past its time goes; the record keeps a checkpoint, its newest row, and says so."""
    await staff.save(ALL, NOW)
    for n in range(1, 5):
        await staff.save(StaffWrite(acts=(replace(ACT, at=NOW + n),)), NOW)
    done = await staff.tidy(NOW + 10, NOW + 1, NOW + 3)
    assert done.gone == 5  # a ticket, a session, three rows
    rows = await staff.audit_from(0, 99)
    assert [(row.seq, row.act) for row in rows] == [
        (3, chain.CHECKPOINT),
        (4, "case.read"),
        (5, "case.read"),
        (6, chain.TIDIED),
    ]
    assert done.row == rows[-1]
    assert chain.verdict(rows, []).whole
    assert (await staff.tidy(NOW + 10, 0, NOW + 3)).gone == 0
    far = await staff.tidy(NOW + 99, 0, NOW + 99)
    assert far.row is not None
    assert chain.verdict(await staff.audit_from(0, 99), []).whole


async def test_the_program_does_not_change_the_record(sqlite: SqliteStore, tmp_path: Path) -> None:
    """An UPDATE of the record is refused by the database itself."""
    await sqlite.staff.save(ALL, NOW)
    with (
        closing(sqlite3.connect(tmp_path / "engawa.db")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="the record is not changed"),
    ):
        connection.execute("UPDATE audit SET detail = 'x'")


def _run(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.executescript(f"DROP TRIGGER audit_is_final; {statement};")


@pytest.mark.parametrize(
    ("harm", "broken_at"),
    [
        pytest.param(_run("UPDATE audit SET actor = 'x' WHERE seq = 3"), 3, id="changed"),
        pytest.param(_run("DELETE FROM audit WHERE seq = 3"), 4, id="deleted"),
        pytest.param(_run("DELETE FROM audit WHERE seq > 3"), 4, id="the end cut off"),
        pytest.param(_run("DELETE FROM audit WHERE seq < 3"), 3, id="the beginning cut off"),
        pytest.param(
            _run("UPDATE audit SET seq = 9 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4"),
            3,
            id="moved",
        ),
        pytest.param(
            _run("UPDATE audit SET hash = CAST(x'00' || substr(hash, 2) AS BLOB) WHERE seq = 3"),
            3,
            id="one byte",
        ),
        pytest.param(
            _run("UPDATE audit SET hash = 'words' WHERE seq = 3"), 3, id="words for bytes"
        ),
        pytest.param(
            _run("UPDATE audit SET act = CAST(x'ff' AS TEXT) WHERE seq = 3"), 3, id="no UTF-8"
        ),
        pytest.param(_run("UPDATE audit SET at = 'noon' WHERE seq = 3"), 3, id="words for a time"),
    ],
)
async def test_harm_to_the_file(
    sqlite: SqliteStore,
    tmp_path: Path,
    harm: Callable[[sqlite3.Connection], object],
    broken_at: int,
) -> None:
    """Whoever writes into the file past the program is found by the chain and the heads."""
    heads = FileHeads(tmp_path / "key.audit")
    for n in range(5):
        for row in await sqlite.staff.save(StaffWrite(acts=(replace(ACT, at=n),)), NOW) or ():
            heads.record(row.seq, row.hash)
    assert chain.verdict(await sqlite.staff.audit_from(0, 99), heads.all()).whole
    with closing(sqlite3.connect(tmp_path / "engawa.db")) as connection:
        harm(connection)
        connection.commit()
    verdict = chain.verdict(await sqlite.staff.audit_from(0, 99), heads.all())
    assert (verdict.whole, verdict.broken_at) == (False, broken_at)


async def test_staff_outlive_the_process(tmp_path: Path) -> None:
    """What was saved is there after the store was closed and opened again."""
    store = SqliteStore(tmp_path / "engawa.db")
    await store.open()
    await store.staff.save(ALL, NOW)
    before = await everything(store.staff)
    await store.close()
    await store.open()
    assert await everything(store.staff) == before
    await store.close()


async def test_a_closed_store(tmp_path: Path) -> None:
    """A closed store says so."""
    store = SqliteStore(tmp_path / "engawa.db")
    with pytest.raises(StoreError, match=r"closed|moved"):
        await store.staff.save(ALL, NOW)


async def test_two_administrators_who_shut_each_other_out(staff: StaffStore) -> None:
    """Each saw the other still there: the second one is refused, whole, and somebody is left."""
    bosses = [
        Account(f"id{n}", f"boss{n}", "B", frozenset({"administrator"}), status="active")
        for n in range(2)
    ]
    for boss in bosses:
        assert await staff.save(StaffWrite(account=boss), NOW) is not None
    writes = [
        StaffWrite(
            account=replace(boss, status="disabled", version=1), keeps_manager=True, acts=(ACT,)
        )
        for boss in bosses
    ]
    assert await staff.save(writes[0], NOW) is not None
    assert await staff.save(writes[1], NOW) is None
    assert await staff.account("id1") == bosses[1]
    assert len(await staff.audit(0, 9)) == 1
