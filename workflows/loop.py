"""The other lane of a worker: coroutines, many at a time. Floor 5.

A thread with an event loop and a database connection of its own. It claims as many as it has room
for, awaits them side by side and settles whichever have ended; a long plain action in the main
thread keeps nobody here waiting.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connections

from actions.executions import workers
from actions.executions.attempts import run_on_loop
from actions.executions.bench import Bench, Live
from actions.executions.concurrent import settle_and_claim
from actions.executions.patience import until_reachable
from actions.executions.settle import Ending
from actions.states import AttemptOutcome
from workflows import leaving, pulse
from workflows.bell import Bell
from workflows.health import THREADS_OF_COROUTINES

T = TypeVar("T")

_INTERRUPTED = (AttemptOutcome.TIMED_OUT, AttemptOutcome.CANCELLED)
# What is due and still was not claimed is being claimed by somebody else: look again soon.
LOOK_AGAIN_SECONDS = 0.02


class LoopLane(threading.Thread):
    """Runs coroutines until the shift is over, then those that it has begun to their end."""

    def __init__(
        self,
        bench: Bench,
        *,
        actions: tuple[str, ...],
        is_over: Callable[[], bool],
        check: Callable[..., None],
    ) -> None:
        super().__init__(name="loop", daemon=True)
        lane = replace(bench.claimant, actions=actions, is_concurrent=True)
        self._bench = replace(bench, claimant=lane)
        self._is_over = is_over
        self._check = check
        self._room = settings.ACTIONSITE_CONCURRENCY
        self._under_way: dict[asyncio.Task[Ending], Live] = {}
        self._is_open = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._nudged = asyncio.Event()
        self._threads = _threads()
        self._is_done = threading.Event()

    def leave(self) -> None:
        """Take nothing more, and wait until everything that was begun has been settled.

        What was abandoned may go on in its thread; it ends with the process.
        """
        self._nudge()
        while self.ident is not None and not self._is_done.wait(1.0):
            pulse.mine().turn()

    def stop(self, identity: UUID) -> None:
        """Interrupt a coroutine, from another thread."""
        self._on_loop(lambda: self._cancel(identity))

    def abandon(self, identity: UUID) -> None:
        """Interrupt a coroutine and wait for it no more, from another thread."""
        self._on_loop(lambda: self._forget(identity))

    def answers(self, seconds: float) -> bool:
        """Whether the loop goes round within so many seconds."""
        went_round = threading.Event()
        self._on_loop(went_round.set)
        return self._loop is None or went_round.wait(seconds)

    def at_work(self) -> UUID | None:
        """Which coroutine has the loop right now, seen from another thread."""
        task = asyncio.current_task(self._loop) if self._loop is not None else None
        ready = self._under_way.get(task) if task is not None else None
        return ready.claim.id if ready is not None else None

    def _nudge(self) -> None:
        self._on_loop(self._nudged.set)

    def _on_loop(self, call: Callable[[], object]) -> None:
        if self._loop is not None and self.is_alive():
            self._loop.call_soon_threadsafe(call)

    def _cancel(self, identity: UUID) -> None:
        for task, ready in self._under_way.items():
            if ready.claim.id == identity:
                task.cancel()

    def _forget(self, identity: UUID) -> None:
        self._cancel(identity)
        kept = [one for one in self._under_way.items() if one[1].claim.id != identity]
        self._under_way = dict(kept)
        self._bench.running.pop(identity, None)
        self._nudged.set()

    def run(self) -> None:
        """Work until the shift is over."""
        try:
            asyncio.run(self._work())
        finally:
            if not self._is_done.is_set():
                leaving.at_once("The lane of coroutines", bench=self._bench)

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        # A coroutine that replaces the clock must not stop everybody's.
        self._loop.time = monotonic  # type: ignore[method-assign]
        self._loop.set_default_executor(self._threads)
        bell = Bell(self._bench.claimant)
        with ThreadPoolExecutor(1, thread_name_prefix="loop-database") as database:
            await self._take_turns(bell, database)
            database.submit(connections.close_all)
        bell.close()
        pulse.mine().end_loop()
        self._is_done.set()

    async def _take_turns(self, bell: Bell, database: ThreadPoolExecutor) -> None:
        """Settle what has ended, claim into the room that is left, wait for either.

        Whenever there is room again the lane says so and then looks once more: a submission that
        saw no open lane is found by that look, and a later one rings the bell.
        """
        ended: list[Ending] = []
        while not self._is_over() or self._under_way or ended:
            self._begin(await _in(database, partial(self._settle_and_claim, ended)))
            ended = []
            self._show()
            if self._is_open != (self._room_left > 0):
                await _in(database, self._turn_sign)
                continue
            ended = await self._next(bell, database)

    @property
    def _room_left(self) -> int:
        return 0 if self._is_over() else self._room - len(self._under_way)

    def _settle_and_claim(self, ended: list[Ending]) -> list[Live]:
        return settle_and_claim(
            ended,
            bench=self._bench,
            room=self._room_left,
            under_way={ready.claim.id for ready in self._under_way.values()},
        )

    def _show(self) -> None:
        """Say until when the first one may run."""
        deadlines = [ready.deadline for ready in self._under_way.values()]
        pulse.mine().note_loop_deadline(min(deadlines, default=None))

    def _begin(self, group: list[Live]) -> None:
        for ready in group:
            task = asyncio.create_task(run_on_loop(ready, bench=self._bench))
            self._under_way[task] = ready

    async def _next(self, bell: Bell, database: ThreadPoolExecutor) -> list[Ending]:
        """Wait until something has ended, the bell has rung or the time is up."""
        seconds = await _in(database, self._seconds_to_wait)
        rung = asyncio.create_task(_rung(bell, seconds))
        nudged = asyncio.create_task(self._nudged.wait())
        await asyncio.wait({*self._under_way, rung, nudged}, return_when=asyncio.FIRST_COMPLETED)
        for task in (rung, nudged):
            task.cancel()
        await asyncio.gather(rung, nudged, return_exceptions=True)
        self._nudged.clear()
        done = {task: ready for task, ready in self._under_way.items() if task.done()}
        for ended in done:
            del self._under_way[ended]
        if any(task.result().settlement.outcome in _INTERRUPTED for task in done):
            self._renew_threads()
        if done:
            self._check(after={ready.claim.action for ready in done.values()})
        return [ended.result() for ended in done]

    def _renew_threads(self) -> None:
        """Give `asyncio.to_thread` new threads: those of an interrupted coroutine may never end."""
        assert self._loop is not None  # noqa: S101  # only the loop calls this
        old, self._threads = self._threads, _threads()
        self._loop.set_default_executor(self._threads)
        old.shutdown(wait=False)

    def _turn_sign(self) -> None:
        """Say whether there is room, so that a submitter knows whom to wake."""
        lane = self._bench.claimant
        until_reachable(
            lambda: workers.loop_busy(lane.worker_id) if self._is_open else workers.idle(lane),
            may_wait=self._bench.may_wait,
        )
        self._is_open = not self._is_open

    def _seconds_to_wait(self) -> float:
        poll: float = settings.ACTIONSITE_POLL_SECONDS
        if self._room_left <= 0:
            return poll
        due = until_reachable(
            lambda: workers.seconds_to_next_due(self._bench.claimant),
            may_wait=self._bench.may_wait,
        )
        return poll if due is None else min(max(due, LOOK_AGAIN_SECONDS), poll)


def _threads() -> ThreadPoolExecutor:
    """What coroutines run their blocking calls in."""
    return ThreadPoolExecutor(thread_name_prefix=THREADS_OF_COROUTINES)


async def _in(database: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    """Call something in the lane's one database thread."""
    return await asyncio.get_running_loop().run_in_executor(database, call)


async def _rung(bell: Bell, seconds: float) -> None:
    """Return when the bell rings or the time is up."""
    loop, fileno, rang = asyncio.get_running_loop(), bell.fileno, asyncio.Event()
    if fileno is not None:
        loop.add_reader(fileno, rang.set)
    try:
        async with asyncio.timeout(seconds):
            await rang.wait()
            bell.silence()
    except TimeoutError:
        return
    finally:
        if fileno is not None:
            loop.remove_reader(fileno)
