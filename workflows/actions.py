"""What the engine itself asks for: internal actions, which run like all others.

Floor 5, found by the catalogue. Nobody else may ask for them, and no list shows them.
"""

from actions import Context, action, ids


@action("actionsite.wait", effect="none")
def wait(ctx: Context) -> None:
    """Let the time of a step pass: it is due when the wait is over."""


@action(
    "actionsite.admit",
    effect="transactional",
    retry={"max_attempts": 20, "max_delay_seconds": 30},
    concurrency={"limit": 1, "per": ["workflow", "key"]},
)
def admit(ctx: Context, *, workflow: str, key: str) -> None:
    """Let queued runs of a workflow begin as far as their concurrency key has places."""
    from workflows import runs  # noqa: PLC0415  # actions are found before models are

    runs.admit(workflow=workflow, key=key)


@action("actionsite.unblock", effect="transactional", retry={"max_attempts": 20})
def unblock(ctx: Context, *, action: str) -> None:
    """Begin the steps that have waited for an action, which can be executed now."""
    from workflows import runs  # noqa: PLC0415  # actions are found before models are

    runs.unblock(action=action)


@action("actionsite.deadline", effect="transactional")
def deadline(ctx: Context, *, run: str, step: str | None = None, generation: int = 0) -> None:
    """End a step, or a whole run, whose time is up."""
    from workflows import runs  # noqa: PLC0415  # actions are found before models are

    runs.time_out(run_id=ids.parse(ids.PREFIX_RUN, run), step=step, generation=generation)


@action("actionsite.bulk-rerun", effect="transactional")
def bulk_rerun(ctx: Context, *, bulk: str) -> None:
    """Begin the next runs of a bulk re-run."""
    from workflows.runs import bulk as many  # noqa: PLC0415  # actions are found before models are

    many.carry_on(ids.parse(ids.PREFIX_BULK, bulk))
