"""What a sync type asks for before one of its plans may be approved."""

from syncline.ledger.models import Run
from syncline.ledger.plans import PlanProblem
from syncline.syncs.marketing_lists.preparations import missing_labels


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
