"""Which places are shown, and when an unverified one stays hidden."""

from datetime import date

import pytest

from bot.errors import ContentError
from bot.flow.directory import Directory, DirectoryEntry, load_directory, place_lines
from tests.flow.bundles import base_files, with_file

TODAY = date(2026, 11, 21)
AMBULANCE = "救急車 119（24時間）"
LINE = "いのちの線 000-000-0001 https://example.jp/"
ROOM = "静かな部屋 000-000-0002"


def _directory() -> Directory:
    return load_directory(base_files(), ("ja", "en"))


@pytest.mark.parametrize(
    ("occasion", "drafts", "today", "lines"),
    [
        pytest.param("crisis", False, TODAY, [AMBULANCE, LINE], id="verified only"),
        pytest.param("crisis", True, TODAY, [AMBULANCE, LINE, f"?{ROOM}"], id="drafts are marked"),
        pytest.param("now", False, TODAY, [AMBULANCE], id="119 always stands"),
        pytest.param("now", True, TODAY, [AMBULANCE, f"?{ROOM}"], id="another occasion"),
        pytest.param(
            "crisis", False, date(2026, 12, 18), [AMBULANCE, LINE], id="200 days are fresh"
        ),
        pytest.param("crisis", False, date(2026, 12, 19), [AMBULANCE], id="201 days are not"),
        pytest.param(
            "crisis",
            True,
            date(2026, 12, 19),
            [AMBULANCE, f"?{LINE}", f"?{ROOM}"],
            id="a stale entry is marked as a draft",
        ),
    ],
)
def test_places_for_an_occasion(occasion: str, drafts: bool, today: date, lines: list[str]) -> None:
    """Only fresh verified places are shown; drafts, where shown, carry the mark."""
    shown = place_lines(_directory(), occasion, "ja", drafts, "?", today)
    assert shown.splitlines() == lines


def test_at_most_three_places_stand_beside_the_universal_ones() -> None:
    """However many places fit, three are shown, in the order of the file, after 119."""
    entry = _directory().entries[1]
    many = [
        DirectoryEntry(
            **{**{f: getattr(entry, f) for f in entry.__struct_fields__}, "phone": str(n)}
        )
        for n in range(5)
    ]
    directory = Directory((*many, _directory().entries[0]))
    shown = place_lines(directory, "crisis", "en", False, "?", TODAY).splitlines()
    assert [line.split()[-2] for line in shown[1:]] == ["0", "1", "2"]
    assert shown[0] == "Ambulance 119（24 hours）"


def test_a_bundle_without_a_directory_has_no_places() -> None:
    """Without the file there is an empty directory, not an error."""
    assert load_directory({}, ("ja",)).entries == ()


def test_a_broken_directory_is_refused_with_its_place() -> None:
    """A directory read on its own raises ContentError with file and line."""
    files = with_file("flows/safety/directory.yaml", "engawa: 1\nplaces: 3\n")
    with pytest.raises(ContentError, match=r"directory\.yaml:2:9"):
        load_directory(files, ("ja",))
