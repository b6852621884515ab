"""Responses as Dynamics holds them."""

from typing import Final

from syncline.campaigns.row_store import RowStore
from syncline.forms.models import HeldResponse, KeptResponse

RESPONSES: Final = "FormResponses"
"""How their set of data is called."""

STORE: Final = RowStore(KeptResponse, HeldResponse)
