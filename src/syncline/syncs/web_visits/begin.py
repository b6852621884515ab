"""The beginning: which collection holds the web behaviour, and since when it has to be read."""

from typing import Final

from syncline.dotdigital.insight_data import WEB_INSIGHT
from syncline.ledger import cursors
from syncline.ledger.models import RunStatus
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.reading import note_beginning
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell
from syncline.web_behaviour.naming import names_of, settings_of

SOURCE: Final = "dotdigital:web_behaviour"
"""Up to when it is known what people looked at."""


def begin(context: RunContext, setting: Setting) -> Next | None:
    """The cursor holds for the collection and the names that it was read with: after a change of either all
    is read again.
    """
    del setting
    if "began" not in context.position:
        settings = settings_of(context.account)
        names = names_of(settings)
        fingerprint = digest_of({"collection": settings.collection, **names}, 8)
        context.save_position(
            names=names,
            wanted=settings.collection,
            fingerprint=fingerprint,
            is_first=not cursors.token(context.account, SOURCE, fingerprint),
        )
        note_beginning(context, SOURCE, fingerprint)
        return More()
    wanted = context.position["wanted"]
    there = context.dotdigital.insight_collections()
    found = next((one for one in there if (one.name == wanted if wanted else one.type == WEB_INSIGHT)), None)
    if found is None or (found.scope or "contact") != "contact":
        told = tell("no_named_web_collection", wanted) if wanted else tell("no_web_collection")
        end(context.run, RunStatus.FAILED, told)
        return Done()
    context.save_position(collection=found.name)
    return None
