"""/livez and /readyz."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.utils import timezone

from actions import registry
from actions.models import Execution, Worker


@pytest.fixture
def worker(db):
    now = timezone.now()
    return Worker.objects.create(
        host="here",
        pid=1,
        label="here:1",
        lease_until=now + timedelta(minutes=1),
        backend_pid=1,
        backend_started_at=now,
    )


def test_a_process_that_answers_lives(client):
    response = client.get("/livez")

    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_with_tables_and_a_worker_it_is_ready(client, worker):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


def test_it_is_ready_under_asgi_too(async_client, cloned_database):
    response = asyncio.run(async_client.get("/readyz"))

    assert response.status_code == 503
    assert "no worker" in response.json()["reason"]


def test_without_a_worker_it_is_not_ready(client, db):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert "no worker has been heard of" in response.json()["reason"]


def test_a_worker_beyond_its_lease_does_not_count(client, worker):
    Worker.objects.filter(pk=worker.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    assert client.get("/readyz").status_code == 503


def test_with_a_migration_to_apply_it_is_not_ready(client, worker):
    newest = (settings.BASE_DIR / "actions/migrations/max_migration.txt").read_text().strip()
    MigrationRecorder(connection).record_unapplied("actions", newest)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "migrations to apply" in response.json()["reason"]


def test_without_a_database_it_says_so_and_no_more(client, worker, monkeypatch):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere/hunter2")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "reason": "the database does not answer"}


def test_probes_need_no_allowed_host(client):
    assert client.get("/livez", headers={"Host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_probe_is_never_kept_in_a_cache(client, worker, path):
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.fixture
def overdue(engine):
    """An execution that has been due for an hour."""
    execution = engine.submit("probe-nothing")
    Execution.objects.filter(id=execution.id).update(run_at=Now() - timedelta(hours=1))


def test_work_that_idle_workers_overlook_makes_it_not_ready(client, overdue):
    registry_names = list(registry.all_specs())
    Worker.objects.update(idle_since=Now() - timedelta(minutes=5), actions=registry_names)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "idle workers do not take it" in answer.json()["reason"]


@pytest.mark.parametrize(
    "worker",
    [
        {"idle_since": None},
        {"idle_since": Now()},
        {"idle_since": Now() - timedelta(minutes=5), "queues": ["other"]},
        {"idle_since": Now() - timedelta(minutes=5), "actions": ["another"]},
        {"idle_since": Now() - timedelta(minutes=5), "coroutines": ["probe-nothing"]},
    ],
    ids=["busy", "just idle", "of another queue", "without the code", "in its other lane"],
)
def test_a_backlog_that_nobody_could_have_taken_is_no_reason(client, overdue, worker):
    Worker.objects.update(**{"actions": list(registry.all_specs()), **worker})

    assert client.get("/readyz").status_code == 200
