"""JSON Schema (2020-12) of an action's params and result: from its signature, or given.

Floor 1, pure. `params_schema` and `result_schema` read a signature, `check` refuses a schema that
could mislead or harm, `check_marks` one whose marks of secrets hide nothing, `violations` tests a value in plain words, `arguments` and `encoder` carry
values between JSON and Python.
"""

from actions.schema.checking import MAX_SCHEMA_BYTES, SchemaInvalid, check, check_marks
from actions.schema.defaults import with_defaults
from actions.schema.signature import params_schema, result_schema
from actions.schema.validation import MAX_PROBLEMS, violations
from actions.schema.values import ArgumentsInvalid, ResultInvalid, arguments, encoder

__all__ = [
    "MAX_PROBLEMS",
    "MAX_SCHEMA_BYTES",
    "ArgumentsInvalid",
    "ResultInvalid",
    "SchemaInvalid",
    "arguments",
    "check",
    "check_marks",
    "encoder",
    "params_schema",
    "result_schema",
    "violations",
    "with_defaults",
]
