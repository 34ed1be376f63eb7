"""Expressions: small pieces of CEL (Common Expression Language) over plain JSON.

Floor 1, pure. `compiled` checks one expression, `template` a JSON document with `${{ … }}` in its
texts; what comes back is evaluated as often as one likes. The variables are the caller's to name.
Nothing here reaches Python, the clock or the network, and everything is bounded (ADR 11).
"""

from actions.expressions.cel import WORDS, Expression, check, compiled
from actions.expressions.entering import entered
from actions.expressions.faults import ExpressionFailed, ExpressionInvalid, TemplateInvalid
from actions.expressions.limits import MAX_RESULT_BYTES, MAX_SOURCE, code_of, loop_variables
from actions.expressions.templates import (
    MAX_EXPRESSIONS,
    Embedded,
    Template,
    embedded,
    is_template,
    template,
)

__all__ = [
    "MAX_EXPRESSIONS",
    "MAX_RESULT_BYTES",
    "MAX_SOURCE",
    "WORDS",
    "Embedded",
    "Expression",
    "ExpressionFailed",
    "ExpressionInvalid",
    "Template",
    "TemplateInvalid",
    "check",
    "code_of",
    "compiled",
    "embedded",
    "entered",
    "is_template",
    "loop_variables",
    "template",
]
