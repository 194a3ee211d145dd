"""Reads the working copy (flows/, messages/) from disk as bytes; watches it in development."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bot.errors import ConfigurationError

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
            files[path.relative_to(directory).as_posix()] = path.read_bytes()
    return files


async def watch_content(directory: Path) -> AsyncIterator[None]:
    """Yields after each save below flows/ or messages/ (changes close together count once)."""
    from watchfiles import awatch

    folders = [directory / folder for folder in FOLDERS]
    async for _ in awatch(*folders, debounce=200, step=50):
        yield
