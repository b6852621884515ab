"""Faults on demand: what to do wrong, on which route, how often.

A fault is added over the control address. Those in :data:`TRANSPORT_KINDS` and :data:`ANSWER_KINDS` are
carried out by the middleware in ``serving.py`` for every vendor alike; all others are a vendor's own, named
in its ``fault_kinds`` and taken by its handlers with :meth:`FaultBook.take` or :meth:`FaultBook.active`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import count
from typing import Any

import msgspec

# Carried out by the middleware. ``cut`` aborts before the effect; ``lost_answer`` lets the effect happen and
# then aborts; ``torn_page`` promises the whole body, sends half of it and closes.
TRANSPORT_KINDS = frozenset({"latency", "cut", "lost_answer", "torn_page"})

# Answered by the middleware, before the effect, with a body in the vendor's own form (``fault_response``).
ANSWER_KINDS = frozenset({"status", "rate_limit", "expired_token"})

SHARED_KINDS = TRANSPORT_KINDS | ANSWER_KINDS


class FaultSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller posts to ``/_control/faults``.

    ``route`` is a route label as the journal shows it, or a glob over labels; the label may be given with its
    method in front or without. ``match`` must occur in the request's path, query or body (or, for kinds about
    single records, in the record). The fault passes over its first ``after`` occasions and is spent after
    ``times`` of them (null: never). ``code`` and ``extra`` carry what a vendor documents for its own kinds.
    """

    kind: str
    route: str = "*"
    method: str = "*"
    times: int | None = 1
    after: int = 0
    status: int = 503
    retry_after_s: float | None = None
    latency_s: float = 0.0
    match: str | None = None
    body: Any = None
    code: str | None = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)


class Fault:
    """A fault in force: its specification and how often it has struck."""

    def __init__(self, number: int, spec: FaultSpec) -> None:
        self.id = number
        self.spec = spec
        self.seen = 0
        self.struck = 0

    @property
    def kind(self) -> str:
        return self.spec.kind

    @property
    def spent(self) -> bool:
        return self.spec.times is not None and self.struck >= self.spec.times

    def concerns(self, method: str, label: str) -> bool:
        """Whether method and route label are meant; the text to match is looked at separately."""
        spec = self.spec
        if spec.method != "*" and spec.method.upper() != method.upper():
            return False
        return _label_matches(spec.route, label)

    def strike(self) -> bool:
        """Count one occasion; True when the fault is to happen this time."""
        if self.spent:
            return False
        self.seen += 1
        if self.seen <= self.spec.after:
            return False
        self.struck += 1
        return True

    def describe(self) -> dict[str, Any]:
        return {"id": self.id, "seen": self.seen, "struck": self.struck} | dict(
            msgspec.to_builtins(self.spec)
        )


class FaultBook:
    """All faults in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._numbers = count(1)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, spec: FaultSpec) -> Fault:
        fault = Fault(next(self._numbers), spec)
        self._faults[fault.id] = fault
        return fault

    def remove(self, number: int) -> bool:
        return self._faults.pop(number, None) is not None

    def clear(self) -> None:
        self._faults.clear()

    def describe(self) -> list[dict[str, Any]]:
        return [fault.describe() for fault in self._faults.values()]

    def active(self, kind: str, *, method: str = "*", label: str = "") -> list[Fault]:
        """Unspent faults of this kind that concern the route; the caller looks at ``spec.match`` and strikes.

        For handlers that go through many records: ask once, and look at each record only if there is a fault.
        """
        return [
            fault
            for fault in self._faults.values()
            if fault.kind == kind and not fault.spent and fault.concerns(method, label)
        ]

    def take(self, kind: str, *, method: str = "*", label: str = "", text: str = "") -> Fault | None:
        """The first fault of this kind that is to happen now, already counted, or None."""
        for fault in self.active(kind, method=method, label=label):
            if (fault.spec.match is None or fault.spec.match in text) and fault.strike():
                return fault
        return None


def _label_matches(wanted: str, label: str) -> bool:
    bare = label.partition(" ")[2]
    return wanted in (label, bare) or fnmatchcase(label, wanted) or fnmatchcase(bare, wanted)
