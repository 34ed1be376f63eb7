"""What a re-run would do, told before it is confirmed.

Floor 5, a door; values to words.
"""

from dataclasses import dataclass

from actions import executions
from actions.models import Execution
from actions.states import Effect, ExecutionStatus
from actions.templatetags.look import promise


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """One line of what will execute, why, and what goes along with it."""

    version_number: int
    version_words: str
    because: str
    effect: str
    effect_words: str
    downstream_words: str
    caution: str


def preview_of(execution: Execution) -> Preview:
    """What re-running an ended execution would do now."""
    current = execution.action.current or execution.version
    downstream = executions.downstream_of_rerun(execution)
    return Preview(
        version_number=current.number,
        version_words=_version_words(execution.version.number, current.number),
        because=_because(execution),
        effect=current.effect,
        effect_words=promise(current.effect, repeatable=current.is_repeatable),
        downstream_words=_downstream_words(downstream, current.effect),
        caution=_caution(execution, current.effect),
    )


def _version_words(old: int, new: int) -> str:
    if old == new:
        return f"v{new}, the same as the first time"
    return f"v{new}, the current one; the first time it was v{old}"


def _because(execution: Execution) -> str:
    error = execution.error or {}
    match execution.status:
        case ExecutionStatus.FAILED if error.get("outcome") == "unknown":
            return "It failed, and nobody knows whether it had its effect"
        case ExecutionStatus.FAILED:
            return "It failed and left nothing behind"
        case ExecutionStatus.CANCELLED:
            return "It was stopped before it succeeded"
    return "It succeeded, and you want it done again"


def _downstream_words(downstream: executions.Downstream, effect: str) -> str:
    if effect != Effect.EXTERNAL:
        return ""
    which = "The same key as before" if downstream.choice == "same" else "A new key"
    return f"{which}: {downstream.reason}."


def _caution(execution: Execution, effect: str) -> str:
    if effect == Effect.NONE:
        return ""
    if execution.status == ExecutionStatus.SUCCEEDED:
        return "This has its effect a second time, beside the first."
    if (execution.error or {}).get("outcome") == "unknown":
        return "If the first one did have its effect, this may have it a second time."
    return ""
