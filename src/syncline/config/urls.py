"""Every address the installation answers to."""

from django.urls import include, path

from syncline.api.urls import api

urlpatterns = [path("api/v1/", api.urls), path("", include("syncline.console.urls"))]
