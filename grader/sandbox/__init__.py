"""Starts, limits, watches and ends a child. Imports no torch and nothing of the student's."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from grader.sandbox.isolation import Isolation as Isolation
    from grader.sandbox.isolation import Level as Level
    from grader.sandbox.sandbox import Sandbox as Sandbox
    from grader.sandbox.sandbox import Sitting as Sitting
    from grader.sandbox.sandbox import Versions as Versions

_WHERE = {
    "Isolation": "isolation",
    "Level": "isolation",
    "Sandbox": "sandbox",
    "Sitting": "sandbox",
    "Versions": "sandbox",
}


def __getattr__(name: str) -> object:
    """Imported when it is asked for: a warm process is launched before the records are there."""
    if name in _WHERE:
        from importlib import import_module

        return getattr(import_module(f"grader.sandbox.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'grader.sandbox' has no attribute '{name}'")
