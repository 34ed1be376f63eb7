"""Judging expressions: whether they hold together, and whether what they name is there.

Floor 1, pure. The library is asked once for expressions that differ only in names of steps, and
not at all for bare paths.
"""

from dataclasses import dataclass

from actions import expressions
from actions.expressions import ExpressionFailed, ExpressionInvalid
from workflows.definition import Definition, scope
from workflows.graph import Ancestry
from workflows.validation.findings import Findings, Path
from workflows.validation.mentions import Mention, mentions_of
from workflows.validation.scopes import Scope, Shapes
from workflows.validation.shapes import ANYTHING, Shape, in_words, shape_of

_MAX_NAMES = 10
# To ask about so many takes the library a second.
MAX_UNLIKE_CHARACTERS = 262_144
# So many constants, without calls and loops, are worked out to see their types.
MAX_CONSTANTS = 500
_EXPOSED = (
    "{what} is secret, or holds something secret; it may only go, whole and by itself, into a param "
    "that is marked secret."
)


class _Lost(ValueError):
    """A mention that leads nowhere: the code and the words for it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an expression stands; `takes_secret` if what it hands on whole may be secret."""

    at: Path
    scope: Scope
    takes_secret: bool = False


class Uses:
    """Judges the expressions of one definition; `unread` are names of steps that are not in it."""

    def __init__(
        self,
        definition: Definition,
        shapes: Shapes,
        ancestry: Ancestry,
        *,
        findings: Findings,
        unread: frozenset[str],
    ) -> None:
        self._steps = definition.steps
        self._shapes = shapes
        self._ancestry = ancestry
        self._findings = findings
        self._unread = unread
        self._forms: set[str] = set()
        self._form_length = 0
        self._constants: dict[str, Shape] = {}
        # By the identity of a shape, which is kept beside what it leads to.
        self._led: dict[tuple[int, tuple[str, ...]], tuple[Shape, Shape, bool]] = {}

    def judge(self, source: str, place: Place) -> Shape:
        """Judge one expression; what is known of its value, if it is a bare path or a constant."""
        mentions = mentions_of(source)
        self._check_source(source, mentions.form, place)
        for name in sorted(mentions.shadowed):
            detail = f"A loop calls its variable {name}, like another one; give it another name."
            self._findings.error(place.at, "expression-invalid", detail)
        value = ANYTHING if mentions.found else self._constant(source, place)
        for mention in mentions.found:
            if mention.variable in place.scope.names and not mentions.shadowed:
                found = self._judge_mention(mention, place, source=source)
                value = found if str(mention) == source else ANYTHING
        return value

    def _constant(self, source: str, place: Place) -> Shape:
        """What an expression is that speaks of nothing; what cannot be worked out is an error."""
        is_costly = "(" in source or len(self._constants) >= MAX_CONSTANTS
        if source in self._constants or is_costly:
            return self._constants.get(source, ANYTHING)
        try:
            given = expressions.compiled(source, names=()).evaluate({})
        except ExpressionFailed as failed:
            self._findings.error(place.at, "expression-failed", failed.detail)
        except ExpressionInvalid:
            pass  # that has been said
        else:
            self._constants[source] = shape_of({"const": given})
        return self._constants.get(source, ANYTHING)

    def _check_source(self, source: str, form: str, place: Place) -> None:
        """Ask the library, and where it minds, once more in the words of the author."""
        names = place.scope.names
        if form not in self._forms:
            self._forms.add(form)
            self._form_length += len(form)
        if self._form_length > MAX_UNLIKE_CHARACTERS:
            detail = (
                f"All expressions that differ have more than {MAX_UNLIKE_CHARACTERS:,} characters "
                "together; let some of them become actions, or a workflow of their own."
            )
            self._findings.error("", "too-many-expressions", detail)
            return
        try:
            expressions.check(form, names=names)
        except ExpressionInvalid:
            try:
                expressions.check(source, names=names)
            except ExpressionInvalid as wrong:
                self._findings.error(place.at, "expression-invalid", str(wrong))

    def _judge_mention(self, mention: Mention, place: Place, *, source: str) -> Shape:
        try:
            base, path = self._base(mention, place.scope)
            value, holds_secret = self._lead(base, path, mention)
        except _Lost as lost:
            self._findings.error(place.at, lost.code, lost.detail)
            return ANYTHING
        if holds_secret and not (place.takes_secret and str(mention) == source):
            self._findings.error(place.at, "secret-exposed", _EXPOSED.format(what=mention))
        if mention.variable == "params" and path:
            self._warn_if_absent(base, path[0], place, source=source)
        if mention.variable == "steps":
            self._warn_if_running(mention.path[0], place)
            self._warn_if_without_result(mention, place, source=source)
        return value

    def _base(self, mention: Mention, scope_of: Scope) -> tuple[Shape, tuple[str, ...]]:
        """The value from which a path leads on, and the rest of the path."""
        if mention.variable != "steps":
            return self._shapes.of(mention.variable, scope_of), mention.path
        if len(mention.path) < 2 or mention.path[1] not in scope.STEP_MEMBERS:
            members = ", ".join(f"steps.<name>.{member}" for member in scope.STEP_MEMBERS)
            raise _Lost("reference-unclear", f"{mention} names no value; write one of {members}.")
        name, member, *path = mention.path
        if name in self._unread:
            return ANYTHING, ()
        if name not in self._steps:
            hint = self._findings.hint(name, self._steps)
            raise _Lost("unknown-step", f"There is no step {name}.{hint}")
        if scope_of.step is not None and not self._is_before(name, scope_of):
            raise _Lost(
                "step-not-before",
                f"The step {name} does not come before {scope_of.step}; put it, or one that comes "
                "after it, into its `after`.",
            )
        return self._shapes.of_step(self._steps[name], member), tuple(path)

    def _is_before(self, name: str, scope_of: Scope) -> bool:
        own = scope_of.step or ""
        if name == own:
            return scope_of.is_after
        return self._ancestry.is_before(name, own)

    def _lead(self, base: Shape, path: tuple[str, ...], mention: Mention) -> tuple[Shape, bool]:
        """Where a path leads, and whether anything there is secret; raises _Lost."""
        known = self._led.get((id(base), path))
        if known is None:
            value = _led(base, path, mention)
            known = self._led[id(base), path] = (base, value, value.holds_secret)
        return known[1], known[2]

    def _warn_if_running(self, name: str, place: Place) -> None:
        own = place.scope.step
        if own is None or own == name or self._ancestry.has_ended(name, own):
            return
        detail = (
            f"The step {name} may still run when {own} begins, because a step between them waits "
            "for the first of several only; then it has no result yet."
        )
        self._findings.warn(place.at, "may-be-absent", detail)

    def _warn_if_without_result(self, mention: Mention, place: Place, *, source: str) -> None:
        """A step that may fail, or may not have begun, has no result then: it is null."""
        name, member, *path = mention.path
        if (
            member != "result"
            or name == place.scope.step
            or self._is_asked_first(name, place, source)
        ):
            return
        step = self._steps.get(name)
        if "error" in place.scope.names:
            why = f"The step {name} may be the one that failed, or may not have begun"
        elif step is not None and step.is_optional and path:
            why = f"The step {name} is optional and may have failed"
        else:
            return
        detail = f"{why}; then it has no result. Ask steps.{name}.status first."
        self._findings.warn(place.at, "may-be-absent", detail)

    def _is_asked_first(self, name: str, place: Place, source: str) -> bool:
        """Whether an expression, or the condition of its step, asks how that one has ended."""
        own = self._steps.get(place.scope.step or "")
        told = source + (own.when or "" if own is not None else "")
        result = f"steps.{name}.result"
        asks = (f"steps.{name}.status", f"steps.{name}.error", f"has({result}", f"{result} != null")
        return any(one in told for one in asks) or f"{result} == null" in told

    def _warn_if_absent(self, base: Shape, name: str, place: Place, *, source: str) -> None:
        inner = base.member(name)
        is_sure = name in base.required or inner is None or inner.has_default
        if is_sure or name not in base.names or "has(" in source:
            return
        detail = (
            f"params.{name} may be absent, which is an error there; require it, give it a default, "
            f"or ask has(params.{name}) first."
        )
        self._findings.warn(place.at, "may-be-absent", detail)


def _led(base: Shape, path: tuple[str, ...], mention: Mention) -> Shape:
    value = base
    for depth, name in enumerate(path):
        before = ".".join(
            (mention.variable, *mention.path[: len(mention.path) - len(path) + depth])
        )
        if value.parts and "object" not in value.types:
            kind = in_words(value.types) or "nothing"
            raise _Lost("unknown-member", f"{before} is {kind} and has no {name}.")
        inner = value.member(name)
        if inner is None:
            known = ", ".join(value.names[:_MAX_NAMES]) or "nothing"
            raise _Lost("unknown-member", f"There is no {name} in {before}; it has {known}.")
        value = inner
    return value
