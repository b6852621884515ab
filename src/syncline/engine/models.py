"""Which workers are alive, and which of them looks after the installation."""

from django.db import models


class Worker(models.Model):
    """A worker process; its heartbeat tells the others whether to take over its runs."""

    executor_id = models.CharField(max_length=100, primary_key=True)
    pid = models.IntegerField()
    host = models.CharField(max_length=200)
    """The machine and process namespace in which `pid` means something."""
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(db_index=True)
    """By the database's clock, so that workers on several machines agree."""


class Duty(models.Model):
    """Work that one worker at a time does for the whole installation."""

    name = models.CharField(max_length=20, primary_key=True)
    holder = models.CharField(max_length=100)
    """Executor id; where that worker is dead, anyone may take the duty."""
