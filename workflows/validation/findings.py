"""What is wrong with a definition, or doubtful: at most a hundred things of each kind, and how many more.

Floor 1, pure.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from actions.canonical import pointer_to, told
from actions.errors import DefinitionInvalid, FieldProblem

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]

MAX_PROBLEMS = 100
_MAX_COMPARED = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing at one place of the document: what is wrong, and what to do.

    An error forbids to publish, a warning does not.
    """

    pointer: str
    code: str
    detail: str
    severity: Severity = "error"


class Findings:
    """Problems as they are found; beyond MAX_PROBLEMS of a severity they are only counted."""

    def __init__(self) -> None:
        self._kept: dict[Severity, dict[Problem, None]] = {"error": {}, "warning": {}}
        self._counts: dict[Severity, int] = {"error": 0, "warning": 0}

    def error(self, at: Path | str, code: str, detail: str) -> None:
        """Keep an error, at a path or a pointer."""
        self._keep(Problem(pointer=_pointer(at), code=code, detail=detail))

    def warn(self, at: Path | str, code: str, detail: str) -> None:
        """Keep a warning."""
        self._keep(Problem(pointer=_pointer(at), code=code, detail=detail, severity="warning"))

    def take(self, problems: Iterable[FieldProblem]) -> None:
        """Keep as errors what another room has found."""
        for one in problems:
            self.error(one.pointer, one.code, one.detail)

    @property
    def has_room(self) -> bool:
        """Whether further errors are told; looking for words for others is for nothing."""
        return len(self._kept["error"]) < MAX_PROBLEMS

    def hint(self, name: str, known: Collection[str]) -> str:
        """What may have been meant, as a further sentence; empty if nothing is close."""
        if not self.has_room or len(known) > _MAX_COMPARED:
            return ""
        close = get_close_matches(name, known, n=1, cutoff=0.7)
        return f" Did you mean {close[0]}?" if close else ""

    def report(self) -> "Report":
        """All that was found, sorted by place, errors first."""
        kept = [
            sorted(problems, key=lambda one: (one.pointer, one.code))
            for problems in self._kept.values()
        ]
        return Report(
            errors=tuple(kept[0]),
            warnings=tuple(kept[1]),
            more_errors=self._counts["error"] - len(kept[0]),
            more_warnings=self._counts["warning"] - len(kept[1]),
        )

    def _keep(self, problem: Problem) -> None:
        kept = self._kept[problem.severity]
        if problem in kept:
            return
        self._counts[problem.severity] += 1
        if len(kept) < MAX_PROBLEMS:
            kept[problem] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a validation has found, and how much more there is of each than is told."""

    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    more_errors: int = 0
    more_warnings: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors, then warnings."""
        return self.errors + self.warnings

    def refuse(self) -> None:
        """Raise DefinitionInvalid with the errors, if there are any."""
        if not self.errors:
            return
        told_of = [
            FieldProblem(pointer=one.pointer, code=one.code, detail=one.detail)
            for one in self.errors
        ]
        count = len(told_of) - 1 + self.more_errors
        more = f" ({count:,} more)" if count else ""
        detail = f"The definition is refused. {told(told_of[0])}{more}"
        if self.more_errors:
            detail += f" Of {count + 1:,} errors the first {len(told_of)} are listed."
        raise DefinitionInvalid(detail, errors=told_of)


def _pointer(at: Path | str) -> str:
    return at if isinstance(at, str) else pointer_to(at)
