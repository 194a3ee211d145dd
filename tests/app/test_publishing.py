"""Publishing: what is broken never serves, what is good does at once, and nobody is stranded."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bot.app.content import FOLDERS, read_content
from bot.errors import ContentError
from bot.services.revisions import Following, Programs
from bot.store.sqlite import SqliteStore
from tests.app.house import PATIENCE, House
from tests.app.people import OnLine, OnTelegram
from tests.repository import ROOT

GOOD = read_content(ROOT)
HELLO = "薬のことを、名前を言わずに話せる場所です。"
NEWS = "ここは、名前を言わずに座れる場所です。"
BROKEN = {**GOOD, "flows/welcome.yaml": GOOD["flows/welcome.yaml"] + b"  nowhere:\n    sai: x\n"}


def changed(path: str, old: str, new: str) -> Mapping[str, bytes]:
    """The shipped content with one thing changed."""
    before = GOOD[path].decode()
    assert old in before
    return {**GOOD, path: before.replace(old, new).encode()}


RENEWED = changed("messages/ja/welcome.yaml", HELLO, NEWS)


async def test_a_start_with_broken_files(house: House, tmp_path: Path) -> None:
    """The last published revision serves, and the issue is told with file and line."""
    revision = (await house.service.programs.active()).revision
    await house.close()
    again = House(tmp_path, house.clock)
    await again.open(BROKEN)
    assert again.refusal is not None
    last = len(GOOD["flows/welcome.yaml"].splitlines()) + 1
    assert f"flows/welcome.yaml:{last}" in str(again.refusal)
    assert (await again.service.programs.active()).revision == revision
    await OnLine(again).begin()
    assert again.line.texts("Uhana")[0].startswith(HELLO)
    await again.close()


async def test_a_first_start_with_broken_files(tmp_path: Path) -> None:
    """Where nothing was ever published, broken files are refused with every issue."""
    house = House(tmp_path)
    with pytest.raises(ContentError) as refused:
        await house.open(BROKEN)
    await house.close()
    assert [issue.place.file for issue in refused.value.issues] == ["flows/welcome.yaml"] * len(
        refused.value.issues
    )


class WorkingCopy:
    """Real files that are watched; `said` tells what became of each save."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: asyncio.Queue[str] = asyncio.Queue()
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name)

    def save(self, path: str, content: bytes) -> None:
        """As an editor saves: the whole file."""
        (self.folder / path).write_bytes(content)

    async def verdict(self) -> str:
        """What was said about the last save."""
        async with asyncio.timeout(PATIENCE):
            return await self.said.get()


@contextlib.asynccontextmanager
async def watched(house: House, folder: Path) -> AsyncIterator[WorkingCopy]:
    """A working copy that the service watches, from the moment it really does."""
    copy = WorkingCopy(folder)
    watching = asyncio.create_task(house.service.publisher.watch(folder, copy.said.put_nowait))
    probe = folder / "flows" / "probe.yaml"
    # The watch begins a moment later; saves are repeated until one is seen.
    while copy.said.empty():
        probe.write_bytes(b"engawa: 1\n")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                copy.said.put_nowait(await copy.said.get())
    probe.unlink()
    while "probe.yaml" in await copy.verdict():
        continue
    yield copy
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def test_the_watcher(house: House, tmp_path: Path) -> None:
    """A good save is live at once; a bad one is refused with file and line, and the last good one
    goes on; the next good one is live again.
    """
    async with watched(house, tmp_path / "copy") as copy:
        path = "messages/ja/welcome.yaml"
        copy.save(path, RENEWED[path])
        assert await copy.verdict() == "published"
        await OnLine(house).begin()
        assert house.line.texts("Uhana")[0].startswith(NEWS)
        copy.save(path, b"hello: [\n")
        said = await copy.verdict()
        assert "messages/ja/welcome.yaml:" in said
        await OnLine(house, "Uanother").begin()
        assert house.line.texts("Uanother")[0].startswith(NEWS)
        copy.save(path, GOOD[path])
        assert await copy.verdict() == "published"
        await OnLine(house, "Uthird").begin()
        assert house.line.texts("Uthird")[0].startswith(HELLO)


async def test_the_watcher_survives_a_missing_folder(house: House, tmp_path: Path) -> None:
    """A folder that goes away for a moment is told, and the next good save is live."""
    async with watched(house, tmp_path / "copy") as copy:
        (copy.folder / "messages").rename(copy.folder / "elsewhere")
        assert "messages" in await copy.verdict()
        (copy.folder / "elsewhere").rename(copy.folder / "messages")
        copy.save("flows/welcome.yaml", GOOD["flows/welcome.yaml"] + b"\n")
        assert await copy.verdict() == "published"


