"""Roles, scopes, name patterns and keys: what is not granted is denied."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from actions import access
from actions.actors import SYSTEM
from actions.errors import MalformedRequest
from actions.models import ApiKey

pytestmark = pytest.mark.django_db


def make(**more: object) -> str:
    asked = {"name": "k", "scopes": ["executions:read"], "by": SYSTEM, **more}
    return access.create_key(**asked)[1]


@pytest.mark.parametrize("role", list(access.ROLES))
def test_a_person_has_the_permissions_of_the_role_and_no_other(role):
    user = access.create_user(username=role, password="correct horse 9", role=role, by=SYSTEM)

    assert access.principal_of(user).permissions == access.ROLES[role]


def test_nobody_may_do_nothing():
    principal = access.principal_of(AnonymousUser())

    assert not any(principal.may(permission) for permission in access.PERMISSIONS)


def test_each_role_has_what_the_one_below_has():
    granted = list(access.ROLES.values())

    assert all(low < high for low, high in pairwise(granted))


def test_a_key_opens_what_its_scopes_and_patterns_say():
    principal = access.authenticate(make(patterns=["invoice-*"]))

    assert principal is not None
    assert principal.may("executions:read", "invoice-create")
    assert not principal.may("executions:read", "charge-card")
    assert not principal.may("actions:execute", "invoice-create")


def test_only_a_digest_of_a_key_is_kept():
    key = make()

    stored = ApiKey.objects.get()
    assert key.rsplit("_", 1)[1].encode() not in bytes(stored.digest)
    assert stored.last_used_at is None
    assert access.authenticate(key) is not None
    stored.refresh_from_db()
    assert stored.last_used_at is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.replace("as_", "sa_"),
        lambda key: key + "x",
        lambda key: "",
        lambda key: "as_000000000000_" + "A" * 43,
    ],
)
def test_a_key_that_is_not_quite_one_opens_nothing(spoil):
    assert access.authenticate(spoil(make())) is None


@pytest.mark.parametrize(
    "ended",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_a_revoked_or_expired_key_opens_nothing(ended):
    key = make()
    ApiKey.objects.update(**ended)

    assert access.authenticate(key) is None


@pytest.mark.parametrize(
    "asked", [{"scopes": ["everything"]}, {"scopes": []}, {"patterns": ["no spaces"]}]
)
def test_a_key_that_could_open_nothing_is_not_made(asked):
    with pytest.raises(MalformedRequest):
        make(**asked)

    assert not ApiKey.objects.exists()
