"""Making in Dynamics what Syncline needs there: a publisher, a solution, tables and columns.

`plan` looks and says what is missing; `apply` does it. Both may be called at any time and as often as wanted:
what is there already is left alone, and what is there but different is refused, never changed. A choice
of ours that was made by an earlier version gets the options that it lacks.
"""

from syncline.dataverse import Dataverse
from syncline.provisioning import environment_state
from syncline.provisioning.applying import apply
from syncline.provisioning.comparing import Clash, Plan, compare
from syncline.provisioning.declaration import DECLARATION, Declaration
from syncline.provisioning.steps import Step

__all__ = ["DECLARATION", "Clash", "Declaration", "Plan", "Step", "apply", "plan"]


def plan(client: Dataverse, declaration: Declaration = DECLARATION) -> Plan:
    """What the environment lacks of the declaration. Reads only."""
    return compare(declaration, environment_state.read(client, declaration))
