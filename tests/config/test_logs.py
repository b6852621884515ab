"""Log lines go to stderr, as many as wanted and in the form that is wanted."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, logging
os.environ["DJANGO_SETTINGS_MODULE"] = "syncline.config.settings"
import django
django.setup()
import structlog
from django.conf import settings
from syncline.config.logs import tell_more
if {more}:
    tell_more(settings.ENVIRONMENT.log_level)
log = structlog.get_logger()
log.info("A step is done", action="step", run=7)
log.warning("The engine could not be told", action="hand_over")
logging.getLogger("vendor").warning("Slow %s", "answer")
"""


def lines(home: Path, *, more: bool = False, **settings: str) -> list[str]:
    """What the program says on stderr; on stdout it must say nothing."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more=more)],
        env={"SYNCLINE_HOME": str(home), "PYTHONPATH": ":".join(sys.path), **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == ""
    return told.stderr.splitlines()


def test_a_command_only_warns(tmp_path: Path) -> None:
    told = lines(tmp_path)
    assert len(told) == 2
    assert "The engine could not be told" in told[0]
    assert "action=hand_over" in told[0]
    assert "Slow answer" in told[1]


def test_a_worker_tells_what_it_does(tmp_path: Path) -> None:
    assert "A step is done" in lines(tmp_path, more=True)[0]


def test_the_operator_decides_how_much_is_told(tmp_path: Path) -> None:
    assert lines(tmp_path, more=True, SYNCLINE_LOG_LEVEL="error") == []
    assert len(lines(tmp_path, SYNCLINE_LOG_LEVEL="info")) == 3


def test_programs_get_one_json_object_a_line(tmp_path: Path) -> None:
    first, *_ = [json.loads(line) for line in lines(tmp_path, more=True, SYNCLINE_LOG_FORMAT="json")]
    assert first.pop("timestamp").endswith("Z")
    assert first == {"event": "A step is done", "level": "info", "action": "step", "run": 7}
