"""The record: whole as long as nobody touches it, and it says which row was touched first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.errors import NotAllowedError, StoreUnavailableError
from bot.services.staff import chain
from bot.services.staff.answers import Verdict
from bot.services.staff.opening import tidy
from bot.services.staff.records import Act, AuditRow, StaffWrite
from tests.services.staff.rig import DAY, HOUR, SYSTEM, Rig

Rows = list[AuditRow]


def chained(count: int) -> Rows:
    """A record of so many acts."""
    rows: Rows = []
    for n in range(1, count + 1):
        act = Act(n * 1_000, f"who {n % 3}", "case.read", f"case {n}", f"{n}")
        rows.append(chain.link(rows[-1].hash if rows else chain.START, n, act))
    return rows


def heads_of(rows: Rows) -> list[tuple[int, bytes]]:
    """What the file of heads says of a record that nobody touched."""
    return [(row.seq, row.hash) for row in rows]


def test_an_untouched_record() -> None:
    """A record that nobody touched is whole, the empty one too."""
    rows = chained(9)
    assert chain.verdict(rows, heads_of(rows)) == Verdict(True, 9, 1, 9)
    assert chain.verdict([], []) == Verdict(True, 0)


def _made_anew(rows: Rows) -> Rows:
    """Row 4 was changed and all later ones were chained again, as if nothing had been."""
    made = rows[:3]
    for row in rows[3:]:
        detail = "changed" if row.seq == 4 else row.detail
        act = Act(row.at, row.actor, row.act, row.object, detail)
        made.append(chain.link(made[-1].hash, row.seq, act))
    return made


def _swapped(rows: Rows) -> Rows:
    """Rows 4 and 5 changed places, numbers and all."""
    four, five = replace(rows[3], seq=5), replace(rows[4], seq=4)
    return [*rows[:3], five, four, *rows[5:]]


@pytest.mark.parametrize(
    ("touch", "broken_at"),
    [
        pytest.param(lambda r: [*r[:3], replace(r[3], at=7), *r[4:]], 4, id="another time"),
        pytest.param(lambda r: [*r[:3], replace(r[3], actor="x"), *r[4:]], 4, id="another actor"),
        pytest.param(lambda r: [*r[:3], replace(r[3], act="x"), *r[4:]], 4, id="another act"),
        pytest.param(lambda r: [*r[:3], replace(r[3], object="x"), *r[4:]], 4, id="another object"),
        pytest.param(lambda r: [*r[:3], replace(r[3], detail="x"), *r[4:]], 4, id="another detail"),
        pytest.param(lambda r: [*r[:3], replace(r[3], hash=bytes(32)), *r[4:]], 4, id="hash"),
        pytest.param(lambda r: [*r[:3], *r[4:]], 5, id="a row deleted"),
        pytest.param(lambda r: r[2:], 3, id="the beginning cut off"),
        pytest.param(lambda r: r[:-2], 8, id="the end cut off"),
        pytest.param(lambda r: [], 1, id="everything deleted"),
        pytest.param(_swapped, 4, id="two rows swapped"),
        pytest.param(lambda r: [r[0], r[2], r[1], *r[3:]], 3, id="out of order"),
        pytest.param(_made_anew, 4, id="made anew from row 4"),
        pytest.param(lambda r: [chain.checkpoint(r[3], 0), *r[4:]], 4, id="a false checkpoint"),
        pytest.param(lambda r: [*r[:3], chain.checkpoint(r[3], 0), *r[4:]], 4, id="one inside"),
    ],
)
def test_touched(touch: Callable[[Rows], Rows], broken_at: int) -> None:
    """Whatever is changed, deleted, moved or cut off: the first row that is wrong is named."""
    rows = chained(9)
    verdict = chain.verdict(touch(list(rows)), heads_of(rows))
    assert (verdict.whole, verdict.broken_at) == (False, broken_at)
    assert verdict.why


@given(
    at=st.integers(0, 8),
    field=st.sampled_from(["at", "actor", "act", "object", "detail", "prev", "hash"]),
    bit=st.integers(0, 7),
    data=st.data(),
)
def test_one_bit(at: int, field: str, bit: int, data: st.DataObject) -> None:
    """A single flipped bit anywhere in the record is found."""
    rows = chained(9)
    value = getattr(rows[at], field)
    if isinstance(value, int):
        changed: object = value ^ (1 << bit)
    elif isinstance(value, bytes):
        place = data.draw(st.integers(0, len(value) - 1))
        changed = value[:place] + bytes([value[place] ^ (1 << bit)]) + value[place + 1 :]
    else:
        place = data.draw(st.integers(0, len(value) - 1))
        changed = value[:place] + chr(ord(value[place]) ^ (1 << bit)) + value[place + 1 :]
    touched = [*rows[:at], replace(rows[at], **{field: changed}), *rows[at + 1 :]]
    assert not chain.verdict(touched, heads_of(rows)).whole


@given(parts=st.lists(st.text(max_size=4), min_size=4, max_size=4), cut=st.integers(0, 3))
def test_parts_do_not_run_together(parts: list[str], cut: int) -> None:
    """Words moved from one field to the next give another hash."""
    actor, act, object_, detail = parts
    moved = (actor + act[:cut], act[cut:], object_, detail)
    one = chain.link(chain.START, 1, Act(1, actor, act, object_, detail))
    two = chain.link(chain.START, 1, Act(1, *moved))
    assert (one.hash == two.hash) is (moved == tuple(parts))


async def test_a_row_written_past_the_program(rig: Rig) -> None:
    """A forged row whose hashes are right is found, also when true acts followed it: the heads lack
    it.
    """
    await rig.invite("hana", "counselor")
    newest = (await rig.rows.audit(0, 1))[0]
    forged = Act(rig.now, "somebody", "case.read", "somewhere")
    await rig.rows.save(StaffWrite(acts=(forged,)), rig.now)
    await rig.invite("ken", "editor")
    verdict = await rig.desk.trail.verify(SYSTEM)
    assert (verdict.whole, verdict.unwitnessed) == (True, 1)
    assert verdict.unwitnessed_at == newest.seq + 1
    assert (await rig.rows.audit(0, 1))[0].detail == "unwitnessed"


@pytest.mark.parametrize(
    ("kept", "first"),
    [
        pytest.param(slice(0, 0), 1, id="the file was deleted"),
        pytest.param(slice(0, -2), 8, id="its end was cut off"),
        pytest.param(slice(2, None), 1, id="its beginning was cut off"),
    ],
)
def test_heads_that_were_shortened(kept: slice, first: int) -> None:
    """Whoever shortens the file of heads so that it says less is not answered with a plain yes."""
    rows = chained(9)
    verdict = chain.verdict(rows, heads_of(rows)[kept])
    assert verdict.unwitnessed > 0
    assert verdict.unwitnessed_at == first


@pytest.mark.parametrize("seq", [1, 5, 9, 10])
def test_a_head_added_by_hand(seq: int) -> None:
    """A second head for a row, or one for a row that never was, is a fault."""
    rows = chained(9)
    assert not chain.verdict(rows, [*heads_of(rows), (seq, bytes(32))]).whole


def test_rows_written_while_the_record_is_read() -> None:
    """A row that came after the heads were read is witnessed by the heads read afterwards."""
    rows = chained(9)
    verdict = chain.verdict(rows, heads_of(rows)[:7], heads_of(rows))
    assert (verdict.whole, verdict.unwitnessed) == (True, 0)


async def test_everything_done_is_in_one_chain(rig: Rig) -> None:
    """All that happened in an office is one whole record, and each row is witnessed."""
    member, boss = await rig.join("hana", "supervisor"), await rig.join("boss", "administrator")
    await rig.desk.sign_in.password("hana", "wrong", "PC")
    await member.sign_in()
    await rig.desk.people.disable(await boss.who(), member.id)
    verdict = await rig.desk.trail.verify(await boss.who())
    assert verdict.whole
    assert verdict.rows == len(rig.heads.kept) - 1  # asking was recorded too, afterwards
    assert verdict.unwitnessed == 0


async def test_a_head_that_could_not_be_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When the heads can't be written the act stands, a person is paged, and verify says so."""
    await rig.invite("hana", "counselor")

    def full(seq: int, hash: bytes) -> None:
        raise StoreUnavailableError("full")

    monkeypatch.setattr(rig.heads, "record", full)
    await rig.invite("ken", "editor")
    verdict = await rig.desk.trail.verify(SYSTEM)
    assert (verdict.whole, verdict.unwitnessed) == (True, 1)
    assert any("audit_unwitnessed" in each.message for each in caplog.records)


