"""Which files are read as content, and where from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.content import read_content
from bot.errors import ConfigurationError


def working_copy(folder: Path, pack: str) -> Path:
    """Empty flows and messages, and a pack with one file and one that is no content."""
    for name in ("flows", "messages", f"{pack}/messages/ja"):
        (folder / name).mkdir(parents=True)
    (folder / "flows" / "a.yaml").write_bytes(b"a")
    (folder / pack / "messages" / "ja" / "b.yaml").write_bytes(b"b")
    (folder / pack / "city.toml").write_bytes(b"")
    return folder


@pytest.mark.parametrize("pack", ["city", "packs/okayama"])
def test_the_pack_comes_along(tmp_path: Path, pack: str) -> None:
    """The pack's YAML is read under `city/`, wherever its folder stands; settings are not."""
    files = read_content(working_copy(tmp_path, pack), pack)
    assert files == {"flows/a.yaml": b"a", "city/messages/ja/b.yaml": b"b"}


def test_content_without_a_pack(tmp_path: Path) -> None:
    """No pack, or none beside the flows, is no error."""
    folder = working_copy(tmp_path, "elsewhere")
    assert read_content(folder, "") == read_content(folder) == {"flows/a.yaml": b"a"}


def test_a_pack_that_is_named_but_missing(tmp_path: Path) -> None:
    """A pack that the settings name must be there."""
    with pytest.raises(ConfigurationError, match="new-city"):
        read_content(working_copy(tmp_path, "city"), "packs/nowhere")
