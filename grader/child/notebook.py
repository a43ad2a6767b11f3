"""What a notebook's kernel has and plain Python has not: ``display``, ``get_ipython``, ``IPython``.

Harmless stand-ins, for the submissions that are notebooks: what is shown is printed, and whatever else is
asked of IPython does nothing.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import selectors
import sys
from types import CodeType, ModuleType
from typing import Any

COMPILE_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
"""A notebook may say ``await`` outside of any function."""


class _Nothing:
    """Stands for what is asked of IPython: may be called, given attributes, and shown."""

    config: dict[str, Any] = {}  # noqa: RUF012 - libraries ask it whether this is a kernel

    def __init__(self, *shown: object, **_: object) -> None:
        self._shown = shown

    def __call__(self, *_: object, **__: object) -> None:
        return None

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()

    def __repr__(self) -> str:
        return " ".join(map(str, self._shown))


def display(*objects: object, **_: object) -> None:
    """Print what a notebook would show."""
    for each in objects:
        print(each)


def clear_output(*_: object, **__: object) -> None:
    """Leave what was printed."""


def get_ipython() -> _Nothing:
    """What ``get_ipython().run_line_magic(…)`` is said to."""
    return _SHELL


_SHELL = _Nothing()


class _StandIn(ModuleType):
    """Whatever is imported from it is there."""

    def __getattr__(self, name: str) -> type[_Nothing]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing


def set_up(scope: dict[str, Any]) -> None:
    """Give a notebook's globals, and its imports, the stand-ins."""
    shown = _StandIn("IPython.display")
    package = _StandIn("IPython")
    package.__path__ = []
    for module in (shown, package):
        module.__dict__.update(display=display, clear_output=clear_output, get_ipython=get_ipython)
        sys.modules[module.__name__] = module
    package.__dict__["display"] = shown
    scope.update(display=display, get_ipython=get_ipython)


def run(code: CodeType, scope: dict[str, Any]) -> None:
    """Execute a notebook's code, which is a coroutine's where it awaits something itself."""
    made = eval(code, scope)  # noqa: S307 - running the submission is what this is for
    if inspect.iscoroutine(made):
        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(made)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop without the pair of sockets that other threads wake one by: a run may have none."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def _make_self_pipe(self) -> None:
        self._ssock = self._csock = None

    def _close_self_pipe(self) -> None:
        pass