async def test_retention_keeps_the_chain_verifiable(rig: Rig) -> None:
    """After old rows went, a checkpoint stands in their place and the rest is still whole."""
    for day in range(10):
        await rig.invite(f"person{day}", "editor")
        rig.later(DAY)
    assert await tidy(rig.office, 4 * DAY) > 0
    rows = await rig.rows.audit_from(0, 99)
    assert rows[0].act == chain.CHECKPOINT
    assert rows[-1].act == chain.TIDIED
    first = await rig.desk.trail.verify(SYSTEM)
    assert first.whole
    for _ in range(3):  # and again, with checkpoints that were checkpoints before
        rig.later(2 * DAY)
        await rig.invite(f"later{rig.now}", "editor")
        await tidy(rig.office, 4 * DAY)
    verdict = await rig.desk.trail.verify(SYSTEM)
    assert verdict.whole, verdict.why
    assert verdict.first > first.first


async def test_retention_says_so_once_a_day(rig: Rig) -> None:
    """Tidying every hour adds one row a day to the record at most."""
    for _ in range(3 * 24):
        await rig.rows.save(StaffWrite(acts=(Act(rig.now, "system", "tick"),)), rig.now)
        await tidy(rig.office, DAY)
        rig.later(HOUR)
    rows = await rig.rows.audit_from(0, 999)
    assert sum(row.act == chain.TIDIED for row in rows) <= 3


