"""What people guess first: the building blocks of passwords that are refused. Data only."""

from __future__ import annotations

import re

# What stands on top of every list of leaked passwords, as its building blocks: lists of whole
# passwords know "password1234", but not "Passw0rd!2027".
COMMON = frozenset(
    re.findall(
        r"\S+",
        """
        password passwort passwd passcode pass letmein welcome iloveyou monkey dragon master hello
        sunshine princess football baseball superman batman trustno hunter shadow admin root login
        administrator user guest test demo qwertyuiop qwertzuiop asdfghjkl zxcvbnm qwerty qwertz
        azerty asdfgh zxcvbn qaz wsx edc rfv tgb yhn ujm abcdefgh changeme secret default correct
        horse battery staple whatever starwars pokemon computer internet samsung google michael
        jordan charlie sakura doraemon tokyo osaka okayama nippon himitsu konnichiwa arigatou
        daisuki aishiteru takahashi tanaka suzuki yamada watanabe pasuwado
        パスワード ぱすわーど ひみつ 秘密 こんにちは ありがとう
        """,
    )
)

# And what anybody guesses who knows the place.
PLACE = frozenset(
    re.findall(
        r"\S+",
        """
        engawa veranda counselor counsellor supervisor editor approver centre center health mental
        kokoro soudan sodan yakubutsu drugs crisis telegram staff
        えんがわ 縁側 エンガワ こころ 健康 センター 相談 薬物 市役所 岡山
        """,
    )
)
