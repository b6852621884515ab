"""The console's addresses. Each view names the right it needs (rights.py); one that does not is refused."""

from django.urls import path

from syncline.console.account_list import accounts, home
from syncline.console.admin_log_page import admin_log
from syncline.console.administration_page import administration
from syncline.console.audit_page import audit
from syncline.console.campaign_page import campaign
from syncline.console.campaign_people_page import campaign_people
from syncline.console.campaigns_page import campaigns, campaigns_level
from syncline.console.columns_read import columns_read
from syncline.console.consent_page import consent, consent_export
from syncline.console.forms_page import all_forms, one_form
from syncline.console.general import general
from syncline.console.health import health
from syncline.console.held_page import held, held_replay
from syncline.console.insight_form import insight_columns, insight_new
from syncline.console.insight_page import insight, insight_drop, insight_table
from syncline.console.label_form import label, label_check, label_delete, label_new
from syncline.console.labels_page import labels
from syncline.console.list_page import list_unlink, one_list
from syncline.console.lists_page import lists, lists_live, lists_refresh, lists_sync
from syncline.console.mapping_form import mapping, mapping_delete, mapping_new
from syncline.console.mappings_page import mappings
from syncline.console.plan_answers import approve, discard, make_anew
from syncline.console.plan_page import plan, plan_export, plan_live
from syncline.console.plans_page import cancel as cancel_plan
from syncline.console.plans_page import make as make_plan
from syncline.console.plans_page import plans
from syncline.console.preview_page import mapping_preview, mappings_preview
from syncline.console.record_page import record, record_open
from syncline.console.repairs_asked import drift_audit, undo
from syncline.console.resubscribe_page import resubscribe
from syncline.console.run_page import part, run, run_live
from syncline.console.safety_page import safety
from syncline.console.schedule_page import schedule, schedule_live
from syncline.console.signing_in import sign_in, sign_out
from syncline.console.suppression_form import suppression, suppression_new
from syncline.console.suppressions_page import suppressions, suppressions_export
from syncline.console.sync_now import cancel, start
from syncline.console.theme import theme
from syncline.console.timetable import timetable
from syncline.console.unsubscribers_page import unsubscribers
from syncline.console.web_behaviour_page import web_behaviour
from syncline.console.why_page import why
from syncline.console.windows_page import window, window_delete, window_new

ACCOUNT = "settings/email-accounts/<int:account_id>/"
LISTS = ACCOUNT + "lists/"
SUPPRESSIONS = ACCOUNT + "suppressions/"
CAMPAIGNS = ACCOUNT + "campaigns/"
FORMS = ACCOUNT + "forms/"
INSIGHT = ACCOUNT + "insight-data/"
RUN = ACCOUNT + "audit/<uuid:run_key>/"
PLANS = ACCOUNT + "plans/"

