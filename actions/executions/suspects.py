"""Executions that keep losing their workers: begun one at a time, beside others if need be.

Floor 4.
"""

from actions.executions.bench import Bench
from actions.executions.claim import Claim, claim_suspect

# So long they wait for a worker where nothing else can be harmed.
_PATIENCE_SECONDS = 5.0


def claim_one(bench: Bench) -> list[Claim]:
    """Claim one of them in the caller's transaction, if one waits and may begin here now."""
    if not bench.suspects_wait or not bench.quarantine.enter():
        return []
    bench.suspects_wait = False
    patience = _PATIENCE_SECONDS if bench.running else 0.0
    claimed = claim_suspect(bench.claimant, patience=patience, longest=_PATIENCE_SECONDS)
    if not claimed:
        bench.quarantine.leave()
    return claimed
