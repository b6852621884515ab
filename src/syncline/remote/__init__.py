"""What calling somebody else's API needs whoever the somebody is: remedies, limits and patience.

The two vendor clients (`syncline.dataverse`, `syncline.dotdigital`) are built on this room and on nothing
else of Syncline. It knows neither vendor.
"""

from syncline.remote.clock import Clock, SystemClock
from syncline.remote.limits import Limiter, Unlimited
from syncline.remote.patience import Patience, with_patience
from syncline.remote.remedies import Misconfigured, Permanent, Rejected, RemoteError, Retryable

__all__ = [
    "Clock",
    "Limiter",
    "Misconfigured",
    "Patience",
    "Permanent",
    "Rejected",
    "RemoteError",
    "Retryable",
    "SystemClock",
    "Unlimited",
    "with_patience",
]
