"""The pages in a real browser: both themes, phone and desktop, right to left, keyboard, no errors."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aggregator.web.app import WebSettings, create_app
from aggregator.web.server import WebServer
from tests.conftest import ROOT
from tests.web.conftest import ValueReader, pages

CHROMIUM = shutil.which("chromium")
AXE = Path(os.environ.get("AXE_PATH") or ROOT / "node_modules" / "axe-core" / "axe.min.js")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium (apt-get install chromium)"),
    pytest.mark.filterwarnings("default"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def served(reader: ValueReader) -> AsyncIterator[str]:
    server = WebServer(create_app(reader, WebSettings()), "127.0.0.1", 0)
    await server.start()
    yield server.url
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    api = pytest.importorskip("playwright.async_api")
    async with api.async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


async def watched(browser: Any, served: str, **context: Any) -> tuple[Any, list[str]]:
    """Open a page that notes what goes wrong and what is asked of other hosts."""
    page = await (await browser.new_context(**context)).new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(served) else wrong.append(request.url))
    page.on("requestfailed", lambda request: None if gave_up(request) else wrong.append(f"failed: {request.url}"))
    return page, wrong


def gave_up(request: Any) -> bool:
    """Tell whether the browser itself ended a request: it does when the next page is opened."""
    return bool(request.failure == "net::ERR_ABORTED")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_pages_show_without_errors_and_fit(
    served: str,
    browser: Any,
    reader: ValueReader,
    theme: str,
    width: int,
) -> None:
    page, wrong = await watched(browser, served, color_scheme=theme, viewport={"width": width, "height": 800})
    for path in pages(reader):
        answer = await page.goto(served + path)
        assert answer.status == 200
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
            f"{path} is wider than {width}"
        )
    assert wrong == []
    contrast = await page.evaluate(
        "(() => { const s = getComputedStyle(document.documentElement); return [s.color, s.backgroundColor]; })()"
    )
    assert contrast[0] != contrast[1]


async def test_times_are_in_the_readers_zone(served: str, browser: Any) -> None:
    page, wrong = await watched(browser, served, timezone_id="Asia/Jakarta", locale="id-ID")
    await page.goto(served + "/")
    time = page.locator("time").first
    hour = int((await time.get_attribute("datetime") or "")[11:13])
    assert re.search(rf"\b{(hour + 7) % 24:02}[.:]", await time.inner_text())
    assert "UTC" in (await time.get_attribute("title") or "")
    zone = await page.locator("#zone").inner_text()
    assert "WIB" in zone or "GMT+7" in zone
    assert wrong == []


async def test_pages_are_whole_without_scripts(served: str, browser: Any) -> None:
    page, wrong = await watched(browser, served, java_script_enabled=False)
    await page.goto(served + "/")
    assert await page.locator("article.event").count() >= 3
    assert "UTC" in await page.locator("time").first.inner_text()
    assert wrong == []


async def test_a_right_to_left_headline_stands_at_the_right(served: str, browser: Any, reader: ValueReader) -> None:
    page, _ = await watched(browser, served, viewport={"width": 1280, "height": 800})
    await page.goto(f"{served}/events/{reader.events[1].event.name}")
    assert await page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    assert await page.evaluate("getComputedStyle(document.documentElement).direction") == "ltr"


async def test_the_keyboard_reaches_everything(served: str, browser: Any) -> None:
    page, _ = await watched(browser, served)
    await page.goto(served + "/")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    assert await page.evaluate("location.hash") == "#content"
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.querySelector('main').contains(document.activeElement)")
    await page.goto(served + "/")
    for _ in range(7):
        await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "q"
    await page.keyboard.type("panjshir")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?q=panjshir")
    assert await page.locator("article.event").count() >= 1


async def test_a_script_in_a_headline_does_not_run(served: str, browser: Any, reader: ValueReader) -> None:
    page, wrong = await watched(browser, served)
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    await page.goto(f"{served}/events/{reader.events[0].event.name}")
    assert await page.locator("main script, main img, main iframe").count() == 0
    assert wrong == []


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core in node_modules/ (.ci/run gets it) or at AXE_PATH")
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_no_serious_fault(served: str, browser: Any, reader: ValueReader, theme: str) -> None:
    page, _ = await watched(browser, served, color_scheme=theme, viewport={"width": 1280, "height": 800})
    axe, found = AXE.read_text(encoding="utf-8"), []
    for path in pages(reader):
        await page.goto(served + path)
        await page.evaluate(axe)
        faults = (await page.evaluate("axe.run({resultTypes: ['violations']})"))["violations"]
        found += [
            (path, fault["id"], [node["html"][:200] for node in fault["nodes"][:3]])
            for fault in faults
            if fault["impact"] in ("serious", "critical")
        ]
    assert found == []
