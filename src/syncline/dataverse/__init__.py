"""A client of the Dataverse Web API (OData v4, v9.2).

It knows nothing of Syncline, Django or a database. Give `Dataverse` an `Environment`; what it raises is
drawn in `syncline.dataverse.errors`. Section numbers in comments are those of the Web API contract that the
client was written from.
"""

from syncline.dataverse.addresses import Key, bind
from syncline.dataverse.batches import BatchResult, Operation
from syncline.dataverse.changes import DeltaPage
from syncline.dataverse.client import Dataverse, Organization, WhoAmI
from syncline.dataverse.comparing import ComparedChange
from syncline.dataverse.environment import Certificate, Environment, allowed_host
from syncline.dataverse.errors import (
    PRIVILEGE_MISSING,
    ChangeTrackingOff,
    DeltaExpired,
    InvalidQuery,
    NotFound,
    PreconditionFailed,
    TooLarge,
)
from syncline.dataverse.fetchxml import member_query
from syncline.dataverse.isolation import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.dataverse.limits import BurstLimiter
from syncline.dataverse.metadata import AlternateKey, Column, Option, Table
from syncline.dataverse.privileges import Privilege
from syncline.dataverse.reading import FORMATTED, FetchPage, Page, Query, Row
from syncline.dataverse.schema import NewColumn, NewTable
from syncline.remote import Limiter, Misconfigured, Patience, Permanent, Rejected, RemoteError, Retryable

__all__ = [
    "FORMATTED",
    "MOST_ROWS_A_MESSAGE",
    "PRIVILEGE_MISSING",
    "AlternateKey",
    "BatchResult",
    "BurstLimiter",
    "Certificate",
    "ChangeTrackingOff",
    "Column",
    "ComparedChange",
    "Dataverse",
    "DeltaExpired",
    "DeltaPage",
    "Environment",
    "FetchPage",
    "InvalidQuery",
    "Key",
    "Limiter",
    "Misconfigured",
    "NewColumn",
    "NewTable",
    "NotFound",
    "Operation",
    "Option",
    "Organization",
    "Page",
    "Patience",
    "Permanent",
    "PreconditionFailed",
    "Privilege",
    "Query",
    "Rejected",
    "RemoteError",
    "Retryable",
    "Row",
    "RowChange",
    "RowOutcome",
    "Table",
    "TooLarge",
    "WhoAmI",
    "allowed_host",
    "bind",
    "member_query",
]
