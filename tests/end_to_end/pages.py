"""The console's pages by name, and the way in."""

from typing import TYPE_CHECKING

from playwright.sync_api import Page

from console.world import PASSWORD

if TYPE_CHECKING:
    from end_to_end.scene import Scene


def pages_of(scene: "Scene") -> dict[str, str]:
    """Every page that a signed-in manager can reach, by name."""
    account = f"/settings/email-accounts/{scene.contoso.pk}/"
    run = f"{account}audit/{scene.past.run.key}/"
    window = scene.contoso.windows.get()
    label = scene.contoso.labels.get(name="VIP")
    mapping = scene.contoso.mappings.get(entity="contact", label="POSTCODE")
    return {
        "accounts": "/settings/email-accounts/",
        "admin-log": "/settings/admin-log/",
        "admin-log-nothing": "/settings/admin-log/?who=nobody",
        "general": account,
        "schedule": f"{account}schedule/",
        "window": f"{account}windows/{window.pk}",
        "window-new": f"{account}windows/new",
        "labels": f"{account}labels/",
        "labels-nothing": f"{account}labels/?find=nothing-like-it",
        "label": f"{account}labels/{label.pk}",
        "label-new": f"{account}labels/new",
        "mappings": f"{account}mappings/contact/",
        "mappings-looked-up": f"{account}mappings/contact/?through=parentcustomerid&table=account",
        "mappings-nothing": f"{account}mappings/lead/?find=nothing-like-it",
        "mapping": f"{account}mappings/{mapping.pk}",
        "mappings-preview": f"{account}mappings/contact/preview",
        "mapping-new": f"{account}mappings/contact/new?field=donotphone",
        "audit": f"{account}audit/",
        "audit-nothing": f"{account}audit/?end=2020-01-01T00:00",
        "run": run,
        "run-running": f"{account}audit/{scene.running.key}/",
        "run-nothing": f"{run}?address=nobody",
        "part": f"{run}parts/{scene.past.newsletter.pk}",
        "safety": f"{account}safety/",
        "suppressions": f"{account}suppressions/",
        "suppressions-nothing": f"{account}suppressions/?address=nobody",
        "suppression": f"{account}suppressions/one?address=frank%40contoso.example",
        "unsubscribers": f"{account}list-unsubscribers",
        "unsubscribers-nothing": f"{account}list-unsubscribers?address=nobody",
        "resubscribe": f"{account}resubscribe?address=dave%40contoso.example",
        "resubscribe-refused": f"{account}resubscribe?address=frank%40contoso.example",
        "suppression-new": f"{account}suppressions/new",
        "campaigns": f"{account}campaigns/",
        "campaigns-all": f"{account}campaigns/?show=all",
        "campaign": f"{account}campaigns/{scene.spring.campaign_id}/",
        "campaign-failed": f"{account}campaigns/{scene.failed.campaign_id}/",
        "campaign-draft": f"{account}campaigns/{scene.draft.campaign_id}/",
        "campaign-nobody": f"{account}campaigns/{scene.draft.campaign_id}/opened",
        "campaigns-nothing": f"{account}campaigns/?name=nothing-like-it",
        "web-behaviour": f"{account}web-behaviour/",
        "forms": f"{account}forms/",
        "forms-problem": f"{account}forms/?show=problem",
        "form": f"{account}forms/{scene.walk.form_id}/",
        "insight": f"{account}insight-data/",
        "insight-new": f"{account}insight-data/new",
        "insight-table": f"{account}insight-data/{scene.deals.pk}/",
        "administration": f"{account}administration/",
        "plan-approve": f"{account}plans/{scene.plan.key}/approve",
        "plans": f"{account}plans/",
        "plan": f"{account}plans/{scene.plan.key}/",
        "plan-tripped": f"{account}plans/{scene.tripped.key}/?what=remove",
        "lists": f"{account}lists/",
        "lists-all": f"{account}lists/?show=all",
        "lists-nothing": f"{account}lists/?name=nothing-like-it",
        "list": f"{account}lists/{scene.past.newsletter.reference}/",
        "list-plain": f"{account}lists/{scene.contoso.lists.get(name='Test').pk}/",
        "why": f"{account}why/",
        "why-dave": f"{account}why/?address=dave%40contoso.example",
        "consent": f"{account}consent/",
        "consent-dave": f"{account}consent/?address=dave%40contoso.example",
        "consent-nothing": f"{account}consent/?address=nobody%40contoso.example",
        "held": f"{account}held/",
        "held-reason": f"{account}held/?reason=list_closed",
        "held-nothing": f"{account}held/?address=nobody",
        "not-found": f"{account}nothing-here",
    }


def sign_in(page: Page, name: str = "alice") -> None:
    page.goto("/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Active Email Accounts").wait_for()
