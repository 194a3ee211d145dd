"""How the tests open a page: a phone or a desk, with or without JavaScript, watched throughout.

May import playwright's async API and nothing of `bot`.
"""

from typing import Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route

Device = Literal["phone", "desktop"]
SIZES: dict[Device, tuple[int, int]] = {"phone": (390, 844), "desktop": (1280, 800)}
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
WAIT_MS = 10_000


class Pages:
    """Opens pages in contexts of their own (no shared cookies) and collects what goes wrong.

    `complaints` holds, in order: console errors (a broken security policy shows up there), faults
    in scripts, and requests that would have left this machine; those are stopped, not made.
    """

    def __init__(self, browser: Browser) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    async def __call__(
        self,
        url: str = "about:blank",
        *,
        device: Device = "phone",
        javascript: bool = True,
        language: str = "ja-JP",
        scale: float = 1,
        dark: bool = False,
    ) -> Page:
        """A new page at `url`; Japanese, phone-sized and with JavaScript unless told otherwise.

        `scale` is how many dots of the screen make one pixel of the page, along each side.
        """
        width, height = SIZES[device]
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            timezone_id="Asia/Tokyo",
            java_script_enabled=javascript,
            device_scale_factor=scale,
            color_scheme="dark" if dark else "light",
            is_mobile=device == "phone",
            has_touch=device == "phone",
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        await context.route(lambda address: not _stays_here(address), self._refuse)
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        if url != "about:blank":
            await page.goto(url)
        return page

    async def close(self) -> None:
        """Close every page that was opened here."""
        for context in self._contexts:
            await context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    async def _refuse(self, route: Route) -> None:
        self.complaints.append(f"leaves this machine: {route.request.url}")
        await route.abort()


def _stays_here(address: str) -> bool:
    """True for loopback and for addresses that are no request at all (data:, blob:, about:)."""
    parts = urlsplit(address)
    return parts.scheme not in {"http", "https", "ws", "wss"} or parts.hostname in LOOPBACK
