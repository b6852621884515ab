"""An API with an operation whose right nobody thought about."""

from django.http import HttpRequest
from django.urls import path

from syncline.accounts.rights import API
from syncline.api.errors import tell_errors
from syncline.api.guard import REFUSE_ALL
from syncline.api.urls import Api

forgetful = Api(urls_namespace=API, auth=REFUSE_ALL, openapi_url=None, docs_url=None)
tell_errors(forgetful)


@forgetful.get("/forgotten")
def forgotten(request: HttpRequest) -> str:
    return "nobody thought about"


urlpatterns = [path("api/v1/", forgetful.urls)]
