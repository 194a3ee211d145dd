"""The gallery of broken files: each says in its first lines what the loader must answer.

A file in tests/broken_flows is laid over the small valid bundle at the path after `# file:`. Each
`# says:` line is one issue exactly as an editor reads it, word for word; `# says: accepted` means
that there is none.
"""

from pathlib import Path

import pytest

from bot.errors import ContentError
from bot.flow.loader import load_bundle
from bot.safety.lexicon import LEXICON_FILE, load_lexicon
from bot.safety.tone import TONE_FILE, load_tone
from tests.flow.bundles import with_file

GALLERY = sorted((Path(__file__).parent / "broken_flows").glob("*.yaml"))


def _header(data: bytes) -> tuple[str, list[str]]:
    """Where the file belongs, and what must be said about it."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    path = lines[0].removeprefix("# file: ")
    says = [line.removeprefix("# says: ") for line in lines[1:] if line.startswith("# says: ")]
    return path, [] if says == ["accepted"] else says


def _answer(path: str, data: bytes) -> list[str]:
    files = with_file(path, data)
    try:
        if path == LEXICON_FILE:
            load_lexicon(files)
        elif path == TONE_FILE:
            load_tone(files)
        else:
            load_bundle(files)
    except ContentError as error:
        return [str(issue) for issue in error.issues]
    return []


@pytest.mark.parametrize("file", [pytest.param(file, id=file.stem) for file in GALLERY])
def test_a_broken_file_is_answered_word_for_word(file: Path) -> None:
    """A broken file gets exactly the issues, with place, finding and mend, that it announces."""
    data = file.read_bytes()
    path, expected = _header(data)
    assert _answer(path, data) == expected


def test_the_gallery_is_large_and_says_something() -> None:
    """There are at least forty broken files, and each announces at least one issue."""
    broken = [file for file in GALLERY if not file.stem.startswith("accepted_")]
    assert len(broken) >= 40
    assert [file.stem for file in broken if not _header(file.read_bytes())[1]] == []


def test_the_accepted_file_really_has_a_bom_and_crlf() -> None:
    """No tool has quietly turned the file with BOM and CRLF into an ordinary one."""
    data = next(file for file in GALLERY if file.stem == "accepted_bom_and_crlf").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf# file")
    assert data.count(b"\r\n") == data.count(b"\n")
