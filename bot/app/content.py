"""Reads the working copy (flows/, messages/, the city pack) as bytes, publishes and watches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from bot.errors import ConfigurationError, ContentError, EngawaError, StoreUnavailableError
from bot.flow.city import PACK
from bot.services.revisions import Programs

FOLDERS = ("flows", "messages")
CITY = "city"
"""The folder of the city pack unless another is set; this one alone may be absent."""


def read_content(directory: Path, city: str = CITY) -> Mapping[str, bytes]:
    """Every YAML file below flows/ and messages/, by its path from `directory`, and those of the
    city pack (a folder, relative to `directory`; "" for none) by `city/` and their path in it.

    Raises ConfigurationError if a folder is missing.
    """
    files: dict[str, bytes] = {}
    for folder in FOLDERS:
        root = directory / folder
        if not root.is_dir():
            raise ConfigurationError(
                f"{root} is no folder, but conversations are read from there. "
                "Start engawa in the project's folder or set ENGAWA__CONTENT__DIRECTORY."
            )
        for path in sorted(root.rglob("*.yaml")):
            files[path.relative_to(directory).as_posix()] = _bytes_of(path)
    pack = pack_folder(directory, city)
    if pack is not None:
        for path in sorted(pack.rglob("*.yaml")):
            files[PACK + path.relative_to(pack).as_posix()] = _bytes_of(path)
    return files


def pack_folder(directory: Path, city: str) -> Path | None:
    """Where the city pack stands, or None if there is none; raises ConfigurationError."""
    folder = directory / city
    if city and folder.is_dir():
        return folder
    if city not in ("", CITY):
        raise ConfigurationError(
            f"{folder} is no folder, but content.city names it as the city pack. Write one with "
            "`engawa new-city`, or set ENGAWA__CONTENT__CITY."
        )
    return None


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read ({error.strerror}). Make it a readable file, or move it away."
        ) from error


async def watch_content(directory: Path, city: str = CITY) -> AsyncIterator[None]:
    """Yields after each save below flows/, messages/ or the pack (those close together count
    once).
    """
    from watchfiles import awatch

    pack = pack_folder(directory, city)
    folders = [*(directory / folder for folder in FOLDERS), *([pack] if pack else [])]
    async for _ in awatch(*folders, debounce=200, step=50):
        yield


class Publisher:
    """Publishes the working copy; a bad one never replaces a good one."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    async def publish_or_keep(self, files: Mapping[str, bytes]) -> ContentError | None:
        """Publish, or keep serving the last published revision and return why.

        Raises ContentError if nothing was ever published to fall back on.
        """
        try:
            await self._programs.publish(files)
        except ContentError as error:
            try:
                await self._programs.refresh()
            except StoreUnavailableError:
                raise error from None
            return error
        return None

    async def watch(self, directory: Path, say: Callable[[str], object], city: str = CITY) -> None:
        """Publish after each save; what is wrong is said, and the last good one goes on."""
        async for _ in watch_content(directory, city):
            try:
                refusal = await self.publish_or_keep(read_content(directory, city))
            except EngawaError as error:
                say(f"{error}\n(not published; the last good revision goes on)")
                continue
            say(f"{refusal}\n(the last good revision goes on)" if refusal else "published")
