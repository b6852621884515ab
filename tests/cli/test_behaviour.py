"""`syncline behaviour`: where web behaviour is read, and what its records call things."""

import pytest

from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode
from syncline.web_behaviour.models import WebSettings

pytestmark = pytest.mark.django_db


def test_names_are_shown_changed_and_taken_back(run, contoso):
    [shown] = run("behaviour", contoso, "--json").results
    assert (shown["collection"], shown["fields"]["url"], shown["visits"]) == ("", "Url", 0)
    changed = ("--collection", "Shop", "--field", "url=Address", "--field", "title=Heading")
    [shown] = run("behaviour", contoso, *changed, "--json").results
    assert (shown["collection"], shown["fields"]["url"], shown["fields"]["ip"]) == (
        "Shop",
        "Address",
        "IpAddress",
    )
    ran = run("behaviour", contoso, "--collection", "", "--field", "url=")
    assert "the one that the tracking script fills" in ran.out
    assert WebSettings.objects.get().fields == {"title": "Heading"}
    assert AdminLogEntry.objects.filter(action="web behaviour names changed").count() == 2


@pytest.mark.parametrize("field", ["colour=Red", "url", "url=" + "x" * 256])
def test_what_makes_no_sense_is_refused(run, contoso, field):
    ran = run("behaviour", contoso, "--field", field)
    assert ran.code == ExitCode.USAGE
    assert not WebSettings.objects.exists()
