"""Every page, in both widths and both themes: axe finds nothing, and nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from end_to_end.browser import WIDTHS
from end_to_end.conftest import OpenPage
from end_to_end.pages import pages_of, sign_in
from end_to_end.scene import Scene

pytestmark = [pytest.mark.browser, pytest.mark.one_database, pytest.mark.django_db(transaction=True)]

OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_axe_finds_nothing_on_any_page(visit: OpenPage, scene: Scene, size: str, theme: str) -> None:
    pages = pages_of(scene)
    found: dict[str, list[str]] = {}
    with visit(width=WIDTHS[size], theme=theme) as page:
        page.goto("/sign-in")
        found["sign-in"] = problems_of(page)
        sign_in(page)
        for name, path in pages.items():
            page.goto(path)
            found[name] = problems_of(page)
        page.goto(pages["schedule"])
        page.locator("#preview-lists_out").click()
        page.locator("dialog[open]").wait_for()
        found["timetable"] = problems_of(page)
    told = [f"{name}: {problem}" for name, problems in found.items() for problem in problems]
    assert not told, "\n".join(told)


def problems_of(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    results = Axe().run(page, options=OPTIONS).response["violations"]
    found = [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for violation in results
        for node in violation["nodes"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("the page scrolls sideways")
    return found
