"""The line at which a function of the submission returned: of several ``return``s, which one it was."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


class Returns:
    """Calls a function and notes where it returned."""

    def __init__(self, filename: str, name: str) -> None:
        self._filename = filename
        self._name = name
        self.line: int | None = None
        """Of the last call; None where the function was not seen."""

    def call(self, function: Callable[..., Any], arguments: list[Any]) -> Any:
        self.line = None
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            return function(*arguments)
        finally:
            sys.settrace(before)

    def _entered(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if event != "call" or code.co_name != self._name or code.co_filename != self._filename:
            return None
        frame.f_trace_lines = False
        return self._seen

    def _seen(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "return":
            self.line = frame.f_lineno
        return self._seen
