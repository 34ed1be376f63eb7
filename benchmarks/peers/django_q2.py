"""django-q2 as it comes, with its own ORM broker on PostgreSQL, tuned.

Tuned: results kept (ours are), a connection that stays open, no scheduler, tasks fetched in bulk,
a poll of 10 ms instead of 200, no recycling in the middle of a measurement, no INFO logging.
Run as a module: `python -m benchmarks.peers.django_q2 --database-url URL`.
"""

import django
from django.conf import settings
from django.core.management import call_command
from psycopg.conninfo import conninfo_to_dict

from benchmarks import yardstick
from benchmarks.processes import running

_CLUSTER = {
    "name": "peer",
    "orm": "default",
    "workers": 2,
    "queue_limit": 100,
    "bulk": 50,
    "poll": 0.01,
    "timeout": 60,
    "retry": 3600,
    "save_limit": 0,
    "scheduler": False,
    "recycle": 1_000_000,
    "log_level": "WARNING",
}


def _configure(url: str) -> None:
    parts = conninfo_to_dict(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname"),
        "USER": parts.get("user"),
        "HOST": parts.get("host"),
        "PORT": parts.get("port", ""),
        "PASSWORD": parts.get("password", ""),
        "CONN_MAX_AGE": None,
    }
    settings.configure(
        SECRET_KEY="shared by two processes, for a minute",  # noqa: S106 - guards nothing
        DATABASES={"default": database},
        INSTALLED_APPS=["django_q"],
        Q_CLUSTER=_CLUSTER,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _submit(number: int) -> str:
    from django_q.tasks import async_task  # noqa: PLC0415 - needs configured settings

    return str(async_task("benchmarks.peers.noop.noop", number))


def _measure(url: str, size: yardstick.Size) -> None:
    call_command("migrate", verbosity=0)
    contender = yardstick.Contender(
        name="django_q2",
        url=url,
        submit=_submit,
        is_done="SELECT 1 FROM django_q_task WHERE id = %s",
        is_busy="SELECT 1 FROM django_q_ormq LIMIT 1",
    )
    command = ["-m", "benchmarks.peers.django_q2", "--database-url", url, "--worker", "1"]
    with running(command, env={}) as cluster:
        yardstick.measure(contender, workers=[cluster], size=size)
        yardstick.measure_idle(contender.name, {"cluster": cluster})


def main() -> None:
    """Measure django-q2, or be its cluster."""
    asked = yardstick.parser().parse_args()
    _configure(asked.database_url)
    if asked.worker:
        call_command("qcluster")
    else:
        _measure(asked.database_url, yardstick.size_of(asked))


if __name__ == "__main__":
    main()
