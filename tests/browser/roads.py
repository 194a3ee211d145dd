"""How somebody gets through the room: with a finger, with keys alone, over a slow line.

May import playwright's async API and nothing of `bot`.
"""

from __future__ import annotations

from typing import Protocol

from playwright.async_api import Page

MOST = 80
PATIENT_MS = 45_000
# 50 kbit/s with 400 ms there and back, on a phone six times slower than this machine.
SLOW_LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 50 * 1024 / 8,
    "uploadThroughput": 50 * 1024 / 8,
}
SLOW_PHONE = 6
FOCUSED = """() => {
  const one = document.activeElement;
  return (one.getAttribute('aria-label') || one.innerText || one.id || '').trim();
}"""


async def slow_down(page: Page) -> None:
    """From now on this page is far away and its phone is old."""
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_LINE)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
    page.set_default_timeout(PATIENT_MS)


class Road(Protocol):
    """One way to press and to write."""

    async def press(self, page: Page, name: str) -> None:
        """Press the button, the link or the summary with this name."""

    async def write(self, page: Page, text: str) -> None:
        """Write into the room's box and send."""


class Finger:
    """Taps."""

    async def press(self, page: Page, name: str) -> None:
        """Tap what has this name, the newest of several."""
        named = page.get_by_role("button", name=name, exact=True)
        link = page.get_by_role("link", name=name, exact=True)
        await named.or_(link).or_(page.locator("summary", has_text=name)).last.click()

    async def write(self, page: Page, text: str) -> None:
        """Fill the box and tap the button after it."""
        await page.get_by_role("textbox").fill(text)
        await page.locator("#say button").click()


class Keys:
    """Never touches a pointer: Tab until the name has the focus, then Enter."""

    async def press(self, page: Page, name: str) -> None:
        """Go there and press Enter."""
        for _ in range(MOST):
            if await page.evaluate(FOCUSED) == name:
                await page.keyboard.press("Enter")
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reached {name}")

    async def write(self, page: Page, text: str) -> None:
        """Go to the box, write, go to the button after it."""
        for _ in range(MOST):
            if await page.evaluate("['text', 'words'].includes(document.activeElement.id)"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.insert_text(text)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
