"""A browser of ten years ago (Chrome 50): what it lacks is taken away from the one we have.

May import playwright's async API and nothing of `bot`.
"""

from __future__ import annotations

import re

from playwright.async_api import Page, Route

# Taken away before any script of the page runs. Chrome 50 came out in April 2016.
LACKS = """
for (const name of ['fetch', 'Request', 'Response', 'Headers', 'AbortController', 'AbortSignal',
    'URLSearchParams', 'ResizeObserver', 'IntersectionObserver', 'CSSStyleSheet', 'queueMicrotask',
    'structuredClone', 'requestIdleCallback']) delete window[name];
for (const [kind, names] of [
    [Element, ['append', 'prepend', 'replaceWith', 'before', 'after', 'replaceChildren',
        'toggleAttribute', 'checkVisibility', 'getAttributeNames']],
    [Document, ['append', 'prepend', 'replaceChildren']],
    [DocumentFragment, ['append', 'prepend', 'replaceChildren']],
    [HTMLFormElement, ['requestSubmit']],
    [NodeList, ['forEach', 'entries', 'values', 'keys']],
    [Array, ['flat', 'flatMap', 'at']],
    [String, ['padStart', 'replaceAll', 'at', 'trimEnd', 'matchAll']],
    [Promise, ['finally']],
]) for (const name of names) delete kind.prototype[name];
Object.defineProperty(SubmitEvent.prototype, 'submitter', {get: () => undefined});
"""
# What its style sheets don't know: the declaration, the rule or the block is left out.
UNKNOWN = re.compile(
    r"\b(?:gap|row-gap|column-gap|inset|text-wrap|line-break|word-break|overflow-wrap"
    r"|scroll-[\w-]+|place-[\w-]+|justify-items|grid[\w-]*|clip-path|aspect-ratio|unicode-bidi"
    r"|-webkit-text-size-adjust)\s*:[^;}]*;?"
    r"|position\s*:\s*sticky\s*;?|[\w-]+\s*:[^;}{]*\b(?:env|min|max|clamp)\([^;}]*;?"
)
UNKNOWN_RULES = re.compile(
    r"[^{}]*:(?:focus-visible|focus-within|is\(|where\(|has\()[^{}]*\{[^{}]*\}"
)
UNKNOWN_MEDIA = re.compile(r"@media \(prefers-[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
SUPPORTS = re.compile(r"@supports not \(position: sticky\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")


def as_read_in_2016(css: str) -> str:
    """The style sheet as that browser reads it."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = SUPPORTS.sub(r"\1", css)
    css = UNKNOWN_MEDIA.sub("", css)
    css = UNKNOWN_RULES.sub("", css)
    return UNKNOWN.sub("", css)


async def make_old(page: Page) -> None:
    """From now on this page lacks what Chrome 50 lacked."""
    await page.add_init_script(LACKS)
    await page.route("**/*.css", _old_style)


async def _old_style(route: Route) -> None:
    answer = await route.fetch()
    css = as_read_in_2016(await answer.text())
    await route.fulfill(response=answer, body=css)
