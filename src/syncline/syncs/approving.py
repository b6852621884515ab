"""What a sync type asks for before one of its plans may be made, or approved."""

from syncline.ledger.models import Run
from syncline.ledger.plans import PlanProblem
from syncline.syncs.marketing_lists.preparations import missing_labels
from syncline.syncs.registry import SYNC_TYPES


def problem_with_planning(sync_type: str) -> PlanProblem | None:
    """Raises KeyError for a sync type that does not exist."""
    kind = SYNC_TYPES[sync_type]
    if kind.plannable:
        return None
    return PlanProblem(
        "not_plannable",
        f"{kind.name} only adds what has happened, so there is no plan of it.",
        "Run the sync: it changes no value that anybody entered.",
    )


def problem_of_type(plan: Run) -> PlanProblem | None:
    """Carrying out a plan makes no labels, for they are not in it; so they must be there by then."""
    if plan.sync_type not in {"lists_out", "lists_in"}:
        return None
    missing = missing_labels(plan.account)
    if not missing:
        return None
    return PlanProblem(
        "labels_missing",
        f"The plan needs data fields that Dotdigital does not have yet: {', '.join(missing)}.",
        "Run Data field labels, then approve the plan.",
    )
