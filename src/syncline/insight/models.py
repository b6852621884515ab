"""Tables that were chosen for insight data, and their rows as last read and as last sent."""

from typing import ClassVar

from django.db import models

from syncline.accounts.models import EmailAccount


class InsightTable(models.Model):
    """A table of Dynamics whose rows go into a collection of insight data."""

    account = models.ForeignKey(EmailAccount, on_delete=models.CASCADE, related_name="insight_tables")
    table = models.CharField(max_length=128)
    """Logical name."""
    title = models.CharField(max_length=200)
    """As Dynamics calls it."""
    set_name = models.CharField(max_length=128)
    primary_id = models.CharField(max_length=128)
    primary_name = models.CharField(max_length=128, blank=True)
    lookup = models.CharField(max_length=128)
    """The column that points at the person; the table's own id where its rows are people."""
    collection = models.CharField(max_length=255)
    columns = models.JSONField(default=list)
    """Logical names, in the order in which they were chosen."""
    kinds = models.JSONField(default=dict)
    """Column → its type in Dynamics' word and, of a choice, value → label, as last read."""
    has_state = models.BooleanField(default=True)
    """Whether rows are active or inactive; without that all are active."""
    tracked = models.BooleanField(default=False)
    """Whether Dynamics can tell what changed since."""
    read_at = models.DateTimeField()
    """When table and columns were last looked up in Dynamics."""

    class Meta:
        ordering: ClassVar = ["table", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "collection"], name="one_table_per_collection")
        ]

    def __str__(self) -> str:
        return f"{self.title} → {self.collection}"


class InsightRow(models.Model):
    """A row of such a table. As large as the table, so it is read and written in pages by `insight/rows.py`.

    It knows account and table by number only, and does not go by cascade.
    """

    pk = models.CompositePrimaryKey("source_id", "row_id")
    source_id = models.BigIntegerField()
    """`InsightTable.id`."""
    row_id = models.CharField(max_length=36)
    account_id = models.BigIntegerField()
    record_id = models.CharField(max_length=36)
    """The contact, lead or account that the row points at; empty where it points at none."""
    name = models.CharField(max_length=200)
    active = models.BooleanField()
    """False: inactive in Dynamics, or no longer there."""
    columns = models.TextField()
    """JSON object of what the record in Dotdigital is to hold."""
    seen_in = models.BigIntegerField()
    """The run that last stored the row or, reading the whole table, saw it."""
    changed_in = models.BigIntegerField()
    """The run that last found it new or changed."""
    sent_to = models.BigIntegerField(db_default=0)
    """The Dotdigital contact that has the record; 0 where none has."""
    sent = models.TextField(db_default="")
    """`columns` as Dotdigital last took them."""
    refused_for = models.BigIntegerField(db_default=0)
    """The contact for whom Dotdigital refused the row as it is; it is not tried again before something
    changes.
    """

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["account_id", "record_id"], name="insight_row_record"),
            # Without these counting reads all rows with their texts: two seconds of 300,000 on SQLite. A row
            # enters and leaves them, but no change of a record costs them anything.
            models.Index(
                fields=["source_id", "row_id"], condition=models.Q(sent_to__gt=0), name="insight_row_sent"
            ),
            models.Index(
                fields=["source_id", "row_id"],
                condition=models.Q(refused_for__gt=0),
                name="insight_row_refused",
            ),
        ]
