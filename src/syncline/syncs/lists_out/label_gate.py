"""Labels go before lists. While they fail, no list is synced."""

from syncline.syncs.context import RunContext
from syncline.syncs.contract import Next
from syncline.syncs.lists_out.setting import Setting


def labels_first(context: RunContext, setting: Setting) -> Next | None:
    return None
