"""Which workers are alive."""

from django.db import models


class Worker(models.Model):
    """A worker process; its heartbeat tells the others whether to take over its runs."""

    executor_id = models.CharField(max_length=100, primary_key=True)
    pid = models.IntegerField()
    host = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(db_index=True)
