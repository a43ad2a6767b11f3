"""Runs hand-written autograd code and says which pitfall it fell into, where, and how to mend it."""

from grader.version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from grader.interactive import check as check


def __getattr__(name: str) -> object:
    """``grader.check``, imported when it is asked for: ``import grader`` costs nothing."""
    if name == "check":
        from grader.interactive import check

        return check
    raise AttributeError(f"module 'grader' has no attribute '{name}'")
