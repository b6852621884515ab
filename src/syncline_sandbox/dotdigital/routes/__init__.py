"""The API's calls, a module a topic. A new topic is a module with ``routes()`` and a line in :mod:`app`."""
