"""The console as a Django app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "syncline.console"

    def ready(self) -> None:
        from syncline.console import checks  # noqa: F401 - registers the check
