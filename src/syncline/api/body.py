"""What every body of a call has in common."""

from ninja import Schema
from pydantic import ConfigDict


class Body(Schema):
    """Taken as it is written, or refused: no unknown fields, no texts that could be numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)
