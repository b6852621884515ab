"""Every address the installation answers to."""

from django.urls import include, path

urlpatterns = [path("", include("syncline.console.urls"))]
