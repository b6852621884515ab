"""`/health`: whether the installation does its work, for whoever watches it. Says nothing about anybody."""

from http import HTTPStatus
from typing import Final

import structlog
from django.db import Error
from django.http import HttpRequest, JsonResponse

from syncline.console.rights import Right, needs
from syncline.engine.heartbeat import living_workers
from syncline.engine.pace import Pace

log = structlog.get_logger()

PACE: Final = Pace()


@needs(Right.ANYONE)
def health(request: HttpRequest) -> JsonResponse:
    """200 where the database answers and a worker is alive, else 503 with which of the two it is.

    Without a worker the console answers, and no sync runs: somebody should know before the next morning.
    """
    del request
    try:
        workers = living_workers(PACE.dead_after)
    except Error:
        log.warning("The database does not answer", action="unhealthy", exc_info=True)
        return _answer("database_away", workers=0)
    return _answer("ok" if workers else "no_worker", workers)


def _answer(status: str, workers: int) -> JsonResponse:
    code = HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": status, "workers": workers}, status=code)
