"""Debian's Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A page that a test answers itself counts as a public one, which may not frame this machine.
    "--disable-features=LocalNetworkAccessChecks",
]
WIDTHS = {"desktop": 1280, "phone": 400}
Theme = Literal["light", "dark"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: Browser, address: str, *, width: int = 1280, theme: Theme = "light") -> Iterator[Page]:
    """A fresh visitor. What the browser complains about (a blocked script or style, say) is an error here."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    try:
        yield page
        # The browser also tells what the server refused on purpose; that is no fault of the page.
        real = [text for text in complaints if "status of 4" not in text]
        assert not real, real
    finally:
        context.close()
