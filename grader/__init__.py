"""Runs hand-written autograd code and says which pitfall it fell into, where, and how to mend it."""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from grader.interactive import check as check


def __getattr__(name: str) -> object:
    """``grader.check``, imported when it is asked for: ``import grader`` costs nothing."""
    if name == "check":
        from grader.interactive import check

        return check
    raise AttributeError(f"module 'grader' has no attribute '{name}'")
