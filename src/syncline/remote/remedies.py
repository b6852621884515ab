"""Errors named after what the caller should do about them.

::

    RemoteError
    ├── Retryable       wait `after_s` seconds, then the same call may work
    ├── Rejected        this one record is refused: hold it, go on with the rest
    ├── Misconfigured   a person has to change a setting: `what_to_do` says which
    └── Permanent       the call can never work as it stands: stop and report

Each client adds subclasses only where its caller must react in a way of its own. A message says what
happened and to what; it never holds a secret, and of a person no more than the id of the record.
"""

from __future__ import annotations


class RemoteError(Exception):
    """A call to a vendor did not do what was asked.

    `code` is the vendor's own code (may be empty), `status` the HTTP status (None: no answer came).
    """

    def __init__(self, message: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status

    @property
    def what_to_do(self) -> str:
        """The remedy, in words for a person."""
        return "Report this with the message: the call cannot work as it stands."


class Retryable(RemoteError):
    """Nothing is wrong that waiting would not mend.

    `after_s`: seconds the vendor asks for; None where it did not say. `outcome_unknown` is true where the
    request was sent and no answer came, so that its effect may have happened; the client repeats such a call
    by itself only if repeating is harmless. `never_repeat` marks a wait that belongs to the caller (it holds
    other work it could finish first), so the client does not wait inside the call.
    """

    def __init__(
        self,
        message: str,
        *,
        after_s: float | None = None,
        code: str = "",
        status: int | None = None,
        outcome_unknown: bool = False,
        never_repeat: bool = False,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.after_s = after_s
        self.outcome_unknown = outcome_unknown
        self.never_repeat = never_repeat

    @property
    def what_to_do(self) -> str:
        return "Wait and try again; nothing has to be changed."


class Rejected(RemoteError):
    """One record is refused; `record` is its id or key, `reason` the vendor's words."""

    def __init__(self, record: str, code: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(f"{record} was refused: {reason}", code=code, status=status)
        self.record = record
        self.reason = reason

    @property
    def what_to_do(self) -> str:
        return "Mend this record, or the mapping that made its value, then replay it."


class Misconfigured(RemoteError):
    """A setting, a credential, a permission or a feature has to be changed by a person."""

    def __init__(self, message: str, what_to_do: str, *, code: str = "", status: int | None = None) -> None:
        super().__init__(message, code=code, status=status)
        self._what_to_do = what_to_do

    @property
    def what_to_do(self) -> str:
        return self._what_to_do


class Permanent(RemoteError):
    """The call cannot work as it stands: it names something that is not there, or the API has changed."""
