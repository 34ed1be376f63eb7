"""Actions that only compute, one of each way to end, for requests that nobody has thought of."""

from typing import Annotated, Literal

from pydantic import Field

from actions import Context, Final, action


@action("tiny-add", effect="none", key_retention="forever")
def add(ctx: Context, *, terms: Annotated[list[int], Field(max_length=10)]) -> int:
    """Add up."""
    return sum(terms)


@action("tiny-greet", effect="none", idempotency="required")
async def greet(
    ctx: Context,
    *,
    name: Annotated[str, Field(min_length=1, max_length=50)],
    tone: Literal["warm", "cool"] = "warm",
    password: str | None = None,
) -> dict[str, str]:
    """Say hello; the password is there to be masked."""
    return {"greeting": f"{tone} {name}"}


@action("tiny-refuse", effect="transactional", idempotency="derived")
def refuse(ctx: Context, *, why: dict[str, object]) -> None:
    """Fail for good."""
    raise Final("refused", "As asked.", details={"members": len(why)})
