"""Bubbles as hypothesis draws them: odd texts, many buttons, long labels."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.rendering.bubbles import Bubble, Button

ODD = "👩‍👩‍👧‍👦🏳️‍🌈🇯🇵👍🏽が㌔ﾊﾞ각\ud83d\u200d\u0301\n。！？、 .」「）😀"
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=ODD, max_size=60),
    st.builds(
        lambda unit, times, tail: unit * times + tail,
        st.sampled_from(["あいう。", "🍎", "はい！」", "えお、", "x y. ", "\n", "👩‍👧", "ぁ"]),
        st.integers(min_value=0, max_value=3000),
        st.text(alphabet=ODD, max_size=5),
    ),
)
DATA = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=64)
BUTTONS = st.builds(
    Button,
    data=DATA,
    label=st.one_of(st.text(max_size=30), st.text(alphabet=ODD, max_size=40)),
    rail=st.booleans(),
)
BUBBLES = st.lists(
    st.builds(Bubble, text=TEXTS, buttons=st.lists(BUTTONS, max_size=20).map(tuple)),
    max_size=8,
)
