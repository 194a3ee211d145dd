"""One Chromium for the run, on the session's own loop; a fixture that opens watched pages.

Tests in this folder are marked `browser` and run on the session's loop without saying so.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.pages import Pages
from tests.provision import provide

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder; a browser cannot change loops between tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The provided Chromium, started once; fails with one sentence where there is none."""
    provided = await asyncio.to_thread(provide)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=provided.executable, env={**os.environ, **provided.env}
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def pages(browser: Browser) -> AsyncIterator[Pages]:
    """`await pages(url, device=…, javascript=…)`; any complaint of a page fails the test.

    A test that provokes one on purpose reads `pages.complaints` and clears it.
    """
    opener = Pages(browser)
    yield opener
    await opener.close()
    assert opener.complaints == [], "the pages complained"
