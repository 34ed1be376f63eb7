"""Keeps the children of `up` alive, and ends them in order. Floor: the site.

Children are started in the order given and ended in the reverse order, one rank after another:
PostgreSQL first and last. What dies is started again, a little later each time; what dies too
often stops the whole, with a reason.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actionsite.supervise.child import Child
from actionsite.supervise.signals import Signals

LOOK_EVERY_SECONDS = 0.5
LOOK_EVERY_SECONDS_AT_FIRST = 0.05
READY_WITHIN_SECONDS = 120.0

Say = Callable[[str], None]


class Hopeless(Exception):
    """`up` cannot go on; the message says why."""


@dataclass(kw_only=True, slots=True)
class Supervisor:
    """Watches `ranks` of children; `grace` is the seconds that a rank gets to leave."""

    ranks: Sequence[Sequence[Child]]
    grace: float
    say: Say
    signals: Signals

    @property
    def children(self) -> list[Child]:
        """All of them, in the order of starting."""
        return [child for rank in self.ranks for child in rank]

    def start(self) -> None:
        """Start all that do not wait for the others."""
        for child in self.children:
            if not child.starts_late:
                child.start()

    def watch(self, *, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Keep all alive until a signal says stop; raise Hopeless if that cannot be done."""
        begun = time.monotonic()
        has_been_ready = False
        while not self.signals.stop_count:
            self._look_after(time.monotonic())
            if not has_been_ready and is_ready():
                has_been_ready = True
                when_ready()
                self._start_the_late()
            if not has_been_ready and time.monotonic() - begun > READY_WITHIN_SECONDS:
                raise Hopeless(f"It was not ready within {READY_WITHIN_SECONDS:g} s.")
            self.signals.wait(LOOK_EVERY_SECONDS if has_been_ready else LOOK_EVERY_SECONDS_AT_FIRST)

    def stop(self) -> None:
        """End all, the last rank first; a second signal to stop ends the waiting."""
        for rank in reversed(self.ranks):
            for child in rank:
                child.ask_to_stop()
            deadline = time.monotonic() + self.grace
            while any(child.is_running for child in rank) and self._may_wait(deadline):
                self.signals.wait(LOOK_EVERY_SECONDS)
            for child in rank:
                self._kill(child)

    def _may_wait(self, deadline: float) -> bool:
        return time.monotonic() < deadline and self.signals.stop_count < 2

    def _kill(self, child: Child) -> None:
        if child.is_running:
            self.say(f"{child.name} did not leave in time and is killed.")
            child.kill()

    def _look_after(self, now: float) -> None:
        for child in self.children:
            ending = child.bury(now)
            if ending is not None:
                self._mourn(child, ending, now)
            if child.deaths and not child.runs_once and now >= child.restart_at:
                child.start()

    def _start_the_late(self) -> None:
        for child in self.children:
            if child.starts_late:
                child.start()

    def _mourn(self, child: Child, ending: str, now: float) -> None:
        words = child.last_words()
        self.say(f"{child.name} {ending}. The end of {child.log}:\n{words}")
        if child.is_hopeless:
            raise Hopeless(
                f"{child.name} died {len(child.deaths)} times within a minute; "
                f"correct what {child.log} says, then start again."
            )
        if not child.runs_once:
            self.say(f"{child.name} starts again in {child.restart_at - now:.2g} s.")
