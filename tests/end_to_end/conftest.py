"""A live console on the test database, and a browser in front of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from django.conf import settings as installation
from playwright.sync_api import Browser, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from end_to_end.browser import open_browser, open_page
from end_to_end.pages import sign_in
from end_to_end.scene import Scene, make_scene
from syncline.engine import client as engine

# Playwright keeps an event loop in this thread, which Django would take for a reason to refuse its database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

OpenPage = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed when these tests are left: its driver keeps an event loop running in the thread of the tests."""
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="package", autouse=True)
def _engines_own_home(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sync Now writes to the engine's queue: one of its own, shut before the database goes."""
    former, installation.HOME = installation.HOME, tmp_path_factory.mktemp("engine")
    yield
    engine.close()
    installation.HOME = former


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def scene(live_server: LiveServer) -> Scene:
    """Alice's installation, served."""
    return make_scene()


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> OpenPage:
    """Opens a page as a fresh visitor, in a given width and theme."""
    return partial(open_page, browser, live_server.url)


@pytest.fixture
def page(visit: OpenPage, scene: Scene) -> Iterator[Page]:
    """Alice, signed in, on a desktop."""
    with visit() as page:
        sign_in(page)
        yield page