async def test_who_may_read(rig: Rig) -> None:
    """Supervisors and administrators read the record; others, and the pages for them, don't."""
    member, boss = await rig.join("hana", "counselor"), await rig.join("boss", "administrator")
    who = await member.who()
    for asked in (
        rig.desk.trail.page(who),
        rig.desk.trail.newest(who),
        rig.desk.trail.names(who),
        rig.desk.trail.verify(who),
    ):
        with pytest.raises(NotAllowedError):
            await asked
    names = await rig.desk.trail.names(await boss.who())
    assert names[member.id] == "hana"


async def test_reading_is_recorded_once_an_hour(rig: Rig) -> None:
    """Who looks at the record leaves a row, but not one for each page."""
    boss = await rig.join("boss", "administrator")
    for _ in range(5):
        await rig.desk.trail.page(await boss.who())
    rows = await rig.desk.trail.page(await boss.who(), limit=99)
    assert sum(row.act == "audit.read" for row in rows) == 1


async def test_pages(rig: Rig) -> None:
    """The record is read from the newest row back, page by page, without a gap."""
    for n in range(25):
        await rig.rows.save(StaffWrite(acts=(Act(n, "system", "tick"),)), rig.now)
    seen: list[int] = []
    before = 0
    while page := await rig.desk.trail.page(SYSTEM, before, 10):
        seen += [row.seq for row in page]
        before = page[-1].seq
    assert seen == sorted(seen, reverse=True)
    assert seen == list(range(seen[0], 0, -1))


@pytest.mark.parametrize(
    ("act", "object_", "detail"),
    [
        pytest.param("Read it", "", "", id="an act in words"),
        pytest.param("case.read", "相談", "", id="an object in words"),
        pytest.param("case.read", "", "He said that…", id="a detail in words"),
        pytest.param("case.read", "x" * 44, "", id="a long object"),
        pytest.param("case.read\n", "", "", id="a line break"),
    ],
)
async def test_no_content_in_the_record(rig: Rig, act: str, object_: str, detail: str) -> None:
    """The record takes codes and random ids only."""
    member = await rig.join("hana", "counselor")
    with pytest.raises(ValueError, match="dotted code"):
        await rig.desk.trail.note(await member.who(), act, object_, detail)


async def test_a_note(rig: Rig) -> None:
    """A page that shows something weighty notes who saw which number."""
    member = await rig.join("hana", "counselor")
    await rig.desk.trail.note(await member.who(), "case.read", "cAsE-7_number")
    row = (await rig.rows.audit(0, 1))[0]
    assert (row.actor, row.act, row.object) == (member.id, "case.read", "cAsE-7_number")
