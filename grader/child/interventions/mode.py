"""Hands the calls that an intervention is about to it, beneath the recorder: what is recorded is what came of
them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import CodeType, FrameType
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from grader.child.interventions import calls
from grader.child.interventions.call import Call, Memory, call_of
from grader.child.recorder import Perform
from grader.child.sites import Sites, describe_site
from grader.child.views import Plain

Change = Callable[[Call], Any]

_KEYS = ("line", "end_line", "column", "end_column")


class Intervening(TorchFunctionMode):
    """Makes the torch calls of this thread, those that an intervention is about in its way."""

    def __init__(self, interventions: list[Plain], sites: Sites, home: str, memory: Memory) -> None:
        super().__init__()
        self._sites = sites
        self._home = home
        self._memory = memory
        self._changes = [
            (change, _positions(each), each["number"])
            for each in interventions
            if (change := change_of(each["kind"])) is not None
        ]
        self._known: dict[tuple[CodeType, int], list[tuple[Change, float | None]]] = {}
        self._recorded_calls = False
        self.beneath_recorder: Callable[[], bool] = lambda: False
        """Whether the recorder lies on top: then its own calls of torch pass here, too."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if self.beneath_recorder() and not self._recorded_calls:
            return func(*args, **(kwargs or {}))
        frame = self._sites.caller()
        changes = [] if frame is None else self._at(frame)
        if not changes or frame is None:
            return func(*args, **(kwargs or {}))
        return self._changed(func, args, kwargs or {}, changes, (frame.f_code, frame.f_lasti))

    def _changed(
        self,
        func: Any,
        args: tuple[Any, ...],
        kwargs: Plain,
        changes: list[tuple[Change, float | None]],
        place: object,
    ) -> Any:
        """The call with every change applied, the first innermost."""
        op = call_of(func, args, kwargs, expression=place, home=self._home, memory=self._memory).op
        perform = func
        for change, number in changes:
            perform = partial(self._apply, change, perform, op, place, number)
        return perform(*args, **kwargs)

    def _apply(
        self,
        change: Change,
        perform: Callable[..., Any],
        op: str,
        place: object,
        number: float | None,
        /,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        self._memory.took_hold.add(change.__name__.replace("_", "-"))
        return change(Call(perform, op, args, kwargs, place, self._home, self._memory, number))

    def performing(self, perform: Perform) -> Perform:
        """``perform`` for the recorder, which makes the submission's calls by it."""

        def perform_recorded(func: Any, args: tuple[Any, ...], kwargs: Plain) -> Any:
            self._recorded_calls = True
            try:
                return perform(func, args, kwargs)
            finally:
                self._recorded_calls = False

        return perform_recorded

    def made(self, result: Any) -> Any:
        """What comes back of a tensor that was made where no mode looks."""
        frame = self._sites.frame()
        changes = [] if frame is None else self._at(frame)
        for change, number in changes:
            result = self._apply(change, lambda made=result: made, "", None, number)
        return result

    def _at(self, frame: FrameType) -> list[tuple[Change, float | None]]:
        key = (frame.f_code, frame.f_lasti)
        known = self._known.get(key)
        if known is None:
            site = describe_site(frame)
            here = tuple(site[name] for name in _KEYS)
            found = [(c, number) for c, places, number in self._changes if not places or here in places]
            known = self._known[key] = found
        return known


def change_of(kind: str) -> Change | None:
    """The function of a kind that is about calls; None for the others."""
    return getattr(calls, kind.replace("-", "_"), None)


def _positions(intervention: Plain) -> set[tuple[int, ...]]:
    return {tuple(position[name] for name in _KEYS) for position in intervention["positions"]}


def current_mode() -> object:
    """The function mode that torch would ask next."""
    return torch.overrides._get_current_function_mode()  # type: ignore[no-untyped-call]
