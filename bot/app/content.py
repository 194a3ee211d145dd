"""Reads the working copy (flows/, messages/) from disk as bytes, publishes and watches it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from bot.errors import ConfigurationError, ContentError, EngawaError, StoreUnavailableError
from bot.services.revisions import Programs

FOLDERS = ("flows", "messages")


def read_content(directory: Path) -> Mapping[str, bytes]:
    """Every YAML file below flows/ and messages/, by its path from `directory`.

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
    return files


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read ({error.strerror}). Make it a readable file, or move it away."
        ) from error


async def watch_content(directory: Path) -> AsyncIterator[None]:
    """Yields after each save below flows/ or messages/ (changes close together count once)."""
    from watchfiles import awatch

    folders = [directory / folder for folder in FOLDERS]
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

    async def watch(self, directory: Path, say: Callable[[str], object]) -> None:
        """Publish after each save; what is wrong is said, and the last good one goes on."""
        async for _ in watch_content(directory):
            try:
                refusal = await self.publish_or_keep(read_content(directory))
            except EngawaError as error:
                say(f"{error}\n(not published; the last good revision goes on)")
                continue
            say(f"{refusal}\n(the last good revision goes on)" if refusal else "published")
