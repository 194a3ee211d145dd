"""What makes a lexicon, and that the shipped one stands (broken ones: tests/broken_flows)."""

import pytest

from bot.errors import ContentError
from bot.safety.lexicon import LEXICON_FILE, fold, load_lexicon
from bot.safety.reading import read_risk
from bot.safety.risk import Tier
from tests.repository import ROOT
from tests.safety.lexicons import small_lexicon


def test_rules_stand_by_tier() -> None:
    """The most urgent rules come first; of equal tiers the first in the file does."""
    rules = [(rule.id, int(rule.tier)) for rule in small_lexicon().rules]
    assert rules[:2] == [("way_and_now", 3), ("not_breathing", 3)]
    assert [tier for _, tier in rules] == sorted((tier for _, tier in rules), reverse=True)


def test_a_missing_lexicon_is_refused() -> None:
    """Without the file nothing would be read for risk, so loading fails."""
    with pytest.raises(ContentError, match="missing-file"):
        load_lexicon({})


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("しにたぁい", "しにたい", id="small vowels"),
        pytest.param("OD した", "odした", id="spaces"),
        pytest.param("self-harm", "self harm", id="hyphen"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Phrases and texts meet in the same form."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "least"),
    [
        pytest.param("死にたい", Tier.ACTIVE, id="wants to die"),
        pytest.param("息してない", Tier.IMMINENT, id="breath"),
        pytest.param("ブロンを買った", Tier.NONE, id="a product alone"),
        pytest.param("死ぬほどおいしい", Tier.NONE, id="idiom"),
    ],
)
def test_the_shipped_lexicon_reads_the_plainest_texts(text: str, least: Tier) -> None:
    """The shipped file loads and answers the sentences nobody may get wrong."""
    data = (ROOT / LEXICON_FILE).read_bytes()
    assert read_risk(load_lexicon({LEXICON_FILE: data}), text).tier == least
