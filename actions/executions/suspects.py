"""Executions that keep losing their workers: begun one at a time, beside others if need be.

Floor 4.
"""

from actions.executions.bench import Bench
from actions.executions.claim import Claim, claim_suspect


def claim_one(bench: Bench) -> list[Claim]:
    """Claim one of them in the caller's transaction, if one waits and may begin here."""
    patience = bench.suspect_patience
    if not bench.suspects_wait or patience is None:
        return []
    bench.suspects_wait = False
    return claim_suspect(bench.claimant, patience=patience)
