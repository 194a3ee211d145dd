"""What a person, a broken client or somebody hostile may write, drawn at random from a seed."""

from __future__ import annotations

from random import Random

from tests.repository import ROOT

CRIES = ("死にたい", "もう飲んだ", "息してない", "殺される", "消えたい", "I want to die")
WORDS = (
    *("人と話す", "予約", "もどる", "おわる", "消して", "ことば", "たすけて", "何が残っていますか"),
    *("献立", "合言葉", "help", "erase", "back", "/start", "/help"),
)
RUDE = ("お前はばか", "だまれ", "セックスしよう", "テスト", "fuck you", "俺はクズ")
CODE_WORDS = (ROOT / "bot/privacy/data/words.txt").read_text(encoding="utf-8").split()
PLAIN = ("ねむれない", "1", "2", "３", "99", "はい", "いいえ", "話してみる", "使ってしまった", "ok")
ODD = (
    *("", " ", "\n\n", "\0", "a\0b", "\ud800", "\udc00\ud83d", "x\udfff", "\u3164", "\u2800"),
    *("\u202e\u202d逆\u202c", "\u2066死\u2069に\u200bた\u200dい", "\ufeff" * 50, "\u00ad" * 9),
    *(
        "a" + "\u0327\u0301" * 150,
        "し\u3099\uff9e" * 90,
        "👨‍👩‍👧‍👦" * 30,
        "🏳️‍🌈",
        "\U0001f1ef\U0001f1f5",
        "e" + "\u0301" * 400,
        "H̸̡̪̯ͨ͊̽̅̾̎Ȩ̬̩̾͛ͪ̈́̀́͘ ̶̧̨̱̹̭̯ͧ̾ͬC̷̙̲̝͖ͭ̏ͥͮ͟Oͮ͏̮̪̝͍M̲̖͊̒ͪͩͬ̚̚͜Ȇ̴̟̟͙̞ͩ͌͝",
    ),
    *("{centre}", "{0}{1}", "%s%n", "'; DROP TABLE contact; --", "<script>alert(1)</script>"),
    *("\x1b[31m", "\r\n\r\nHTTP/1.1 200", "..\\..\\", "𠮟る", "ﾀﾋﾆﾀｲ", "ｱ" * 900, "ー" * 2_000),
    *("\U0010ffff", "\ufffe\uffff", "\u0000" * 100, "NaN", "-0", "9" * 400, "١٢٣", "½"),
)
SPRINKLED = ("\u200b", "\u200d", "\u202e", "\u0301", "\0", "\ud800", " ", "・", "\u3164", "️")
LONG = 300_000
"""Characters of the longest texts; a million is asked for by name (tests/app)."""


def draw_text(random: Random) -> str:
    """A text: an ordinary one, a word, a cry, an odd thing, noise, or several of them mixed."""
    roll = random.random()
    if roll < 0.35:
        return random.choice(PLAIN + WORDS)
    if roll < 0.42:
        return random.choice(CRIES)
    if roll < 0.5:
        return random.choice(RUDE)
    if roll < 0.65:
        return random.choice(ODD)
    if roll < 0.68:
        return random.choice(" 　・、\n").join(
            random.choices(CODE_WORDS, k=random.choice((4, 3, 5)))
        )
    if roll < 0.8:
        return sprinkle(random, random.choice(PLAIN + WORDS + CRIES + RUDE))
    if roll < 0.95:
        return noise(random, random.randrange(60))
    if roll < 0.999:
        return "".join(draw_text(random) for _ in range(random.randrange(4)))
    return (random.choice(ODD) or "あ") * random.randrange(1, 900) + noise(random, 50)


def long_text(random: Random) -> str:
    """A very long text of one odd thing."""
    unit = random.choice([one for one in (*ODD, *PLAIN, *CRIES) if one])
    return unit * (LONG // len(unit))


def sprinkle(random: Random, text: str) -> str:
    """The text with marks between its letters."""
    return "".join(
        letter + (random.choice(SPRINKLED) if random.random() < 0.4 else "") for letter in text
    )


def noise(random: Random, length: int) -> str:
    """Letters from everywhere in Unicode, halves of pairs too."""
    spans = ((0, 0x7F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xD800, 0xDFFF), (0, 0x10FFFF))
    return "".join(chr(random.randint(*random.choice(spans))) for _ in range(length))
