"""The app that composes actions and runs the workers."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Workflows: what runs next, and the loop that a worker runs."""

    name = "workflows"
    verbose_name = "Workflows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear from the executions of steps, answer for the keys of runs, count and seal runs."""
        from actions import rollups, seals  # noqa: PLC0415  # models come before verbs
        from actions.executions import followers, holders  # noqa: PLC0415  # see above
        from actions.promises import keep_also  # noqa: PLC0415
        from workflows.promises import PROMISES  # noqa: PLC0415
        from workflows.rollups import RUNS  # noqa: PLC0415
        from workflows.runs.advance import RunFollower  # noqa: PLC0415
        from workflows.runs.keeper import RunKeys  # noqa: PLC0415
        from workflows.seals import RUN_EVENTS  # noqa: PLC0415  # see above

        followers.register(RunFollower())
        holders.register(RunKeys())
        rollups.count_also(RUNS)
        seals.seal_also(RUN_EVENTS)
        keep_also((*PROMISES, *rollups.promises_of(RUNS)))
