"""The API as a Django app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "syncline.api"

    def ready(self) -> None:
        from syncline.api import checks  # noqa: F401 - registers the check
