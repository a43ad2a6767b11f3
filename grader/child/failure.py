"""Describes an exception that left the submission, without trusting it to describe itself."""

from __future__ import annotations

from types import FrameType

from grader.child.recorder import Recorder
from grader.child.sites import traceback_frames
from grader.child.views import Plain

LONGEST = 600


def describe_exception(error: BaseException, recorder: Recorder) -> Plain:
    """A ``records.Raised``."""
    places = traceback_frames(error.__traceback__, recorder.sites.filename)
    event = _event(error, recorder)
    return {
        "type": type(error).__name__[:80],
        "message": message_of(error),
        "line": _line(error, places, recorder.sites.filename),
        "stack": [line for _, line in places[:20]],
        "own": event is None and _raised_by_own_line(error, recorder.sites.filename),
        "event": event,
        "missing_module": _missing_module(error),
        "after": recorder.passes,
    }


def frames_of(error: BaseException, recorder: Recorder) -> list[FrameType]:
    """The submission's frames that the exception went through, innermost first."""
    return [frame for frame, _ in traceback_frames(error.__traceback__, recorder.sites.filename)]


def bound_to_none(frames: list[FrameType], names: set[str]) -> list[str]:
    """Which of these names are None in the submission's frames."""
    return sorted({name for frame in frames for name in names if frame.f_locals.get(name, ...) is None})[:8]


def message_of(error: BaseException) -> str:
    """The exception's text, capped; its ``__str__`` may raise, loop no longer than the time limit, or
    return megabytes."""
    try:
        text = str(error)
    except BaseException as second:  # noqa: BLE001 - a submission's __str__ may raise anything
        return f"(its message could not be read: {type(second).__name__[:80]})"
    return text[:LONGEST]


def _line(error: BaseException, places: list[tuple[FrameType, int]], filename: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == filename:
        return error.lineno
    return places[0][1] if places else None


def _event(error: BaseException, recorder: Recorder) -> int | None:
    """The index of the torch call that raised it, also where the submission raised another from it."""
    if recorder.raised is None:
        return None
    raised, index = recorder.raised
    chain = (error, error.__cause__, error.__context__)
    return index if any(link is raised for link in chain) else None


def _raised_by_own_line(error: BaseException, filename: str) -> bool:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename == filename


def _missing_module(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
        return error.name[:80]
    return None
