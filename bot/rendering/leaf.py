"""A page that stands alone: one HTML file without scripts or anything from elsewhere, so that any
host can serve it and a phone can keep it. Pure; imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

_STYLE = (
    ":root{--g:#f6efe2;--p:#fffaf0;--i:#33291f;--q:#65553f;--l:#7a4a15;--a:#8f2d1d}"
    "@media(prefers-color-scheme:dark){:root{--g:#1f1914;--p:#2f271f;--i:#f1e7d8;--q:#c5b296;"
    "--l:#e6b36a;--a:#ffb7a3}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:36rem;padding:1rem;background:var(--g);"
    "color:var(--i);font:1.0625rem/1.75 system-ui,'Hiragino Sans','Noto Sans JP',"
    "'Noto Sans CJK JP',Meiryo,sans-serif;overflow-wrap:anywhere}"
    "h1{font-size:1.25rem}h2{font-size:1.0625rem;margin:1.6rem 0 .4rem}p{margin:.4rem 0}"
    "a{color:var(--l)}a:focus-visible{outline:3px solid var(--l);outline-offset:2px}"
    ".call{display:flex;align-items:center;justify-content:space-between;gap:1rem;min-height:56px;"
    "margin:.5rem 0;padding:.5rem 1rem;border:2px solid var(--a);border-radius:.9rem;"
    "background:var(--p);color:var(--i);text-decoration:none}"
    ".call b{color:var(--a);font-size:1.5rem;white-space:nowrap}"
    ".place{border-width:1px;border-color:var(--l)}.place b{color:var(--l);font-size:1.0625rem}"
    ".note{color:var(--q);font-size:.9375rem}"
    ".draft{padding:.3rem .8rem;border:1px dashed var(--a);border-radius:.5rem;color:var(--a)}"
    "nav a{display:inline-flex;align-items:center;min-height:44px;padding:0 .6rem}"
    "table{border-collapse:collapse;width:100%}td{padding:.4rem .3rem;border-bottom:1px solid "
    "var(--q);vertical-align:top}td:last-child{white-space:nowrap;text-align:right}"
    "@media print{body{max-width:none;background:#fff;color:#000}}"
)


def leaf(language: str, title: str, parts: Sequence[str], others: Mapping[str, str]) -> str:
    """The file; `others` are links to the same page in other languages, by their names."""
    links = "".join(f'<a href="{escape(file)}">{escape(name)}</a>' for name, file in others.items())
    return (
        f'<!doctype html>\n<html lang="{escape(_tag(language))}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<main>\n"
        + "\n".join(parts)
        + f"\n</main>\n<nav>{links}</nav>\n</html>\n"
    )


def heading(text: str, level: int = 2) -> str:
    """A heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; `kind` is `note` or `draft`."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def call(name: str, number: str, urgent: bool, note: str = "") -> str:
    """One tap that calls a number."""
    digits = "".join(sign for sign in number if sign.isdigit() or sign in "#+")
    return _button(f"tel:{digits.replace('#', '%23')}", name, number, urgent, note)


def link(name: str, address: str, note: str = "") -> str:
    """One tap that opens a page, whose address stands below its name."""
    shown = address.partition("://")[2].rstrip("/")
    return _button(address, f"{name} {shown}", "→", False, note)


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns."""
    cells = "".join(f"<tr><td>{escape(one)}<td>{escape(two)}" for one, two in rows)
    return f"<table>{cells}</table>"


def _button(address: str, name: str, sign: str, urgent: bool, note: str) -> str:
    kind = "call" if urgent else "call place"
    small = f'<br><span class="note">{escape(note)}</span>' if note else ""
    return (
        f'<a class="{kind}" href="{escape(address)}"><span>{escape(name)}{small}</span>'
        f"<b>{escape(sign)}</b></a>"
    )


def _tag(language: str) -> str:
    return "ja" if language == "ja-easy" else language
