"""Which places are shown, and when an unverified one stays hidden."""

from datetime import date

import pytest
from msgspec import structs

from bot.errors import ContentError
from bot.flow.directory import Directory, load_directory, place_lines
from tests.flow.bundles import base_files, with_file

TODAY = date(2026, 11, 21)
AMBULANCE = "・救急車 119（24時間）"
LINE = "・いのちの線 000-000-0001 https://example.jp/"
ROOM = "・静かな部屋 000-000-0002"


def _directory() -> Directory:
    return load_directory(base_files(), ("ja", "en"))


@pytest.mark.parametrize(
    ("occasion", "drafts", "today", "lines"),
    [
        pytest.param("crisis", False, TODAY, [AMBULANCE, LINE], id="verified only"),
        pytest.param(
            "crisis", True, TODAY, [AMBULANCE, LINE, f"{ROOM}（?）"], id="drafts are marked"
        ),
        pytest.param("now", False, TODAY, [AMBULANCE], id="119 always stands"),
        pytest.param("now", True, TODAY, [f"{ROOM}（?）", AMBULANCE], id="emergency numbers last"),
        pytest.param(
            "crisis", False, date(2026, 12, 18), [AMBULANCE, LINE], id="200 days are fresh"
        ),
        pytest.param("crisis", False, date(2026, 12, 19), [AMBULANCE], id="201 days are not"),
        pytest.param(
            "crisis",
            True,
            date(2026, 12, 19),
            [AMBULANCE, f"{LINE}（?）", f"{ROOM}（?）"],
            id="a stale entry is marked as a draft",
        ),
    ],
)
def test_places_for_an_occasion(occasion: str, drafts: bool, today: date, lines: list[str]) -> None:
    """Only fresh verified places are shown; drafts, where shown, carry the mark."""
    shown = place_lines(_directory(), occasion, "ja", drafts, "?", today)
    assert shown.splitlines() == lines


@pytest.mark.parametrize(
    ("universal", "others", "shown"),
    [
        pytest.param(1, 5, ["u0", "o0", "o1", "o2"], id="one universal"),
        pytest.param(3, 5, ["u0", "u1", "u2", "o0"], id="three universal"),
        pytest.param(5, 5, ["u0", "u1", "u2", "u3", "u4"], id="the universal ones are never cut"),
    ],
)
def test_a_crisis_shows_four_places(universal: int, others: int, shown: list[str]) -> None:
    """However many places fit, a crisis shows four lines, and every universal place is in them."""
    first, second = _directory().entries[:2]
    entries = [
        *(structs.replace(first, id=f"u{n}", phone=f"u{n}", url="") for n in range(universal)),
        *(structs.replace(second, id=f"o{n}", phone=f"o{n}", url="") for n in range(others)),
    ]
    lines = place_lines(Directory(tuple(entries)), "crisis", "ja", False, "?", TODAY).splitlines()
    assert [line.split("（")[0].split()[-1] for line in lines] == shown


def test_a_bundle_without_a_directory_has_no_places() -> None:
    """Without the file there is an empty directory, not an error."""
    assert load_directory({}, ("ja",)).entries == ()


def test_a_broken_directory_is_refused_with_its_place() -> None:
    """A directory read on its own raises ContentError with file and line."""
    files = with_file("flows/safety/directory.yaml", "engawa: 1\nplaces: 3\n")
    with pytest.raises(ContentError, match=r"directory\.yaml:2:9"):
        load_directory(files, ("ja",))