urlpatterns = [
    path("", home, name="home"),
    path("health", health, name="health"),
    path("sign-in", sign_in, name="sign-in"),
    path("sign-out", sign_out, name="sign-out"),
    path("theme", theme, name="theme"),
    path("record/<str:link>", record, name="record"),
    path("settings/admin-log/", admin_log, name="admin-log"),
    path("settings/email-accounts/", accounts, name="accounts"),
    path(ACCOUNT, general, name="account-general"),
    path(ACCOUNT + "schedule/", schedule, name="schedule"),
    path(ACCOUNT + "schedule/live", schedule_live, name="schedule-live"),
    path(ACCOUNT + "schedule/<slug:sync_type>/timetable", timetable, name="timetable"),
    path(ACCOUNT + "schedule/<slug:sync_type>/sync-now", start, name="sync-now"),
    path(ACCOUNT + "schedule/<slug:sync_type>/cancel", cancel, name="cancel"),
    path(ACCOUNT + "windows/new", window_new, name="window-new"),
    path(ACCOUNT + "windows/<int:window_id>", window, name="window"),
    path(ACCOUNT + "windows/<int:window_id>/delete", window_delete, name="window-delete"),
    path(ACCOUNT + "labels/", labels, name="labels"),
    path(ACCOUNT + "labels/new", label_new, name="label-new"),
    path(ACCOUNT + "labels/check", label_check, name="label-check"),
    path(ACCOUNT + "labels/<int:label_id>", label, name="label"),
    path(ACCOUNT + "labels/<int:label_id>/delete", label_delete, name="label-delete"),
    path(ACCOUNT + "mappings/<slug:entity>/", mappings, name="mappings"),
    path(ACCOUNT + "mappings/<slug:entity>/new", mapping_new, name="mapping-new"),
    path(ACCOUNT + "mappings/<slug:entity>/read-columns", columns_read, name="columns-read"),
    path(ACCOUNT + "mappings/<slug:entity>/preview", mappings_preview, name="mappings-preview"),
    path(ACCOUNT + "mappings/<slug:entity>/preview-one", mapping_preview, name="mapping-preview"),
    path(ACCOUNT + "mappings/<int:mapping_id>", mapping, name="mapping"),
    path(ACCOUNT + "mappings/<int:mapping_id>/delete", mapping_delete, name="mapping-delete"),
    path(ACCOUNT + "audit/", audit, name="audit"),
    path(ACCOUNT + "audit/drift", drift_audit, name="drift-audit"),
    path(RUN, run, name="run"),
    path(RUN + "live", run_live, name="run-live"),
    path(RUN + "undo", undo, name="run-undo"),
    path(RUN + "parts/<int:part_id>", part, name="part"),
    path(ACCOUNT + "administration/", administration, name="administration"),
    path(ACCOUNT + "safety/", safety, name="safety"),
    path(SUPPRESSIONS, suppressions, name="suppressions"),
    path(SUPPRESSIONS + "export.csv", suppressions_export, name="suppressions-export"),
    path(SUPPRESSIONS + "new", suppression_new, name="suppression-new"),
    path(SUPPRESSIONS + "one", suppression, name="suppression"),
    path(ACCOUNT + "list-unsubscribers", unsubscribers, name="unsubscribers"),
    path(CAMPAIGNS, campaigns, name="campaigns"),
    path(CAMPAIGNS + "<int:campaign_id>/", campaign, name="campaign"),
    path(CAMPAIGNS + "<int:campaign_id>/<slug:what>", campaign_people, name="campaign-people"),
    path(CAMPAIGNS + "level", campaigns_level, name="campaigns-level"),
    path(ACCOUNT + "web-behaviour/", web_behaviour, name="web-behaviour"),
    path(FORMS, all_forms, name="forms"),
    path(FORMS + "<int:form_id>/", one_form, name="form"),
    path(INSIGHT, insight, name="insight"),
    path(INSIGHT + "new", insight_new, name="insight-new"),
    path(INSIGHT + "<int:table_id>/", insight_table, name="insight-table"),
    path(INSIGHT + "<int:table_id>/columns", insight_columns, name="insight-columns"),
    path(INSIGHT + "<int:table_id>/remove", insight_drop, name="insight-drop"),
    path(ACCOUNT + "resubscribe", resubscribe, name="resubscribe"),
    path(PLANS, plans, name="plans"),
    path(PLANS + "<uuid:plan_key>/", plan, name="plan"),
    path(PLANS + "<uuid:plan_key>/records.csv", plan_export, name="plan-export"),
    path(PLANS + "<uuid:plan_key>/live", plan_live, name="plan-live"),
    path(PLANS + "<uuid:plan_key>/approve", approve, name="plan-approve"),
    path(PLANS + "<uuid:plan_key>/discard", discard, name="plan-discard"),
    path(PLANS + "<slug:sync_type>/<uuid:plan_key>/anew", make_anew, name="plan-anew"),
    path(PLANS + "<slug:sync_type>/make", make_plan, name="plan-make"),
    path(PLANS + "<slug:sync_type>/<uuid:plan_key>/cancel", cancel_plan, name="plan-cancel"),
    path(LISTS, lists, name="lists"),
    path(LISTS + "live", lists_live, name="lists-live"),
    path(LISTS + "sync", lists_sync, name="lists-sync"),
    path(LISTS + "refresh", lists_refresh, name="lists-refresh"),
    path(LISTS + "<int:list_id>/", one_list, name="list"),
    path(LISTS + "<int:list_id>/unlink", list_unlink, name="list-unlink"),
    path(ACCOUNT + "why/", why, name="why"),
    path(ACCOUNT + "records/<slug:table>/<str:record_id>", record_open, name="record-open"),
    path(ACCOUNT + "consent/", consent, name="consent"),
    path(ACCOUNT + "consent/export", consent_export, name="consent-export"),
    path(ACCOUNT + "held/", held, name="held"),
    path(ACCOUNT + "held/replay", held_replay, name="held-replay"),
]
