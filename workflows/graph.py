"""Which step comes before which: successors, counts, an order, circles, ancestors.

Floor 1, pure. Everything here goes round in loops and never into itself, so that a chain of ten
thousand steps is no deeper than one of two. Names that no step has are passed over.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from workflows.definition import Definition


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """The steps of a workflow as a graph.

    `before` and `successors` have every step, in the order of the document; `order` has those that
    stand on no circle and behind none, each after all that it waits for, else as in the document.
    """

    before: Mapping[str, tuple[str, ...]]
    successors: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]

    @property
    def waiting_counts(self) -> dict[str, int]:
        """How many steps each waits for."""
        return {name: len(before) for name, before in self.before.items()}

    @property
    def first(self) -> tuple[str, ...]:
        """The steps that wait for nothing."""
        return tuple(name for name, before in self.before.items() if not before)

    def circle(self) -> tuple[str, ...]:
        """The steps of one circle, each waiting for the one before; empty if there is none.

        The first is the one that comes first in the document.
        """
        stuck = self.before.keys() - set(self.order)
        current = next((name for name in self.before if name in stuck), None)
        path: dict[str, None] = {}
        while current is not None and current not in path:
            path[current] = None
            # Whoever is stuck waits for somebody who is stuck too.
            current = next(name for name in self.before[current] if name in stuck)
        if current is None:
            return ()
        members = list(path)
        circle = members[members.index(current) :][::-1]
        places = {name: place for place, name in enumerate(self.before)}
        begin = circle.index(min(circle, key=places.__getitem__))
        return tuple(circle[begin:] + circle[:begin])

    def ancestors(self, name: str) -> set[str]:
        """All that a step waits for, at any distance."""
        return _reached(self.before, self.before.get(name, ()))

    def descendants(self, name: str) -> set[str]:
        """All that waits for a step, at any distance."""
        return _reached(self.successors, self.successors.get(name, ()))


class Ancestry:
    """Tells of any two steps whether one stands before the other, without a walk for each question.

    `impatient` are the steps that wait only for the first of those before them.
    """

    def __init__(self, of: Graph, *, impatient: Collection[str] = ()) -> None:
        self._places = {name: place for place, name in enumerate(of.order)}
        # A bit for each step: to join the ancestors of two is one operation.
        self._before: dict[str, int] = {}
        self._ended: dict[str, int] = {}
        for name in of.order:
            bits = [1 << self._places[one] for one in of.before[name]]
            before = [self._before[one] for one in of.before[name]]
            self._before[name] = reduce(or_, before + bits, 0)
            ended = [self._ended[one] | 1 << self._places[one] for one in of.before[name]]
            self._ended[name] = reduce(and_ if name in impatient else or_, ended) if ended else 0

    def is_before(self, earlier: str, later: str) -> bool:
        """Whether a way leads from one to the other; also true where a circle leaves it open."""
        return self._has(self._before, earlier, later)

    def has_ended(self, earlier: str, later: str) -> bool:
        """Whether a step has ended, or was skipped, whenever the other begins."""
        return self._has(self._ended, earlier, later)

    def _has(self, bits: Mapping[str, int], earlier: str, later: str) -> bool:
        if earlier not in self._places or later not in self._places:
            return True
        return bool(bits[later] >> self._places[earlier] & 1)


def graph_of(definition: Definition) -> Graph:
    """The graph of a definition."""
    return graph({name: step.after for name, step in definition.steps.items()})


def graph(after: Mapping[str, Iterable[str]]) -> Graph:
    """The graph of steps by what each waits for."""
    before = {
        name: tuple(one for one in dict.fromkeys(waits) if one in after)
        for name, waits in after.items()
    }
    successors: dict[str, list[str]] = {name: [] for name in after}
    for name, waits in before.items():
        for one in waits:
            successors[one].append(name)
    following = {name: tuple(names) for name, names in successors.items()}
    return Graph(before=before, successors=following, order=_ordered(before, following))


def _ordered(
    before: Mapping[str, tuple[str, ...]], successors: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    counts = {name: len(waits) for name, waits in before.items()}
    ready = deque(name for name, count in counts.items() if count == 0)
    order = []
    while ready:
        name = ready.popleft()
        order.append(name)
        for follower in successors[name]:
            counts[follower] -= 1
            if counts[follower] == 0:
                ready.append(follower)
    return tuple(order)


def _reached(edges: Mapping[str, tuple[str, ...]], begin: Iterable[str]) -> set[str]:
    found: set[str] = set()
    pending = list(begin)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += edges[name]
    return found
