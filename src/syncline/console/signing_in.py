"""Signing in with a local password, the lock after too many wrong ones, and signing out."""

import math
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from syncline.accounts.models import User
from syncline.accounts.roles import Role
from syncline.console.rights import Right, needs


class SignInForm(AuthenticationForm):
    error_messages = {  # noqa: RUF012 - Django's own declaration
        "invalid_login": "The user name or the password is not right. Mind upper and lower case.",
        "inactive": "This user has been switched off.",
    }

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)  # type: ignore[arg-type]
        if isinstance(user, User) and user.role == Role.CONNECTOR:
            raise ValidationError("This is a service identity and cannot sign in to the console.")


class SignInView(LoginView):
    template_name = "console/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


sign_in = needs(Right.ANYONE, post=Right.ANYONE)(SignInView.as_view())
sign_out = needs(post=Right.SIGN_OUT)(LogoutView.as_view())


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """What django-axes shows instead of any answer while a user name is locked for an address."""
    pause = timedelta(hours=settings.AXES_COOLOFF_TIME)
    context = {
        "failure_limit": settings.AXES_FAILURE_LIMIT,
        "locked_minutes": math.ceil(pause.total_seconds() / 60),
    }
    return render(request, "console/sign_in.html", context, status=429)
