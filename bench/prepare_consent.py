"""What `bench.bench_suppressions` needs besides the account: our tables in Dynamics, and no fuse."""

from __future__ import annotations

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")

import django

django.setup()

from syncline import provisioning
from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import EmailAccount
from syncline.ledger.fuse import WIDEST_SHARE, Limit, set_limit
from syncline.ledger.models import FuseKind


def main() -> None:
    account = EmailAccount.objects.get()
    client = dataverse_client(account)
    provisioning.apply(client, provisioning.plan(client))
    account.provisioned = True
    account.mark_do_not_bulk_email = account.keep_crm_suppression_list = True
    account.save()
    for kind in (FuseKind.SUPPRESSIONS, FuseKind.REMOVALS):
        set_limit(account, "suppressions", kind, Limit(WIDEST_SHARE, 0), OPERATOR)
    print(json.dumps({"provisioned": account.provisioned}))


if __name__ == "__main__":
    main()
