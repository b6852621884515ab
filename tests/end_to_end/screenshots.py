"""Takes the pictures of the docs: `python -m tests.end_to_end.screenshots [FOLDER] [--all]`.

Builds a throw-away installation, serves it, and photographs its pages: without `--all` only those that the
docs show, at their size; with it every page in both widths and both themes, to look at.
"""

import os
import sys
import tempfile
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:
    from end_to_end.scene import Scene

IN_THE_DOCS = {
    "accounts": "accounts",
    "schedule": "schedules",
    "run": "run",
    "mappings": "mappings",
    "plan": "plan",
}
"""Page → name of its picture."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


def main(arguments: list[str]) -> None:
    folder = Path(next((text for text in arguments if not text.startswith("--")), "docs/images"))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SYNCLINE_HOME": home, "DJANGO_SETTINGS_MODULE": "syncline.config.settings"}
        os.environ.pop("SYNCLINE_DATABASE_URL", None)
        scene = _install()
        from syncline.config.wsgi import application

        with make_server("127.0.0.1", 0, application, Server, Quiet) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}"
            photograph(address, scene, folder, everything="--all" in arguments)
            server.shutdown()


def photograph(address: str, scene: "Scene", folder: Path, *, everything: bool) -> None:
    from end_to_end.browser import WIDTHS, open_browser, open_page
    from end_to_end.pages import pages_of, sign_in

    pages = pages_of(scene)
    with open_browser() as browser:
        for theme in ("light", "dark") if everything else ("light",):
            for size, width in WIDTHS.items() if everything else {"desktop": 1280}.items():
                with open_page(browser, address, width=width, theme=theme) as page:
                    page.goto("/sign-in")
                    if everything:
                        _shoot(page, folder / f"sign-in-{size}-{theme}.png", whole=True)
                    sign_in(page)
                    for name, path in pages.items():
                        picture = f"{name}-{size}-{theme}" if everything else IN_THE_DOCS.get(name)
                        if picture:
                            page.goto(path)
                            _shoot(page, folder / f"{picture}.png", whole=everything)
                    if everything:
                        page.goto(pages["schedule"])
                        page.locator("#preview-lists_out").click()
                        page.locator("dialog[open]").wait_for()
                        _shoot(page, folder / f"timetable-{size}-{theme}.png", whole=False)


def _shoot(page: Page, path: Path, *, whole: bool) -> None:
    page.screenshot(path=path, full_page=whole)


def _install() -> "Scene":
    import django

    django.setup()
    from django.core.management import call_command

    from end_to_end.scene import make_scene

    call_command("migrate", verbosity=0)
    return make_scene()


if __name__ == "__main__":
    main(sys.argv[1:])
