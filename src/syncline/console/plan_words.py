"""What a plan would do, in one sentence of numbers."""

from syncline.ledger.models import Run


def summary_of(plan: Run, lists_left: int) -> str:
    """`Would create 12, update 40 and take 3 out of 2 lists; leaves 5 out and cannot carry 1 over.`

    `lists_left`: in how many lists somebody would be taken out.
    """
    does = _joined(_writes(plan, lists_left))
    spares = _joined(_spared(plan))
    if not does:
        return f"Would write nothing; {spares}." if spares else "Would write nothing: both sides are in step."
    return f"Would {does}; {spares}." if spares else f"Would {does}."


def numbers_of(plan: Run) -> int:
    """How many records it would write."""
    return plan.created + plan.updated + plan.removed


def _writes(plan: Run, lists_left: int) -> list[str]:
    told = []
    if plan.created:
        told.append(f"create {plan.created:,}")
    if plan.updated:
        told.append(f"update {plan.updated:,}")
    if plan.removed:
        where = f" of {lists_left:,} list{'' if lists_left == 1 else 's'}" if lists_left else ""
        told.append(f"take {plan.removed:,} out{where}")
    return told


def _spared(plan: Run) -> list[str]:
    told = []
    if plan.skipped:
        told.append(f"leaves {plan.skipped:,} out")
    if plan.rejected:
        told.append(f"cannot carry {plan.rejected:,} over")
    return told


def _joined(told: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]]))
