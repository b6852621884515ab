"""Finding people by what somebody typed of their address."""

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def by_address(rows: QuerySet[Row], address: str) -> QuerySet[Row]:
    """Rows with a `person_key`: a whole address is looked up as it is, anything shorter as the beginning of
    one.
    """
    if "." in address.partition("@")[2]:
        return rows.filter(person_key=address)
    if connection.vendor == "sqlite":
        # SQLite's LIKE cannot use the index here; a range over the same beginning can.
        return rows.filter(person_key__gte=address, person_key__lt=address + "\U0010ffff")
    return rows.filter(person_key__startswith=address)
