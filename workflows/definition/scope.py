"""Which variables an expression sees, by where it stands.

Floor 1, pure. `params` are those of the run, with the defaults of their schema; `steps.<name>` has
`result`, `error` and `status`; `run` has `id`, `started_at` and `attempt`.
"""

RUN_STARTS = ("params",)
STEP = ("params", "steps", "run")
ELEMENT = (*STEP, "item", "index")
FAILED = (*STEP, "error")

STEP_MEMBERS = ("result", "error", "status")
RUN_MEMBERS = ("id", "started_at", "attempt")
ERROR_MEMBERS = ("step", "attempt", "code", "message")
