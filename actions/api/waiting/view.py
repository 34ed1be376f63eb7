"""Views that may wait: the REST framework in a thread before and after, nothing in between. Floor 5.

The server calls an async function. It lets the view do its work and, where the answer is not
there yet, awaits the hub and then lets the view answer from the row as it is by then.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from rest_framework.response import Response

from actions.api import patience
from actions.api.door import Door
from actions.api.patience import Patience
from actions.api.threads import in_request_thread, let_thread_go, plain, posing_as
from actions.api.waiting.hub import Hub, hub_of_this_loop

AsyncView = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


class Awaited(Protocol):
    """A row that somebody may wait for: an execution, or what is composed of them."""

    @property
    def pk(self) -> Any:
        """The id by which its end is told."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing is left to wait for."""


Row = TypeVar("Row", bound=Awaited)


class WaitingDoor(Door, Generic[Row]):
    """A view that answers with one row, and waits for its end if the caller wishes.

    Its methods return `self.answer_with(…)`; `answer` renders a row, whenever that is. What kind of
    row it is, and how that is read, is for those below.
    """

    default_wait: ClassVar[float] = 0
    parameters: ClassVar[frozenset[str]] = frozenset({"wait"})

    patience: Patience = patience.NONE
    waits_for: UUID | None = None
    is_replay = False

    def take_in(self, request: Any) -> None:
        """Read how long the caller wishes to wait."""
        super().take_in(request)
        self.patience = patience.read(
            prefer=request.headers.get("Prefer", ""),
            query=request.query_params.get("wait"),
            default=self.default_wait,
            longest=settings.ACTIONSITE_WAIT_MAX_SECONDS,
        )

    def answer_with(self, row: Row, *, is_replay: bool = False, is_new: bool = False) -> Response:
        """Answer with that row: now if the caller does not wait, else when it has ended.

        It was read, or made, after the wish to wait was noted in it. One that this call has made is
        read again, for the database keeps params in an order and a form of its own.
        """
        self.is_replay = is_replay
        if self.patience.seconds > 0 and not row.has_ended:
            self.waits_for = row.pk
            return Response()
        return self.answer(self.read(row.pk) if is_new else self.completed(row))

    @property
    def waits_until(self) -> datetime | None:
        """Until when the caller waits; None if not at all."""
        seconds = self.patience.seconds
        return timezone.now() + timedelta(seconds=seconds) if seconds > 0 else None

    def expecting(self, row: Row) -> Row:
        """The row as it is once its end will be told, if the caller waits for it."""
        if self.waits_until is None or row.has_ended:
            return row
        self.expect(row.pk, until=self.waits_until)
        return self.read(row.pk)

    def expect(self, identity: UUID, *, until: datetime) -> None:
        """Note that somebody waits for the end of that one."""
        raise NotImplementedError

    def read(self, identity: UUID) -> Row:
        """That one as it is now, ready for an answer."""
        raise NotImplementedError

    def completed(self, row: Row) -> Row:
        """The row with all that its answer shows."""
        raise NotImplementedError

    def answer(self, row: Row) -> Response:
        """The row as an answer; told apart by each view."""
        raise NotImplementedError


@dataclass(kw_only=True)
class Call:
    """One request on its way through a waiting view; its methods run in the request's thread."""

    view: WaitingDoor[Any]
    request: HttpRequest
    captured: dict[str, str]

    def begin(self) -> HttpResponseBase | None:
        """Let the view do its work; None if the answer is still to be waited for."""
        self.view.setup(self.request, **self.captured)
        response = self.view.dispatch(self.request, **self.captured)
        return plain(response) if self.view.waits_for is None else None

    def look(self) -> HttpResponseBase | None:
        """The answer if that has ended, else None."""
        return self._answered(must_have_ended=True)

    def finish(self) -> HttpResponseBase | None:
        """The answer, however far it has come."""
        return self._answered(must_have_ended=False)

    def refuse_to_wait(self) -> HttpResponseBase | None:
        """The answer without the wait that was wished for."""
        self.view.patience = patience.NONE
        return self.finish()

    def _answered(self, *, must_have_ended: bool) -> HttpResponseBase | None:
        assert self.view.waits_for is not None  # noqa: S101  # else `begin` has answered
        try:
            row = self.view.read(self.view.waits_for)
            if must_have_ended and not row.has_ended:
                return None
            response = self.view.answer(row)
        except OperationalError as unreachable:
            response = self.view.handle_exception(unreachable)
        return plain(self.view.finalize_response(self.view.request, response))


def waiting_view(view_class: type[WaitingDoor[Any]]) -> AsyncView:
    """What the address of a waiting view leads to."""

    async def answer(request: HttpRequest, **captured: str) -> HttpResponseBase:
        began = time.monotonic()
        call = Call(view=view_class(), request=request, captured=captured)
        response = await in_request_thread(call.begin)
        if response is None:
            response = await _answer_in_time(call, hub_of_this_loop(), began=began)
        assert response is not None  # noqa: S101  # only `begin` and `look` may have none
        return response

    return posing_as(view_class, answer)


async def _answer_in_time(call: Call, hub: Hub, *, began: float) -> HttpResponseBase | None:
    assert call.view.waits_for is not None  # noqa: S101  # else `begin` has answered
    until = began + call.view.patience.seconds
    if hub.is_full:
        return await in_request_thread(call.refuse_to_wait)
    with hub.place(call.view.waits_for) as told:
        if not hub.has_listened_since(began):
            # It may have ended before anybody listened.
            await hub.begun()
            response = await in_request_thread(call.look)
            if response is not None:
                return response
        if not told.done():
            let_thread_go()
        await asyncio.wait({told}, timeout=max(until - time.monotonic(), 0))
    return await in_request_thread(call.finish)
