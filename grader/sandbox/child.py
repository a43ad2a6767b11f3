"""A forked child: its process, its pipes and its folder, from its fork until nothing of it is left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from typing import Any

from grader.records import Limits
from grader.sandbox.channel import HEADER_BYTES
from grader.sandbox.pipes import Pipes
from grader.sandbox.run import Watch
from grader.sandbox.warm import Exit, WarmProcess, WarmProcessError
from grader.sandbox.workdir import make_folder, remove_folder

Argument = dict[str, Any] | None


class Child:
    """Makes one run, and further ones for as long as it is ready for them."""

    def __init__(
        self, warm: WarmProcess, call: str, argument: Argument, limits: Limits, given: dict[str, Any]
    ) -> None:
        """Fork it: it calls ``call(argument)`` at once, held to ``given``.

        Raises:
            WarmProcessError: the warm process does not answer.
            OSError: there are no descriptors, or no disk.
        """
        self._warm = warm
        self._limits = limits
        self._runs_on = bool(given["runs_on"])
        self._folder = make_folder(warm.home)
        self._order = b""
        self._ends = contextlib.ExitStack()
        try:
            self._pipes = self._ends.enter_context(contextlib.closing(Pipes()))
            self.pid = warm.fork(call, argument, given, self._folder, self._pipes.theirs)
            self._pipes.close_theirs()
        except BaseException:
            self._remove()
            raise

    def order(self, argument: dict[str, Any]) -> None:
        """What the next run, after one that left the child ready, is asked."""
        body = json.dumps(argument).encode()
        self._order = len(body).to_bytes(HEADER_BYTES, "big") + body

    def watched(self, unwanted: threading.Event | None = None) -> Watch:
        """The run that is going on, followed until the child is ready for the next, or is dead."""
        watch = Watch(
            self.pid,
            self._pipes,
            self._limits,
            self._folder,
            unwanted,
            runs_on=self._runs_on,
            order=self._order,
        )
        with watch:
            watch.follow()
        return watch

    def end(self, *, decided: bool) -> Exit | None:
        """Kill what is left of it and remove what it had. How it ended; None where that cannot be told, and
        was ``decided`` before. Raises WarmProcessError."""
        self._kill()
        try:
            return self._warm.reap(self.pid)
        except WarmProcessError:
            if decided:
                return None
            raise
        finally:
            self._remove()

    def abandon(self) -> None:
        """Kill it and remove what it had; nothing can be said of how it ended."""
        self._kill()
        self._remove()

    def _kill(self) -> None:
        """No other process can have this id, for it was not reaped."""
        for kill in (os.kill, os.killpg):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)

    def _remove(self) -> None:
        self._ends.close()
        remove_folder(self._folder)
