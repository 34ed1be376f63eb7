"""Actions that are made of fields instead of code: an HTTP call, an e-mail.

Floor 1, pure. `parse` turns a document into a definition or says everything that is wrong with it;
SCHEMA and EXAMPLES describe the document; `load` and `dump` carry documents as YAML. What runs a
definition is in the executor.
"""

from actions.declarative.definitions import (
    Definition,
    EmailDefinition,
    HttpDefinition,
    Secret,
)
from actions.declarative.document import EXAMPLES, SCHEMA
from actions.declarative.parsing import parse
from actions.declarative.yaml import MAX_YAML_BYTES, dump, load, values, written

__all__ = [
    "EXAMPLES",
    "MAX_YAML_BYTES",
    "SCHEMA",
    "Definition",
    "EmailDefinition",
    "HttpDefinition",
    "Secret",
    "dump",
    "load",
    "parse",
    "values",
    "written",
]
