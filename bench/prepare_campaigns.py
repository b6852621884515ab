"""What `bench.bench_behaviour` needs besides the account: our tables, and campaigns synced in detail."""

from __future__ import annotations

import json
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")

import django

django.setup()

from syncline import provisioning
from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import EmailAccount


def main() -> None:
    account = EmailAccount.objects.get()
    client = dataverse_client(account)
    provisioning.apply(client, provisioning.plan(client))
    account.provisioned = True
    account.campaign_level = CampaignLevel.DETAILED
    account.save()
    print(json.dumps({"level": account.campaign_level}))


if __name__ == "__main__":
    main()
