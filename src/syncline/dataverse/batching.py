"""Sending several requests as one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from syncline.dataverse import batches
from syncline.dataverse.batches import BatchResult, Operation, Part
from syncline.dataverse.session import REPEATABLE, Call, OnSession
from syncline.remote import Permanent

MOST_OPERATIONS = 1000


class Batching(OnSession):
    """`$batch`: one request for the service's counter, though its execution time adds up."""

    def batch(
        self,
        operations: Sequence[Operation],
        *,
        continue_on_error: bool = True,
        repeatable: bool | None = None,
    ) -> list[BatchResult]:
        """One result per operation, in order, each on its own: there is no change set.

        Without `continue_on_error` the service stops at the first failure and the list ends with it.
        `repeatable` says whether all of it may be sent twice; by default only if no operation is a POST.
        """
        if not operations:
            return []
        if len(operations) > MOST_OPERATIONS:
            raise Permanent(f"A batch takes {MOST_OPERATIONS} operations, not {len(operations)}")
        boundary = f"batch_{uuid.uuid4()}"
        headers = {"Content-Type": f'multipart/mixed; boundary="{boundary}"'}
        if continue_on_error:
            headers["Prefer"] = "odata.continue-on-error"
        harmless = all(operation.method in REPEATABLE for operation in operations)
        call = Call(
            method="POST",
            path="$batch",
            body=batches.encoded(operations, self._session.api, boundary),
            headers=headers,
            # A batch that stopped at a failure answers 400 as a whole, with the parts in it.
            accept=frozenset({400}),
            repeatable=harmless if repeatable is None else repeatable,
        )
        answer = self._session.send(call)
        content_type = answer.headers.get("Content-Type", "")
        if not content_type.startswith("multipart/"):
            raise self._session.error_from(
                answer.status_code, answer.headers, answer.content, call.label, None
            )
        answers = batches.parts(content_type, answer.content)
        if continue_on_error and len(answers) != len(operations):
            raise Permanent(f"A batch of {len(operations)} operations was answered with {len(answers)} parts")
        return [self._result(operation, part) for operation, part in zip(operations, answers, strict=False)]

    def _result(self, operation: Operation, part: Part) -> BatchResult:
        error = None
        if part.status >= 300:
            label = f"{operation.method} {operation.path.split('?', 1)[0]}"
            error = self._session.error_from(part.status, part.headers, part.body, label, operation.record)
        return BatchResult(part.status, part.headers, part.body, error)
