"""The 38 criteria of JIS X 8341-3:2016 AA (WCAG 2.0, A and AA), and how the room meets each.

docs/accessibility.md is made of this table; a test holds each test that it names to exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Seen = Literal["test", "by hand", "not applicable"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: how it is met, and how that is seen. `shown` names test functions."""

    number: str
    name: str
    level: Literal["A", "AA"]
    met: str
    seen: Seen
    shown: tuple[str, ...] = ()


AXE = "test_axe_finds_nothing"
NONE_SUCH = "There is no sound and no film; a message can be read aloud by the device on request."

CRITERIA = (
    Criterion(
        "1.1.1",
        "Non-text content",
        "A",
        "Drawings are decoration beside words that say the same; they are hidden from readers.",
        "test",
        (AXE, "test_pictures_say_nothing_alone"),
    ),
    Criterion("1.2.1", "Audio-only and video-only", "A", NONE_SUCH, "not applicable"),
    Criterion("1.2.2", "Captions (prerecorded)", "A", NONE_SUCH, "not applicable"),
    Criterion("1.2.3", "Audio description or alternative", "A", NONE_SUCH, "not applicable"),
    Criterion("1.2.4", "Captions (live)", "AA", NONE_SUCH, "not applicable"),
    Criterion("1.2.5", "Audio description", "AA", NONE_SUCH, "not applicable"),
    Criterion(
        "1.3.1",
        "Info and relationships",
        "A",
        "Headings, landmarks, labels, a log and a status; who speaks is written.",
        "test",
        (AXE, "test_what_is_new_is_announced"),
    ),
    Criterion(
        "1.3.2",
        "Meaningful sequence",
        "A",
        "The order in the page is the order of reading, also without style.",
        "test",
        ("test_the_page_reads_in_order",),
    ),
    Criterion(
        "1.3.3",
        "Sensory characteristics",
        "A",
        "No sentence tells where a thing stands or what colour it has without naming it.",
        "by hand",
    ),
    Criterion(
        "1.4.1",
        "Use of colour",
        "A",
        "Speaker, state and link are told by words, a mark and a line.",
        "test",
        ("test_colour_is_never_alone",),
    ),
    Criterion("1.4.2", "Audio control", "A", NONE_SUCH, "test", ("test_nothing_moves_or_flashes",)),
    Criterion(
        "1.4.3",
        "Contrast (minimum)",
        "AA",
        "Every pair of colours has at least 4.5:1, light and dark.",
        "test",
        (AXE, "test_text_can_be_read"),
    ),
    Criterion(
        "1.4.4",
        "Resize text",
        "AA",
        "Letters of 200 % at 320, 640 and 1,280 pixels: nothing is cut, covered or lost.",
        "test",
        ("test_letters_twice_as_large", "test_it_fits"),
    ),
    Criterion(
        "1.4.5", "Images of text", "AA", "There are none.", "test", ("test_no_text_is_drawn",)
    ),
    Criterion(
        "2.1.1",
        "Keyboard",
        "A",
        "Everything is a link, a button, a summary or a box.",
        "test",
        (
            "test_the_keyboard_reaches_everything_in_order",
            "test_the_panel_opens_by_keyboard",
            "test_a_whole_visit_by_keyboard",
        ),
    ),
    Criterion(
        "2.1.2",
        "No keyboard trap",
        "A",
        "Tab leaves every page.",
        "test",
        ("test_the_keyboard_reaches_everything_in_order",),
    ),
    Criterion(
        "2.2.1",
        "Timing adjustable",
        "A",
        "Nothing waits for an answer; how long words are kept is days, and said at the beginning. "
        "Return codes and door links end for safety, and a new one can be had.",
        "by hand",
    ),
    Criterion(
        "2.2.2",
        "Pause, stop, hide",
        "A",
        "Nothing moves; new words come only after one's own or a person's.",
        "test",
        ("test_nothing_moves_or_flashes", "test_nothing_comes_by_itself"),
    ),
    Criterion(
        "2.3.1",
        "Three flashes",
        "A",
        "Nothing flashes.",
        "test",
        ("test_nothing_moves_or_flashes",),
    ),
    Criterion(
        "2.4.1",
        "Bypass blocks",
        "A",
        "The first stop skips the header; headings and landmarks are there.",
        "test",
        (AXE, "test_the_skip_link_skips"),
    ),
    Criterion(
        "2.4.2",
        "Page titled",
        "A",
        "Each page has the room's name for a title. It says no more on purpose: a title is read by "
        "whoever looks over a shoulder, and stays in the history.",
        "test",
        (AXE, "test_titles_and_addresses_tell_nothing"),
    ),
    Criterion(
        "2.4.3",
        "Focus order",
        "A",
        "As the page reads.",
        "test",
        ("test_the_keyboard_reaches_everything_in_order",),
    ),
    Criterion(
        "2.4.4",
        "Link purpose",
        "A",
        "Each link says where it leads, or is the number it calls.",
        "test",
        (AXE,),
    ),
    Criterion(
        "2.4.5",
        "Multiple ways",
        "AA",
        "The pages are steps of one conversation, for which there is one way.",
        "not applicable",
    ),
    Criterion(
        "2.4.6",
        "Headings and labels",
        "AA",
        "One heading a page; each box and button has a label in plain words.",
        "test",
        (AXE, "test_what_is_new_is_announced"),
    ),
    Criterion(
        "2.4.7", "Focus visible", "AA", "A ring of 3 pixels.", "test", ("test_focus_is_seen",)
    ),
    Criterion(
        "3.1.1",
        "Language of page",
        "A",
        "Each page says its language.",
        "test",
        ("test_the_language_is_said",),
    ),
    Criterion(
        "3.1.2",
        "Language of parts",
        "AA",
        "Names of other languages carry their own. What was said before a change of language keeps "
        "the page's.",
        "test",
        ("test_the_language_is_said",),
    ),
    Criterion(
        "3.2.1",
        "On focus",
        "A",
        "Focus changes nothing.",
        "test",
        ("test_nothing_happens_by_looking",),
    ),
    Criterion(
        "3.2.2",
        "On input",
        "A",
        "Typing changes nothing; only pressing does.",
        "test",
        ("test_nothing_happens_by_looking",),
    ),
    Criterion(
        "3.2.3",
        "Consistent navigation",
        "AA",
        "The same header on every page; under the cover it is left out on purpose.",
        "test",
        ("test_headers_are_the_same_everywhere",),
    ),
    Criterion(
        "3.2.4",
        "Consistent identification",
        "AA",
        "The same things are called the same everywhere.",
        "test",
        ("test_headers_are_the_same_everywhere",),
    ),
    Criterion(
        "3.3.1",
        "Error identification",
        "A",
        "What is wrong is said in words, in a status beside the box.",
        "test",
        ("test_mistakes_are_explained",),
    ),
    Criterion(
        "3.3.2",
        "Labels or instructions",
        "A",
        "The box has a label, each choice its words.",
        "test",
        (AXE, "test_what_is_new_is_announced"),
    ),
    Criterion(
        "3.3.3",
        "Error suggestion",
        "AA",
        "The sentence says what helps, and what was typed stays.",
        "test",
        ("test_mistakes_are_explained",),
    ),
    Criterion(
        "3.3.4",
        "Error prevention",
        "AA",
        "Erasing asks once more and shows the receipt; an earlier tap can be taken back.",
        "test",
        ("test_a_first_contact",),
    ),
    Criterion("4.1.1", "Parsing", "A", "Pages are well-formed.", "test", ("test_pages_are_whole",)),
    Criterion(
        "4.1.2",
        "Name, role, value",
        "A",
        "Native elements; what is on says so.",
        "test",
        (AXE, "test_what_is_new_is_announced"),
    ),
)


def table() -> str:
    """The table of docs/accessibility.md."""
    lines = ["| criterion | how it is met | seen by |", "|---|---|---|"]
    for one in CRITERIA:
        seen = ", ".join(f"`{name}`" for name in one.shown) or one.seen
        lines.append(f"| {one.number} {one.name} ({one.level}) | {one.met} | {seen} |")
    return "\n".join(lines)
