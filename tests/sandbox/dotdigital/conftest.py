"""The bare client as a fixture."""

from __future__ import annotations

import pytest

from sandbox_process import DotdigitalSandbox

from .api import Api
from .definitions import definitions


@pytest.fixture
def api(dotdigital: DotdigitalSandbox) -> Api:
    """An empty account; every answer is held against the vendor's definitions where they are present."""
    return Api(dotdigital, definitions())
