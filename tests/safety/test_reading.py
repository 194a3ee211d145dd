"""What the interim reading finds, what lowers it, and that no text makes it slow."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety.reading import read_risk
from bot.safety.risk import NO_RISK, Tier
from tests.safety.lexicons import small_lexicon

LEXICON = small_lexicon()


def _reading(text: str) -> tuple[int, str]:
    risk = read_risk(LEXICON, text)
    return int(risk.tier), risk.rule


@pytest.mark.parametrize(
    ("text", "tier", "rule"),
    [
        pytest.param("こんにちは", 0, "", id="nothing"),
        pytest.param("", 0, "", id="empty"),
        pytest.param("きょうはつらい", 1, "tired", id="soft"),
        pytest.param("もう死にたい", 2, "wants_to_die", id="active"),
        pytest.param("息してないんです", 3, "not_breathing", id="imminent"),
        pytest.param("つらい、死にたい", 2, "wants_to_die", id="the highest tier speaks"),
        pytest.param("シニタイ", 2, "wants_to_die", id="katakana"),
        pytest.param("ｼﾆﾀｲ", 2, "wants_to_die", id="half width"),
        pytest.param("し に・た…い", 2, "wants_to_die", id="dots and spaces"),
        pytest.param("死\u200bにた～い", 2, "wants_to_die", id="zero width and wave"),
        pytest.param("しにたぁぁい", 2, "wants_to_die", id="drawn-out vowel"),
        pytest.param("死。に。た。い", 2, "wants_to_die", id="full stops between letters"),
        pytest.param("ﾀﾋにたい", 2, "wants_to_die", id="respelled, half width"),
        pytest.param("４にたい", 2, "wants_to_die", id="respelled number"),
        pytest.param("自○したい", 2, "wants_to_die", id="respelled ring"),
        pytest.param("I WANT TO DIE", 2, "wants_to_die", id="English"),
        pytest.param("i want.to.die", 2, "wants_to_die", id="English with dots"),
        pytest.param("I can’t sleep", 1, "tired", id="typographic apostrophe"),
        pytest.param("きのうODした", 2, "overdose", id="Latin phrase before Japanese"),
        pytest.param("またod", 2, "overdose", id="Latin phrase at the end"),
        pytest.param("TODOを書いた", 0, "", id="inside a word"),
        pytest.param("food and wood", 0, "", id="inside English words"),
        pytest.param("D/OD", 0, "", id="an abbreviation with a slash"),
        pytest.param("アムロジピンOD錠", 0, "", id="a kind of tablet"),
        pytest.param("死ぬほどおいしい", 0, "", id="idiom"),
        pytest.param("髪切った", 0, "", id="idiom that holds a phrase"),
        pytest.param("髪切った。腕も切った", 2, "cutting", id="an idiom clears itself only"),
        pytest.param("恥ずかしくて死にたい", 2, "wants_to_die", id="a hit longer than the idiom"),
        pytest.param("今ロープがある", 3, "way_and_now", id="way and now"),
        pytest.param("ロープなら、今ここに", 3, "way_and_now", id="in the other order"),
        pytest.param("ロープを買った", 0, "", id="a way alone"),
        pytest.param("今" + "あ" * 30 + "ロープ", 0, "", id="too far apart"),
        pytest.param("死にたいわけじゃない", 1, "wants_to_die", id="negation lowers"),
        pytest.param("昔は死にたいと思った", 1, "wants_to_die", id="past lowers"),
        pytest.param("友達が今ロープを", 2, "way_and_now", id="imminent becomes active"),
        pytest.param("友達が息してない", 3, "not_breathing", id="a red flag is never lowered"),
        pytest.param("昔つらいことが", 1, "tired", id="soft is never cleared"),
        pytest.param("昔は元気だった。死にたい", 2, "wants_to_die", id="another sentence"),
        pytest.param("昔は死にたいと。今も死にたい", 2, "wants_to_die", id="one hit stays"),
        pytest.param(
            "昔" + "あ" * 16 + "死にたい", 2, "wants_to_die", id="softening reaches 15 characters"
        ),
    ],
)
def test_reading(text: str, tier: int, rule: str) -> None:
    """A text gets the tier and the rule that a person who knows the lexicon would name."""
    assert _reading(text) == (tier, rule)


def test_nothing_is_the_same_object() -> None:
    """A text without risk reads as NO_RISK and carries no rule."""
    assert read_risk(LEXICON, "こんにちは") == NO_RISK


def test_a_reading_never_holds_what_was_written() -> None:
    """Topic and rule come from the lexicon, never from the text."""
    risk = read_risk(LEXICON, "ひみつの場所で死にたい")
    assert (risk.tier, risk.topic, risk.rule) == (Tier.ACTIVE, "suicide", "wants_to_die")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_read(text: str) -> None:
    """No text raises: lone surrogates, NUL and marks included."""
    assert read_risk(LEXICON, text).tier in Tier


LETTERS = st.text("あいうかきくけこさたなはまやらわん、 ", max_size=20)


@given(LETTERS, LETTERS)
def test_words_around_never_clear_a_hit(before: str, after: str) -> None:
    """Ordinary words before and after a phrase leave at least a soft reading."""
    assert read_risk(LEXICON, f"{before}死にたい{after}").tier >= Tier.SOFT


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("あ", id="ordinary letters"),
        pytest.param("今ロープ", id="both groups"),
        pytest.param("死にたい", id="one phrase"),
        pytest.param("昔死ぬほどおいしい", id="idioms and softening"),
        pytest.param("タヒ", id="respelling"),
        pytest.param("あ。", id="sentences"),
        pytest.param("o", id="Latin letters"),
        pytest.param("\u0301", id="combining marks"),
    ],
)
def test_a_full_body_takes_time_in_proportion(piece: str) -> None:
    """64 Ki characters cost about sixteen times what 4 Ki cost: no text is a bomb."""

    def best(size: int) -> float:
        text = (piece * size)[:size]
        took = []
        for _ in range(3):
            start = time.perf_counter()
            read_risk(LEXICON, text)
            took.append(time.perf_counter() - start)
        return min(took)

    assert best(65_536) < 16 * 5 * best(4_096)
