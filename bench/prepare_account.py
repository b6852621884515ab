"""The account of `bench sync`: metadata and labels read, six columns mapped, every list activated."""

from __future__ import annotations

import json
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")

import django

django.setup()

from django.core.management import call_command

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dataverse_client
from syncline.accounts.details import AccountDetails
from syncline.ledger.models import Trigger
from syncline.ledger.queue import request_run
from syncline.lists.in_dynamics import change_settings, refresh_lists
from syncline.lists.models import MarketingList
from syncline.mapping.models import FieldMapping, Label, LabelType
from syncline.onboarding.joining import join
from syncline.syncs.contract import Done
from syncline.syncs.registry import SYNC_TYPES
from syncline.syncs.running import advance


def main() -> None:
    crm, mail, fields = (json.loads(word) for word in sys.argv[1:4])
    call_command("migrate", verbosity=0)
    account = join(
        AccountDetails(
            name="Bench",
            dataverse_url=crm["base_url"],
            dataverse_authority=crm["authority"],
            dataverse_ca_file=crm["ca_file"],
            tenant_id=crm["tenant_id"],
            client_id=crm["client_id"],
            client_secret=crm["client_secret"],
            dotdigital_url=mail["base_url"],
            dotdigital_user=mail["api_user"],
            dotdigital_password=mail["api_password"],
        ),
        by=OPERATOR,
        allow_loopback=True,
    )
    for column, label in fields.items():
        if not FieldMapping.objects.filter(account=account, entity="contact", label=label).exists():
            Label.objects.create(account=account, name=label, type=LabelType.TEXT)
            FieldMapping.objects.create(account=account, entity="contact", crm_field=column, label=label)
    for sync_type in ("crm_metadata", "labels"):
        run = request_run(account, sync_type, SYNC_TYPES[sync_type].lane, Trigger.MANUAL).run
        while not isinstance(advance(str(run.key)), Done):
            pass
    refresh_lists(dataverse_client(account), account)
    for marketing_list in MarketingList.objects.filter(account=account):
        change_settings(dataverse_client(account), account, marketing_list, activated=True)
    print(json.dumps({"lists": MarketingList.objects.count()}))


if __name__ == "__main__":
    main()