async def test_whoever_began_earlier_goes_on(house: House) -> None:
    """A session stays with the revision it began with; who begins now begins with the new one."""
    early, late = OnLine(house, "Uearly"), OnTelegram(house)
    await early.begin()
    renewed = changed("messages/ja/listening.yaml", "夜は長いですね", "夜は、とても長いですね")
    await house.service.programs.publish(renewed)
    for person in (early, late):
        if person is late:
            await person.begin()
        await person.press("話してみる")
        await person.press("眠れないとき")
    assert any("眠れない夜は長いですね" in text for text in house.line.texts("Uearly"))
    assert any("夜は、とても長いですね" in text for text in house.telegram.texts("70001"))


async def test_safety_is_never_pinned(house: House) -> None:
    """What is said in a crisis comes from the newest revision, also in a session of before."""
    person = OnLine(house)
    await person.begin()
    heard = "書いてくださって、ありがとうございます。それほどつらいのですね。"
    await house.service.programs.publish(
        changed("messages/ja/crisis.yaml", heard, "新しいことばです。")
    )
    await person.write("死にたい")
    assert any("新しいことばです。" in shown for shown in house.line.texts("Uhana"))


async def test_a_restart_keeps_pinned_revisions(house: House, tmp_path: Path) -> None:
    """After a restart with newer files an older session still goes on with its own."""
    await OnLine(house).begin()
    data = dict(house.line.visible["Uhana"][-1].buttons)["話してみる"]
    await house.close()
    again = House(tmp_path, house.clock)
    again._numbers = 100
    await again.open(RENEWED)
    await again.post_line(again.line_event("postback", postback={"data": data}))
    messages = (await again.service.programs.active()).bundle.messages.texts["ja"]
    assert messages["listening.no_decision"] in again.line.texts("Uhana")
    await again.close()


async def test_a_state_that_is_gone(house: House, tmp_path: Path) -> None:
    """Where the pinned revision itself is gone and the state with it, the turn ends kindly."""
    person = OnLine(house)
    await person.begin()
    await person.press("家族や友人のこと")
    gone = {
        path: body.replace(b"whose:", b"whom:").replace(b": whose\n", b": whom\n")
        if path == "flows/welcome.yaml"
        else body
        for path, body in GOOD.items()
    }
    pinned = (await house.service.programs.active()).revision
    await house.service.programs.publish(gone)

    def forget(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM revision_file WHERE revision = ?", (pinned,))
        connection.execute("DELETE FROM revision WHERE id = ?", (pinned,))

    await house.store._write(forget)
    house.service.programs._ready.pop(pinned)
    assert (await house.post_line(house.line_text("家族のことです"))).status_code == 200
    texts = (await house.service.programs.active()).bundle.messages.texts["ja"]
    assert texts["everywhere.state_gone"] in house.line.texts("Uhana")
    await person.press("話してみる")
    assert texts["listening.no_decision"] in house.line.texts("Uhana")


async def test_what_another_process_publishes(house: House) -> None:
    """A running service takes up what `engawa flows publish` made active, within two seconds."""
    house.service.start()
    beside = SqliteStore(house.database, exclusive=False)
    await beside.open()
    serve, taken = house.service.programs._serve, asyncio.Event()

    def noticed(published: object) -> None:
        serve(published)  # type: ignore[arg-type]
        taken.set()

    house.service.programs._serve = noticed  # type: ignore[method-assign]
    other = Programs(beside, house.clock, house.service.journal)
    await other.publish(RENEWED)
    async with asyncio.timeout(PATIENCE):
        await taken.wait()
    await beside.close()
    await OnLine(house).begin()
    assert house.line.texts("Uhana")[0].startswith(NEWS)


async def test_what_another_process_publishes_and_we_cannot_load(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """What this program can't load is noted once, and what it has goes on serving."""
    caplog.set_level("INFO", "engawa")
    await house.store.publish("f" * 64, BROKEN, house.clock())
    before = await house.service.programs.active()
    stop, looked = asyncio.Event(), asyncio.Queue[None]()
    following = Following(house.service.programs, house.clock, house.service.journal)

    async def sleep(*_: object) -> None:
        looked.put_nowait(None)
        if looked.qsize() == 3:
            stop.set()

    following._alarm.sleep = sleep  # type: ignore[assignment]
    await following.run(stop)
    assert caplog.text.count("revision_missing code=ContentError") == 1
    assert await house.service.programs.active() is before
