"""The life of a forked child: it enters its folder, runs the submission, reports, and is gone.

Where it is asked to and a run left the process as it found it, it makes the next run of the submission, too.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from pydantic_core import to_json

from grader.child import further
from grader.child.confine import allow_another, confine, die_with, release_reserve

HEADER_BYTES = 4
FAILED = 70
"""The exit status of a child that could not report."""

_MAX_DESCRIPTOR = 65536
_LEFT_ALONE = {signal.SIGUSR1, signal.SIGXCPU, signal.SIGCONT}


class _Encoder(json.JSONEncoder):
    """With methods of its own: those of its base may be another's when it is used."""

    encode = json.JSONEncoder.encode
    iterencode = json.JSONEncoder.iterencode


# Taken here, before any submission can put something else in their place.
_encode = _Encoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_fast = to_json
_encode_fast({"": [None, 0, 0.0, True]})  # what it looks up of Python once, it has looked up
_exit = os._exit
_write = os.write
_mask_signals = signal.pthread_sigmask
_every_signal = signal.valid_signals()


class Ends(NamedTuple):
    """The descriptors of a child: where it writes, and where it reads orders to run again."""

    evidence: int
    stdout: int
    stderr: int
    trace: int
    orders: int


class Runs(NamedTuple):
    """What a child does, and whether that left nothing behind in its process."""

    call: Callable[..., object]
    left_nothing: Callable[[object], bool]


def live(warm: int, order: dict[str, Any], ends: Ends, runs: Runs) -> NoReturn:
    """All of a child's life; it never returns into the warm process's code."""
    status = FAILED
    try:
        _all_runs(warm, order, ends, runs)
        status = 0
    finally:
        _exit(status)


def _all_runs(warm: int, order: dict[str, Any], ends: Ends, runs: Runs) -> None:
    limits, argument = order["limits"], order["argument"]
    mask = _mask_signals(signal.SIG_BLOCK, ())

    def first() -> object:
        _enter(warm, order, ends)
        confine(warm, order["folder"], limits)
        return runs.call() if argument is None else runs.call(argument)

    result = _report(ends.evidence, limits, first)
    while limits["runs_on"] and runs.left_nothing(result) and allow_another(limits):
        _write_all(ends.evidence, further.READY)
        argument = further.next_argument(ends.orders)
        if argument is None:
            break
        _mask_signals(signal.SIG_SETMASK, mask)
        result = _report(ends.evidence, limits, lambda asked=argument: runs.call(asked))  # type: ignore[misc]


def _report(evidence: int, limits: dict[str, Any], call: Callable[[], object]) -> object:
    """Make one run and tell the parent of it. What it came to; None where it came to nothing."""
    frame, result = _frame(limits["evidence_bytes"], call)
    _write_all(evidence, frame)
    _flush()
    return result


def _enter(warm: int, order: dict[str, Any], ends: Ends) -> None:
    os.setsid()
    die_with(warm)
    os.dup2(ends.stdout, 1)
    os.dup2(ends.stderr, 2)
    evidence, trace = ends.evidence, ends.trace
    _close_all_but({0, 1, 2, evidence, trace} | ({ends.orders} if order["limits"]["runs_on"] else set()))
    os.chdir(order["folder"])
    os.environ["HOME"] = os.environ["TMPDIR"] = order["folder"]
    tempfile.tempdir = None
    # What was printed before a kill would be lost in a buffer.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable(file=trace, all_threads=False)
    faulthandler.register(signal.SIGUSR1, file=trace, all_threads=False)


def _close_all_but(kept: set[int]) -> None:
    try:
        last = max(map(int, os.listdir("/dev/fd")))  # noqa: PTH208 - names alone
    except OSError:
        last = min(os.sysconf("SC_OPEN_MAX"), _MAX_DESCRIPTOR)
    low = 0
    for descriptor in [*sorted(kept), last + 1]:
        if low < descriptor:  # os.closerange(0, 0) closes everything (CPython 3.11)
            os.closerange(low, descriptor)
        low = descriptor + 1


def _frame(cap: int, call: Callable[[], object]) -> tuple[bytes, object]:
    try:
        result = _settled(call)
        return _framed(result, cap), result
    except BaseException as error:  # noqa: BLE001 - whatever leaves the runner, the parent is told
        return _framed({"error": _described(error)}, cap), None


def _settled(call: Callable[[], object]) -> object:
    try:
        return call()
    finally:
        _settle()


def _framed(value: object, cap: int) -> bytes:
    body = _encoded(value)
    if len(body) > cap:
        body = _encode({"error": f"evidence of {len(body)} bytes, {cap} are allowed"}).encode()
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def _encoded(value: object) -> bytes:
    """In Rust, in a quarter of the time; what is written in that way the parent reads as fast. With no number
    that JSON has not, and no lone surrogate, which a submission's texts may hold."""
    try:
        body = _encode_fast(value)
    except ValueError:
        body = b"NaN"
    if b"NaN" in body or b"Infinity" in body:  # perhaps only in a text
        body = _encode(value).encode("utf-8", "replace")
    return body


def _settle() -> None:
    """Whatever the submission has set up, none of its code runs in this thread while it reports."""
    _mask_signals(signal.SIG_BLOCK, _every_signal - _LEFT_ALONE)
    sys.settrace(None)
    sys.setprofile(None)
    release_reserve()


def _described(error: BaseException) -> str:
    """The error may be a submission's own, and its text a trap."""
    try:
        return f"{type(error).__name__}: {error}"[:1000]
    except BaseException:  # noqa: BLE001 - as above
        return type(error).__name__


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[_write(descriptor, view) :]


def _flush() -> None:
    """After the frame: a submission may have put something in their place that never returns."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
