"""`engawa new-city`: a pack out of answers, asked or from a file, that always loads."""

from __future__ import annotations

import contextlib
import json
import shutil
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.app.city import Answers, PlaceAnswers, PolicyAnswers, read_answers
from bot.app.content import read_content
from bot.app.founding import Founding, draft_of, fresh_code
from bot.app.packing import pack_files, write_pack
from bot.cli.main import main
from bot.config import read_settings
from bot.config.settings import City, Decision
from bot.errors import ConfigurationError
from bot.flow.city import QUESTIONS_FILE, good_code, load_city
from bot.flow.directory import load_directory
from bot.flow.findings import Findings
from bot.services.revisions import Published, compile_files
from tests.repository import ROOT

WHOLE = """
[city]
name = "試し市"
name_en = "Test City"
centre = "試しのセンター"
[room]
url = "https://room.example"
[hours]
weekdays = ["09:00-12:00", "13:00-17:00"]
[line]
mode = "buttons_only"
decision = { who = "所長", when = "2026-11-01", reference = "第12号" }
[policies.reporting]
text = "知らせない。"
who = "所長"
when = "2026-11-01"
[policies.minors]
text = "話し合いの途中"
[[places]]
ja = "試しの線"
phone = "000-111-222"
called = "2026-11-20"
[[places]]
ja = "試しのページ \\"引用\\""
url = "https://place.example"
[codes]
counter = ["市役所", "区役所"]
page = ["市のページ"]
"""
ASKED: Mapping[str, str] = {
    "市の名前": "試し市",
    "チャットのページのアドレス": "https://room.example",
    "月曜から金曜の受付時間": "09:00-12:00、13:00-17:00",
    "祝日も受け付けるか": "n",
    "LINEで扱うもの": "full",
    "だれが決めたか": "所長",
    "いつ決めたか": "2026-11-01",
    "記録の番号や名前": "第12号",
    "役所の窓口": "市役所、区役所",
    "書いてよいか": "y",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy of the shipped content without a pack, as the place to run commands in."""
    for name in ("flows", "messages"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "config.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENGAWA_HOME", raising=False)
    return tmp_path


def answering(answers: Mapping[str, str]) -> Callable[[str], str]:
    """Somebody who answers some questions, known by the words before the bracket."""

    def ask(question: str) -> str:
        plain = question.partition("（")[0]
        languages = question.endswith(("やさしい日本語）", "英語）"))
        return "" if languages else answers.get(plain, "")

    return ask


def loaded(folder: Path) -> Published:
    return compile_files(read_content(folder))


def test_a_pack_from_a_file(here: Path) -> None:
    """Everything answered stands in the pack, the pack loads and `engawa check` is content."""
    (here / "answers.toml").write_text(WHOLE, encoding="utf-8")
    assert main(["new-city", "--answers", "answers.toml"]) == 0
    assert main(["check"]) == 0
    settings, published = read_settings(here / "config.toml", {}), loaded(here)
    assert (settings.city.name, settings.city.name_en) == ("試し市", "Test City")
    assert settings.room.url == "https://room.example"
    assert settings.line.mode == "buttons_only"
    assert settings.line.decision == Decision("所長", "2026-11-01", "第12号")
    assert settings.hours["counselors"]["tue"] == ["09:00-12:00", "13:00-17:00"]
    assert settings.hours["counselors"]["holidays"] == "closed"
    decided = {each.id: each.text for each in published.bundle.city.policies if each.decided}
    assert decided == {"reporting": "知らせない。"}
    drafts = {each.text for each in published.bundle.city.policies if not each.decided}
    assert "話し合いの途中" in drafts
    own = [entry for entry in published.directory.entries if entry.id.startswith("city_")]
    assert [(entry.names["ja"], entry.status) for entry in own] == [
        ("試しの線", "verified"),
        ('試しのページ "引用"', "unverified"),
    ]
    places = [(code.kind, code.place) for code in published.bundle.city.codes]
    assert places == [("counter", "市役所"), ("counter", "区役所"), ("page", "市のページ")]


def test_a_pack_of_no_answers(here: Path) -> None:
    """Nothing has to be answered: everything is undecided, and the pack loads."""
    (here / "answers.toml").write_text("")
    assert main(["new-city", "--answers", "answers.toml"]) == 0
    assert main(["check"]) == 0
    city = loaded(here).bundle.city
    assert [each.decided for each in city.policies] == [False] * 14
    assert city.codes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("[city\n", "answers.toml can't be read as TOML", id="no TOML"),
        pytest.param("[town]\n", "answers.toml: the file: Object contains unknown", id="section"),
        pytest.param("[city]\nnam = 'x'\n", "answers.toml: city: Object contains", id="key"),
        pytest.param("[room]\nurl = 'room'\n", "room.url is 'room'; expected", id="address"),
        pytest.param("[hours]\nsat = ['9-12']\n", "hours.sat", id="hours"),
        pytest.param("[line]\nmode = 'full'\n", "line.decision.who is missing", id="no decision"),
        pytest.param("[line]\nmode = 'some'\n", "answers.toml: line.mode: Invalid", id="mode"),
        pytest.param("[policies.weather]\ntext = 'x'\n", "weather is no question", id="policy"),
        pytest.param(
            "[policies.minors]\nwhen = 'soon'\n", "policies.minors.when is 'soon'", id="day"
        ),
        pytest.param("[[places]]\nja = 'x'\n", "neither a phone nor a url", id="no way"),
        pytest.param("[codes]\nshop = ['x']\n", "Invalid enum value 'shop'", id="kind"),
    ],
)
def test_answers_that_make_no_pack(
    here: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be is refused with file and key, and nothing is written."""
    (here / "answers.toml").write_text(text, encoding="utf-8")
    assert main(["new-city", "--answers", "answers.toml"]) == 2
    assert said in capsys.readouterr().err
    assert not (here / "city").exists()


def test_a_folder_that_is_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An existing pack is never overwritten, not even a file of it."""
    (here / "city").mkdir()
    (here / "city" / "mine.txt").write_text("mine")
    (here / "answers.toml").write_text(WHOLE, encoding="utf-8")
    assert main(["new-city", "--answers", "answers.toml"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [path.name for path in (here / "city").iterdir()] == ["mine.txt"]


def test_a_pack_that_was_asked_for(here: Path) -> None:
    """The interview makes the same kind of pack; whatever is left empty is undecided."""
    founding, folder = Founding("ja"), here / "city"
    answers, draft = founding.interview(folder, answering(ASKED), lambda text: None)
    write_pack(folder, founding.files(answers))
    settings = read_settings(here / "config.toml", {})
    assert settings.city.name == "試し市"
    assert settings.city.centre == City().centre
    assert settings.line.mode == "full"
    assert len(loaded(here).bundle.city.codes) == 2
    draft.discard()
    assert not draft.file.exists()


class Stopped(Exception):
    """Ctrl-C, in a test."""


def test_an_interrupted_interview_goes_on(here: Path) -> None:
    """What was answered before Ctrl-C isn't asked again, however often it stops."""
    founding, folder = Founding("ja"), here / "city"
    asked: list[str] = []
    told: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        if len(asked) % 7 == 0:
            raise Stopped
        return answering(ASKED)(question)

    answers = None
    while answers is None:
        with contextlib.suppress(Stopped):
            answers, _ = founding.interview(folder, ask, told.append)
    straight, _ = founding.interview(here / "b", answering(ASKED), lambda text: None)
    assert answers == straight
    assert asked.count("市の名前") == 1
    assert founding.words("again") in told


def test_a_wrong_answer_is_asked_again(here: Path) -> None:
    """What can't be is told at once, and the question comes again."""
    replies = iter(["room", "https://room.example"])
    told: list[str] = []

    def ask(question: str) -> str:
        return next(replies) if question.startswith("チャットのページ") else ""

    answers, _ = Founding("ja").interview(here / "city", ask, told.append)
    assert answers.room.url == "https://room.example"
    assert "'room' is no address: it begins with https://." in told


@pytest.mark.parametrize(
    ("question", "typed", "key", "kept"),
    [
        pytest.param("weekdays", "９：００〜12:00、13:00-17:00", "hours", "09:00-12:00", id="span"),
        pytest.param("holidays", "はい", "hours.holidays", "y", id="yes"),
        pytest.param("when", "２０２６年１１月１日", "decision.when", "2026-11-01", id="day"),
        pytest.param("line_mode", "ｆｕｌｌ", "line.mode", "full", id="mode"),
        pytest.param("phone", "０８６ー２２２ー３３３３", "phone", "086-222-3333", id="phone"),
    ],
)
def test_what_a_japanese_keyboard_types(
    here: Path, question: str, typed: str, key: str, kept: str
) -> None:
    """Full-width signs, short hours, other ways to write a day or yes are taken as meant."""
    founding = Founding("ja")
    replies = {"weekdays": "9:00-17:00", "line_mode": "full", "phone": "119", question: typed}
    texts = {founding.words(name): text for name, text in replies.items()}
    names = iter(["試しの線", ""])

    def ask(asked: str) -> str:
        return next(names) if asked == founding.words("place") else texts.get(asked, "")

    told: list[str] = []
    _, draft = founding.interview(here / "city", ask, told.append)
    assert any(key in name and kept in text for name, text in draft.given.items())
    assert not any(" is no" in text for text in told)


@pytest.mark.parametrize(
    ("question", "typed", "said"),
    [
        pytest.param("sun", "9-25", "'9-25' are no hours", id="hours of sunday"),
        pytest.param("when", "来週", "'来週' is no day", id="day"),
        pytest.param("holidays", "休み", "'休み' is none of these: y, n", id="neither yes nor no"),
    ],
)
def test_a_wrong_answer_names_no_other_question(
    here: Path, question: str, typed: str, said: str
) -> None:
    """What is said about an answer is about that answer alone."""
    founding = Founding("ja")
    replies = {"weekdays": ["09:00-10:00"], "line_mode": ["full"], question: [typed]}
    texts = {founding.words(name): texts for name, texts in replies.items()}
    told: list[str] = []
    founding.interview(
        here / "city", lambda asked: texts[asked].pop() if texts.get(asked) else "", told.append
    )
    [fault] = [text for text in told if typed in text]
    assert fault.startswith(said)


def test_a_folder_that_cannot_be_written(here: Path) -> None:
    """A pack that can't be written says where."""
    (here / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"can't be written to .*file/city"):
        write_pack(here / "file" / "city", {"city.toml": ""})


def test_a_mode_without_its_decision_stays_undecided(here: Path) -> None:
    """Whoever wants `full` and has no recorded decision gets the strict mode."""
    ask = answering({"LINEで扱うもの": "full", "だれが決めたか": "所長"})
    answers, _ = Founding("ja").interview(here / "city", ask, lambda text: None)
    assert answers.line.mode == ""


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_a_place_that_was_called_today(here: Path, language: str) -> None:
    """«Called today» makes a place verified; one without phone and page is left out."""
    founding = Founding(language)
    names = iter(["試しの線", "遠い所", ""])
    phones = iter(["000-111", ""])

    def ask(question: str) -> str:
        if question == founding.words("place"):
            return next(names)
        if question == founding.words("phone"):
            return next(phones)
        return "y" if question == founding.words("called") else ""

    told: list[str] = []
    answers, _ = founding.interview(here / "city", ask, told.append)
    assert [(place.ja, place.phone) for place in answers.places] == [("試しの線", "000-111")]
    assert answers.places[0].called
    assert founding.words("no_way") in told


def test_a_draft_that_cannot_be_read(here: Path) -> None:
    """A damaged draft is told and never thrown away."""
    draft = here / "city.draft.json"
    draft.write_text("[1]")
    with pytest.raises(ConfigurationError, match=r"city\.draft\.json"):
        draft_of(here / "city")
    assert draft.read_text() == "[1]"


def test_the_command_says_where_the_answers_are(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C in the command ends with 130 and names the draft; nothing else was written."""
    replies = iter(["試し市"])

    def ask(question: str, **_: object) -> str:
        try:
            return next(replies)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("rich.prompt.Prompt.ask", ask)
    assert main(["new-city"]) == 130
    assert "city.draft.json" in capsys.readouterr().out
    assert json.loads((here / "city.draft.json").read_text()) == {"city.name": "試し市"}
    assert not (here / "city").exists()


@pytest.mark.parametrize(("last", "code"), [("y", 0), ("", 1), ("n", 1)])
def test_the_command_asks_before_it_writes(
    here: Path, monkeypatch: pytest.MonkeyPatch, last: str, code: int
) -> None:
    """The files are shown and written only on `y`; else the answers are kept."""
    monkeypatch.setattr(
        "rich.prompt.Prompt.ask",
        lambda question, **_: last if "書いてよいか" in question else "",
    )
    assert main(["new-city"]) == code
    assert (here / "city").exists() == (code == 0)
    assert (here / "city.draft.json").exists() == (code == 1)


def test_codes_are_drawn_anew() -> None:
    """Fresh codes are good ones, and no two of a thousand are alike."""
    codes = {fresh_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert all(good_code(code) for code in codes)


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn", "Co")), max_size=30)


@given(TEXTS, TEXTS, st.lists(TEXTS.filter(lambda text: bool(text.strip())), max_size=3))
def test_whatever_is_written_the_pack_loads(name: str, text: str, places: list[str]) -> None:
    """Quotes, braces, colons and marks of TOML and YAML in an answer break nothing."""
    answers = Answers(
        city=City(name=name),
        policies={"minors": PolicyAnswers(text, "所長", "2026-11-01")},
        places=tuple(PlaceAnswers(ja=place, phone="1") for place in places),
        codes={"counter": tuple(places)},
    )
    codes = ["bx7m4rwp", "cx7m4rwp", "dx7m4rwp"][: len(places)]
    files = pack_files(answers, {"minors": "?"}, codes, date(2026, 11, 21))
    pack = {f"city/{name}": text.encode() for name, text in files.items() if ".yaml" in name}
    question = b"engawa: 1\npolicies:\n  minors: {ja: x, en: x}\n"
    findings = Findings()
    city = load_city(findings, {**pack, QUESTIONS_FILE: question})
    findings.raise_if_any()
    assert [code.place for code in city.codes] == [place.strip() for place in places]
    assert city.policies[0].text == text.strip()
    entries = load_directory(pack, ("ja", "ja-easy", "en")).entries
    assert [entry.names["en"] for entry in entries] == places
    assert tomllib.loads(files["city.toml"])["city"].get("name", "") == name


@pytest.mark.parametrize(
    ("sign", "kept"),
    [
        pytest.param("\x7f", "\x7f", id="delete"),
        pytest.param("\x85", "\x85", id="next line"),
        pytest.param("\u2028", "\u2028", id="a line end of Unicode"),
        pytest.param("\ufeff", "\ufeff", id="a byte-order mark"),
        pytest.param("\ud800", "\ufffd", id="half a surrogate pair"),
        pytest.param('"\n[staff]\nhost = "', '"\n[staff]\nhost = "', id="a setting of its own"),
    ],
)
def test_no_answer_breaks_out_of_its_quotes(sign: str, kept: str) -> None:
    """Signs that TOML or YAML would refuse or take for a line end are written so that they stay
    what they are.
    """
    answers = Answers(
        city=City(name=f"a{sign}b"),
        policies={"minors": PolicyAnswers(f"a{sign}b", "所長", "2026-11-01")},
    )
    files = pack_files(answers, {"minors": "?"}, [], date(2026, 11, 21))
    assert all(text.encode() for text in files.values())
    assert tomllib.loads(files["city.toml"])["city"]["name"] == f"a{kept}b"
    pack = {f"city/{name}": text.encode() for name, text in files.items() if ".yaml" in name}
    findings = Findings()
    question = b"engawa: 1\npolicies:\n  minors: {ja: x, en: x}\n"
    city = load_city(findings, {**pack, QUESTIONS_FILE: question})
    findings.raise_if_any()
    assert city.policies[0].text == f"a{kept}b"


def test_reading_answers_of_nowhere(tmp_path: Path) -> None:
    """A missing file of answers is told by its name."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        read_answers(tmp_path / "nowhere.toml")
