"""What a lane of a worker has at hand while it works.

Floor 4.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from uuid import UUID

from django.conf import settings

from actions import executor, masking, registry, vault
from actions.context import ActionLog, Context, DatabaseClock
from actions.errors import ActionFailure, Final, VaultLocked
from actions.executions import params, terms
from actions.executions.claim import Claim, Claimant
from actions.executions.hand import Hand
from actions.executions.settle import Ending
from actions.executor.secrets import SecretReader
from actions.jsontypes import JSONObject
from actions.quickness import Quickness
from actions.states import Effect


def _always() -> bool:
    return True


def _nobody(deadline: float | None) -> None:
    return None


@dataclass(kw_only=True, slots=True)
class Live:
    """A body that is running, for the heartbeat to look at; times are of the monotonic clock."""

    claim: Claim
    body: executor.Body
    is_concurrent: bool = False
    began_at: float = field(default_factory=monotonic)
    # When the heartbeat saw that somebody has asked to cancel it.
    asked_at: float | None = None

    @property
    def deadline(self) -> float:
        """When its time is up."""
        return self.began_at + self.body.timeout_seconds


class Quarantine:
    """A while in which a worker begins one execution and nothing beside it."""

    SECONDS = 2.0

    def __init__(self) -> None:
        self._until = 0.0
        self._entering = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether somebody has begun just now what may end this process."""
        return monotonic() < self._until

    def enter(self) -> bool:
        """Begin the while; false if it has begun already."""
        with self._entering:
            if self.is_on:
                return False
            self._until = monotonic() + self.SECONDS
            return True

    def leave(self) -> None:
        """End it, since there was nothing to begin."""
        self._until = 0.0


class Threshold:
    """Where attempts begin. Once it is shut none does, so that who waits before it can go back."""

    def __init__(self) -> None:
        self._passage = threading.RLock()
        self._before: set[UUID] = set()

    @property
    def before(self) -> set[UUID]:
        """Executions that are claimed and known not to have begun."""
        return self._before.copy()

    def approach(self, identities: Iterable[UUID]) -> None:
        """These are claimed, made ready, and begin when it is their turn."""
        self._before.update(identities)

    def cross(self, identity: UUID) -> None:
        """Begin this one; where it is shut, wait for the end of the process."""
        self._before.add(identity)
        with self._passage:
            self._before.discard(identity)

    def shut(self) -> None:
        """Let nobody across any more; for a worker that ends, or that reopens it at once."""
        self._passage.acquire()

    def reopen(self) -> None:
        """Let them across again, since the process goes on; by the thread that has shut it."""
        self._passage.release()


@dataclass(kw_only=True, slots=True)
class Bench:
    """Who the worker is, what it has learnt about its actions, and what it is running.

    `running` is shared with the heartbeat's thread, which passes cancel requests on and stores
    what the bodies have written so far.
    """

    claimant: Claimant
    quickness: Quickness = field(default_factory=Quickness)
    running: dict[UUID, Live] = field(default_factory=dict)
    # How attempts end that took their transaction down with them: settled in the next one.
    decided: dict[UUID, Ending] = field(default_factory=dict)
    # Those that are run by themselves after their transaction failed, and how often they were.
    suspects: dict[UUID, int] = field(default_factory=dict)
    # The last claim saw that more is due than it took: the next one goes with the settlement. Else
    # nobody's result waits for a look that would find nothing.
    more_wait: bool = True
    # Something waits for this lane that keeps losing its workers; both lanes share the quarantine.
    suspects_wait: bool = False
    quarantine: Quarantine = field(default_factory=Quarantine)
    # One for both lanes.
    threshold: Threshold = field(default_factory=Threshold)
    # Of the main lane.
    hand: Hand = field(default_factory=Hand)
    # Tells the supervisor until when the body that runs now may run; None if none does.
    note_deadline: Callable[[float | None], None] = _nobody
    read_secret: vault.Reader = field(default_factory=vault.Reader)
    # Whether to wait for a database that is out of reach: no longer than the lease may be ours.
    may_wait: Callable[[], bool] = _always

    def effect_of(self, claim: Claim) -> Effect:
        """What the claimed version does to the world."""
        return Effect(terms.version(claim.version_id).effect)

    def seconds_of(self, claim: Claim) -> float:
        """How long one attempt may take."""
        return terms.timeout_of(claim) or settings.ACTIONSITE_DEFAULT_TIMEOUT_SECONDS

    def body_of(self, claim: Claim) -> executor.Body:
        """The call that the claimed attempt stands for."""
        spec = terms.declared(claim.version_id) or registry.get(claim.action)
        if spec is None:
            raise LookupError(f"This worker has no code for {claim.action}.")
        secrets = SecretReader(partial(self.read_secret, action=claim.action))
        given, obstacle = self._given(claim, secrets)
        return executor.Body(
            spec=spec,
            params=given,
            obstacle=obstacle,
            secrets=secrets,
            result_schema=terms.version(claim.version_id).result_schema,
            timeout_seconds=self.seconds_of(claim),
            max_result_bytes=settings.ACTIONSITE_MAX_RESULT_BYTES,
            context=Context(
                execution_id=claim.shown_id,
                attempt=claim.attempt,
                idempotency_key=claim.downstream_key,
                trace_id=claim.trace_id,
                log=ActionLog(DatabaseClock(claim.started_at)),
                read_secret=secrets,
            ),
        )

    def _given(
        self, claim: Claim, secrets: SecretReader
    ) -> tuple[JSONObject, ActionFailure | None]:
        """The params that the body gets, and why it cannot begin if a secret cannot be read."""
        version = terms.version(claim.version_id)
        try:
            parts = vault.unsealed_parts(
                claim.params_sealed, of=vault.PARAMS, execution_id=claim.id
            )
            # Whatever today's schema marks: what was sealed is told to nobody.
            secrets.values += masking.texts_of(parts)
            whole = masking.filled(claim.params, parts) if parts else claim.params
            if claim.may_refer:
                whole = params.resolved(whole, version=version, read_secret=secrets)
            return whole, None
        except VaultLocked as locked:
            return claim.params, Final("vault_locked", locked.detail)
        except Final as missing:
            return claim.params, missing
