"""What the properties of the pure rooms are tried with: made-up JSON, and how often."""

from hypothesis import settings
from hypothesis import strategies as st


def shortly(value: object) -> str | None:
    """A name for one row of a table whose values would make an endless one."""
    if isinstance(value, int) and abs(value) > 10**18:
        return "huge"
    return ascii(value[:30]) if isinstance(value, str | bytes) and len(value) > 60 else None


# No deadline: the machine that runs the suite may be busy with the rest of it.
often = settings(deadline=None, max_examples=100)

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**308), max_value=10**308)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)
