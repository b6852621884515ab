"""Email accounts (a Dynamics environment joined to a Dotdigital account), console users, the admin log."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.roles import Role
from syncline.accounts.secrets import decrypt, encrypt


class User(AbstractUser):
    """Someone who signs in to the console."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.VIEWER)


class EmailAccount(models.Model):
    """One connected Dotdigital account and the Dynamics environment it is kept in step with.

    `name` and `description` belong to the Email Marketing Manager; `owner` and `connector_key` are read only;
    the credentials are the operator's and are stored encrypted.
    """

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, max_length=2000)
    owner = models.CharField(max_length=320, blank=True)
    """The Dotdigital account's main e-mail address, read from account-info when the account is added."""
    connector_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    is_default = models.BooleanField(default=False)
    disabled = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=64, default="UTC")
    """IANA name; schedules are kept in it."""

    dataverse_url = models.URLField()
    """The environment's root, without a trailing slash."""
    dataverse_authority = models.URLField(blank=True)
    """Only for a sandbox: the token authority that replaces login.microsoftonline.com."""
    dataverse_ca_file = models.CharField(max_length=500, blank=True)
    """Only for a sandbox: the certificate that its TLS address is signed with."""
    tenant_id = models.CharField(max_length=100)
    client_id = models.CharField(max_length=100)
    client_secret_encrypted = models.TextField(blank=True)
    client_certificate_encrypted = models.TextField(blank=True)
    """PEM with private key, where the app registration uses a certificate instead of a secret."""

    dotdigital_url = models.URLField()
    """The region's API host, `https://r1-api.dotdigital.com` say, without a trailing slash."""
    dotdigital_user = models.CharField(max_length=320)
    dotdigital_password_encrypted = models.TextField()

    mark_do_not_bulk_email = models.BooleanField(default=True)
    """Update Do Not Bulk Email preference on Unsubscribers (product.md §7)."""
    keep_crm_suppression_list = models.BooleanField(default=True)
    """Add Global Unsubscribers to CRM Suppression List (product.md §7), and take from there what people put
    there by hand."""
    only_open_and_active = models.BooleanField(default=True)
    """Sync only open Leads and active Contacts (product.md §7)."""
    readmit_inactive = models.BooleanField(default=True)
    """The documented hole (product.md §7): an inactive contact or disqualified lead whose address is entered
    in Dotdigital comes into a marketing list that lets people in. Off closes it."""
    record_priority = models.CharField(max_length=40, default="contact,lead,account")
    """Which record decides where several share one address: tables in order, separated by commas."""
    campaign_level = models.CharField(
        max_length=8, choices=CampaignLevel.choices, default=CampaignLevel.SUMMARY
    )
    """How much is synced of email campaigns for which nothing else is set."""
    plan_valid_h = models.IntegerField(default=24)
    """Hours for which a plan may be approved; an older one has to be made anew."""
    provisioned = models.BooleanField(default=False)
    """Whether the environment holds Syncline's own columns, as `syncline provision` last saw it."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_account"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def client_secret(self) -> str:
        return decrypt(self.client_secret_encrypted)

    @client_secret.setter
    def client_secret(self, text: str) -> None:
        self.client_secret_encrypted = encrypt(text)

    @property
    def client_certificate(self) -> str:
        return decrypt(self.client_certificate_encrypted)

    @client_certificate.setter
    def client_certificate(self, text: str) -> None:
        self.client_certificate_encrypted = encrypt(text)

    @property
    def dotdigital_password(self) -> str:
        return decrypt(self.dotdigital_password_encrypted)

    @dotdigital_password.setter
    def dotdigital_password(self, text: str) -> None:
        self.dotdigital_password_encrypted = encrypt(text)


class AdminLogEntry(models.Model):
    """One change that a person made: who, what, when, from where, before and after."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=320)
    """User name in the console, or `operator` for the command line."""
    origin = models.CharField(max_length=64)
    """IP address, or `command line`."""
    account = models.ForeignKey(EmailAccount, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=100)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-at"]


class ApiToken(models.Model):
    """A key for programs: what it may do is its role's. Only its digest is kept."""

    name = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token, in hex."""
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]


class CallWindow(models.Model):
    """The calls that all workers together have made as one user of a vendor: see `accounts.limits`.

    Times are seconds since the epoch, which is what the vendor clients reckon in.
    """

    principal = models.CharField(max_length=64)
    """SHA-256 of vendor, address and user."""
    scope = models.CharField(max_length=32, blank=True)
    """Dotdigital's tier; empty for Dataverse, which counts all calls together."""
    calls = models.IntegerField(null=True)
    """How many calls a window may hold, where the vendor's answers have told."""
    used = models.IntegerField(default=0)
    ends_at = models.FloatField(default=0.0)
    paused_until = models.FloatField(default=0.0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "scope"], name="one_window_per_scope")
        ]
