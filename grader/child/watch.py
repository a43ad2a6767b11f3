"""How closely a loop is watched.

Every torch call is seen while the loop is new, for two passes again at the 64th, 256th, 1024th, … unless the
end is near, from ``watch_from`` on, and for two passes after it changed its ways. In between only the
backward passes are (``passes.py``), which cost a few microseconds each.
"""

from __future__ import annotations

from typing import Literal

from torch import overrides

from grader.child.recorder import Recorder, RecordingMode

NEW = 4
"""Passes before a loop is no longer new."""
SPAN = 2
"""How many passes a closer look lasts."""


class Watch:
    """Turns the recording mode on and off between backward passes."""

    def __init__(
        self,
        recorder: Recorder,
        how: Literal["full", "adaptive", "off"],
        watch_from: int | None,
    ) -> None:
        self._recorder = recorder
        self._mode = RecordingMode(recorder)
        self._how = how
        self._from = watch_from
        self._until = NEW
        self._pushed = False
        self.close = False
        """Whether every torch call is being seen."""
        self.beneath: object = None
        """The mode of ours that this one lies on. A loop that changes its ways by what that does is not
        watched closely again for it."""

    def start(self) -> None:
        if self._how != "off":
            self._push()

    def stop(self) -> None:
        if self._pushed and _current() is self._mode:
            self._pop()

    def begin_loop(self) -> None:
        """A new stage begins: its loops are new."""
        self._until = NEW
        if self._how != "off":
            self._push()

    def after_pass(self, number: int, changed: bool) -> None:
        """Decide how closely the calls after the backward pass ``number`` are watched."""
        late = self.is_late(number)
        self._recorder.keep_all = late
        if self._how != "adaptive":
            return
        if self.beneath is None and ((changed and number > NEW) or self._is_milestone(number)):
            self._until = number + SPAN
        if late or number < self._until:
            self._push()
        else:
            self._pop()

    def is_late(self, number: int) -> bool:
        """Whether a pass is one of the last, which are watched closely again."""
        return self._from is not None and number >= self._from

    def next_look(self, number: int) -> int:
        """The pass after ``number`` that is looked at closely, if nothing changes."""
        if self._how != "adaptive" or self.close or number < self._until:
            return number + 1
        milestone = _next_milestone(number)
        return milestone if self._from is None else min(milestone, self._from)

    def _is_milestone(self, number: int) -> bool:
        """Whether the two passes after this one are watched in any case. Not where the end, which is, comes
        before there would be twice as many."""
        near = self._from is not None and number < self._from < 2 * number
        return number == _next_milestone(number - 1) and not near

    def _push(self) -> None:
        # A mode of the submission's own that lies on top would be popped in our stead: leave it be.
        if not self._pushed and _current() is self.beneath:
            overrides._push_mode(self._mode)  # type: ignore[no-untyped-call]
            self._pushed = self.close = True

    def _pop(self) -> None:
        if self._pushed and _current() is self._mode:
            overrides._pop_mode()  # type: ignore[no-untyped-call]
            self._pushed = self.close = False


def _current() -> object:
    return overrides._get_current_function_mode()  # type: ignore[no-untyped-call]


def _next_milestone(number: int) -> int:
    """The first of 64, 256, 1024, 4096, … after ``number``."""
    return max(64, 1 << (number.bit_length() + 1) // 2 * 2)
