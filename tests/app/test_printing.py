"""What the terminal shows while the service runs."""

from __future__ import annotations

import io

from rich.console import Console

from bot.app.serving import plainly


def test_what_a_file_says_is_no_markup() -> None:
    """A refusal that quotes square brackets is shown as it is; it neither colours nor crashes."""
    shown = io.StringIO()
    say = Console(file=shown, highlight=False, soft_wrap=True).print
    refusal = "flows/welcome.yaml:21:13: There is no state «[/b]x». Known: [red]."
    plainly(say)(refusal)
    assert shown.getvalue() == f"{refusal}\n"
