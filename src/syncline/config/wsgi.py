"""The console as a WSGI application, for granian."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")
application = get_wsgi_application()

# Reads the modules of all pages now, so that it is not the first person who waits for them.
resolve("/")
