"""How a run ended, in the words of a ChildReport, from what the parent saw of it."""

from __future__ import annotations

import os
import re
import signal
from pathlib import PurePosixPath
from typing import Literal

from grader.records import ChildReport, Limits
from grader.sandbox import channel, gauge
from grader.sandbox.run import Watch
from grader.sandbox.warm import Exit

Ending = Literal[
    "complete", "time", "output", "disk", "processes", "memory", "signal", "exit", "protocol", "lost"
]

MAX_STACK = 20

_DUMP_HEADER = "(most recent call first):"
_DUMP_LINE = re.compile(r'  File "(.*)", line ([0-9]{1,9}) in ')


def child_report(
    watch: Watch, exit_: Exit | None, limits: Limits, name: str, baseline_bytes: int
) -> ChildReport:
    """The report of a run that was watched to its end.

    ``exit_`` is None where the warm process could not say how the child ended, ``name`` the
    submission's, ``baseline_bytes`` the resident memory that the child began with.
    """
    trace = None
    ending, detail = how_it_ended(watch, exit_, limits, baseline_bytes)
    if ending == "complete":
        try:
            trace = channel.decode_trace(watch.frame, limits.evidence_bytes)
        except channel.FrameError as error:
            out_of_memory = error.failure.startswith("MemoryError")
            ending, detail = "memory" if out_of_memory else "protocol", str(error)
    return ChildReport(
        ending=ending,
        detail=detail,
        trace=trace,
        seconds=watch.seconds,
        stdout=watch.output["stdout"].text(),
        stderr=watch.output["stderr"].text(),
        stack=stack_lines(watch.trace.data, name),
    )


def how_it_ended(watch: Watch, exit_: Exit | None, limits: Limits, baseline_bytes: int) -> tuple[Ending, str]:
    """The ending and a detail; "complete" where a whole frame came, whatever is in it."""
    if watch.stopped == "protocol":
        reason = channel.overrun(watch.frame, limits.evidence_bytes)
        return "protocol", reason or "no frame"
    if watch.stopped == "output":
        return "output", f"more than {limits.output_bytes} bytes printed"
    if watch.stopped == "disk":
        return "disk", f"more than {limits.disk_bytes} bytes, or {gauge.MOST_FILES} files, written"
    if watch.stopped == "processes":
        return "processes", f"more than {limits.processes} threads"
    if channel.is_complete(watch.frame):
        return "complete", ""
    if watch.stopped == "time":
        return "time", f"still running after {limits.seconds:g} s"
    return _ended_itself(watch, exit_, limits, baseline_bytes)


def _ended_itself(
    watch: Watch, exit_: Exit | None, limits: Limits, baseline_bytes: int
) -> tuple[Ending, str]:
    if exit_ is None:
        return "lost", "the warm process died under the run"
    if os.WIFSIGNALED(exit_.status):
        return _killed(watch, exit_, limits, baseline_bytes)
    if watch.frame:
        return "protocol", "the frame breaks off"
    return "exit", f"exit status {os.waitstatus_to_exitcode(exit_.status)}"


def _killed(watch: Watch, exit_: Exit, limits: Limits, baseline_bytes: int) -> tuple[Ending, str]:
    number = os.WTERMSIG(exit_.status)
    name = _signal_name(number)
    if number == signal.SIGXCPU:
        return "time", f"more than {exit_.cpu_seconds:.0f} s of CPU time"
    if number == signal.SIGXFSZ:
        return "disk", f"more than {limits.file_bytes} bytes written to one file"
    if number == signal.SIGKILL and exit_.cpu_seconds >= limits.seconds:
        return "time", f"more than {exit_.cpu_seconds:.0f} s of CPU time"
    if number == signal.SIGKILL and _grew(exit_, limits, baseline_bytes):
        return "memory", f"{name} at {exit_.max_rss_bytes} bytes of memory"
    if number == signal.SIGABRT and b"std::bad_alloc" in watch.output["stderr"].data:
        return "memory", "std::bad_alloc"
    return "signal", name


def _grew(exit_: Exit, limits: Limits, baseline_bytes: int) -> bool:
    """The kernel kills what is large; what kills itself is as large as it began."""
    return exit_.max_rss_bytes - baseline_bytes > limits.memory_bytes // 8


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def stack_lines(dump: bytes, name: str) -> tuple[int, ...]:
    """The submission's lines in faulthandler's last dump, innermost first, at most MAX_STACK."""
    last = dump.decode("ascii", "replace").rpartition(_DUMP_HEADER)[2]
    ending = "/" + _as_dumped(PurePosixPath(name).name)
    found = [match for line in last.split("\n") if (match := _DUMP_LINE.match(line))]
    lines = [int(match[2]) for match in found if match[1].endswith(ending)]
    return tuple(lines[:MAX_STACK])


def _as_dumped(name: str) -> str:
    """As faulthandler spells it: ASCII, the rest as escapes."""
    return "".join(
        char if " " <= char <= "~" else f"\\x{ord(char):02x}" if ord(char) < 0x100 else _wide(char)
        for char in name
    )


def _wide(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
