"""What the program says about itself while it works: always on stderr, where it disturbs no result.

Every program is quiet but for warnings, for a command tells its user what matters itself; a worker, which
nobody watches, also tells what it does. Django calls `configure` when it starts (`LOGGING_CONFIG`); nothing
else sets logging up.
"""

import logging
import logging.config
import sys
from typing import Any

import structlog

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMATS = ("text", "json")


def configure(options: dict[str, Any]) -> None:
    """`options` is the settings' LOGGING: `level` (one of LEVELS) and `format` (one of FORMATS)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "lines": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *_rendering(options["format"]),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"level": options["level"], "handlers": ["stderr"]},
            "loggers": {
                "django": {"handlers": [], "level": "NOTSET", "propagate": True},
                # A page that does not exist is the visitor's mistake.
                "django.request": {"level": "ERROR"},
                # Each request to a vendor is an INFO line of the HTTP client's, thousands in a run.
                "httpx2": {"level": "WARNING"},
            },
        }
    )


def tell_more(wanted: str) -> None:
    """For processes that work unseen: tell what is done too, unless the operator said how much to tell."""
    logging.getLogger().setLevel(wanted or "INFO")


def _rendering(form: str) -> list[Any]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
