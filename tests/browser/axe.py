"""Runs axe-core on a page and says in words what it found. May import playwright and provision."""

from __future__ import annotations

import functools

from playwright.async_api import Page

from tests.provision import provide_checkers

# WCAG 2.0 A and AA (what JIS X 8341-3:2016 asks for), 2.1, and the rules of good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
RUN = """async rules => {
  const found = await axe.run(document, {runOnly: {type: 'tag', values: rules}});
  return found.violations.map(
    each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 90)).join(' | '));
}"""


@functools.cache
def axe_source() -> str:
    """The script, read once."""
    return provide_checkers().axe.read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """Each broken rule with the places that break it; an empty list is a clean page.

    The page's own policy lets no foreign script in: the browser runs this one from outside.
    """
    await page.evaluate(axe_source())
    found: list[str] = await page.evaluate(RUN, list(RULES))
    return found
