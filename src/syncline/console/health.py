"""`/health`: whether the installation does its work, for whoever watches it. Says nothing about anybody."""

import threading
from concurrent.futures import Future
from http import HTTPStatus
from typing import Final

import structlog
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from syncline.console.rights import Right, needs
from syncline.engine.heartbeat import living_workers

log = structlog.get_logger()

ANSWERS_WITHIN_S: Final = 3.0
"""After so long a database that says nothing counts as away: who watches wants an answer, and most give up
after five or ten seconds."""


class Looking:
    """Counts the living workers within a time, however long the database is silent.

    A database client can wait without end for a server that is frozen, so the look is made by a thread with a
    connection of its own, which nobody has to wait for. All who ask meanwhile share one look: a silent
    database costs one thread, not one for each question.
    """

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._look: Future[int] | None = None

    def workers(self) -> int:
        """How many are alive. Raises TimeoutError where nothing is heard in time, and Django's Error."""
        with self._starting:
            look = self._look
            if look is None or look.done():
                look = self._look = Future()
                threading.Thread(target=_count, args=[look], name="health", daemon=True).start()
        return look.result(ANSWERS_WITHIN_S)


LOOKING: Final = Looking()


@needs(Right.ANYONE)
def health(request: HttpRequest) -> JsonResponse:
    """200 where the database answers and a worker is alive, else 503 with which of the two it is.

    Without a worker the console answers, and no sync runs: somebody should know before the next morning.
    """
    del request
    try:
        workers = LOOKING.workers()
    except (Error, TimeoutError):
        log.warning("The database does not answer", action="unhealthy", exc_info=True)
        return _answer("database_away", workers=0)
    return _answer("ok" if workers else "no_worker", workers)


def _count(look: Future[int]) -> None:
    try:
        try:
            workers = living_workers()
        finally:
            connection.close()
    except Exception as error:  # noqa: BLE001 - handed on to whoever asked
        look.set_exception(error)
    else:
        look.set_result(workers)


def _answer(status: str, workers: int) -> JsonResponse:
    code = HTTPStatus.OK if status == "ok" else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": status, "workers": workers}, status=code)
