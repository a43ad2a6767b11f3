"""A class: every entry of it is graded, whatever is wrong with any of them."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from grader.errors import SandboxError, SubmissionError
from grader.exercise import Exercise
from grader.grade import ungraded
from grader.pipeline import grade
from grader.records import Result, Submission
from grader.sandbox import Sandbox
from grader.submission import submission_of
from grader.submission.intake import Entry

STOP_SECONDS = 5.0
"""How long an interrupted class waits for the submissions that are being graded."""

Grade = Callable[[Submission, Exercise, Sandbox], Result]
OpenSandbox = Callable[[], AbstractContextManager[Sandbox]]


@dataclass(frozen=True)
class _Gone:
    """What a worker says last: None, or why it has no sandbox."""

    reason: str | None


def grade_class(
    entries: Sequence[Entry],
    exercises: Mapping[str, Exercise],
    *,
    jobs: int | None = None,
    open_sandbox: OpenSandbox = Sandbox,
    grade_one: Grade = grade,
) -> Generator[Result, None, None]:
    """The results of ``entries``, each as soon as it is known: one for each student and exercise.

    Closing the iterator early stops the work: no process is left behind.
    """
    workers = min(jobs or os.cpu_count() or 1, sum(entry.read is not None for entry in entries))
    room = _Room(entries, exercises, open_sandbox, grade_one)
    threads = [threading.Thread(target=room.work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield from room.results(workers)
    finally:
        room.stop(threads)


def read(entry: Entry, exercises: Mapping[str, Exercise]) -> Submission:
    """The submission of an entry, under the name of the first of its students. Raises SubmissionError."""
    if entry.read is None:
        raise SubmissionError(entry.missing)
    exercise, first = exercises[entry.exercise], entry.students[0]
    return submission_of(
        entry.read(), exercise, name=first.name, path=entry.path, student_id=first.id, notes=entry.notes
    )


def reusing(first: Sandbox, open_sandbox: OpenSandbox) -> OpenSandbox:
    """Opens ``first``, which has been started already, and after it others."""
    ready = [first]

    def open_next() -> AbstractContextManager[Sandbox]:
        try:
            return ready.pop()
        except IndexError:
            return open_sandbox()

    return open_next


class _Room:
    """What the workers share: the entries still to grade, and the results that are done."""

    def __init__(
        self,
        entries: Sequence[Entry],
        exercises: Mapping[str, Exercise],
        open_sandbox: OpenSandbox,
        grade_one: Grade,
    ) -> None:
        self._exercises = exercises
        self._open_sandbox = open_sandbox
        self._grade_one = grade_one
        self._waiting: queue.SimpleQueue[Entry] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Result | _Gone] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._open: set[Sandbox] = set()
        self._lacking = [entry for entry in entries if entry.read is None]
        for entry in entries:
            if entry.read is not None:
                self._waiting.put(entry)

    def results(self, workers: int) -> Iterator[Result]:
        """Who handed in nothing; what is done, until no worker is left; then what no worker could take."""
        for lacking in self._lacking:
            yield from self._ungraded(lacking, lacking.missing)
        reason = "no worker was left"
        while workers:
            item = self._done.get()
            if isinstance(item, Result):
                yield item
            else:
                workers -= 1
                reason = item.reason or reason
        while (entry := self._next()) is not None:
            yield from self._ungraded(entry, reason)

    def stop(self, threads: Sequence[threading.Thread]) -> None:
        """Let the workers end; the sandbox of one that does not is closed under it."""
        self._stopped.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for sandbox in list(self._open):
            sandbox.close()

    def work(self) -> None:
        """One worker: sandbox after sandbox until nothing is waiting."""
        reason = None
        try:
            while not self._waiting.empty() and not self._stopped.is_set():
                with self._open_sandbox() as sandbox:
                    self._open.add(sandbox)
                    try:
                        sandbox.devices()  # what cannot start is told here, and costs no entry
                        self._grade_all(sandbox)
                    finally:
                        self._open.discard(sandbox)
        except SandboxError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a worker's end must be told, whatever it was
            reason = fault(error)
        self._done.put(_Gone(reason))

    def _grade_all(self, sandbox: Sandbox) -> None:
        """Grade until nothing is waiting or the sandbox fails, which is worth a new one."""
        while not self._stopped.is_set() and (entry := self._next()) is not None:
            try:
                self._put(self._results(entry, sandbox))
            except SandboxError as error:
                self._put(self._ungraded(entry, str(error)))
                return
            except Exception as error:  # noqa: BLE001 - one submission must not end the class
                self._put(self._ungraded(entry, fault(error)))

    def _put(self, results: Sequence[Result]) -> None:
        for result in results:
            self._done.put(result)

    def _results(self, entry: Entry, sandbox: Sandbox) -> list[Result]:
        try:
            submission = read(entry, self._exercises)
        except SubmissionError as error:
            return self._ungraded(entry, str(error))
        return for_each(entry, self._grade_one(submission, self._exercises[entry.exercise], sandbox))

    def _ungraded(self, entry: Entry, reason: str) -> list[Result]:
        try:
            submission = read(entry, self._exercises)
        except Exception:  # noqa: BLE001 - it may be the reading that fails
            submission = Submission(name="", path=entry.path, sha256="", form="function", source="")
        return for_each(entry, ungraded(submission, self._exercises[entry.exercise], reason))

    def _next(self) -> Entry | None:
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None


def for_each(entry: Entry, result: Result) -> list[Result]:
    """The result under each student's name: what a group handed in is graded once."""
    return [
        result.model_copy(
            update={
                "submission": result.submission.model_copy(
                    update={"name": student.name, "student_id": student.id}
                )
            }
        )
        for student in entry.students
    ]


def fault(error: Exception) -> str:
    """Why there is no verdict, where the grader itself is at fault."""
    text = " ".join(str(error).split())
    return f"The grader failed on this submission: {type(error).__name__}: {text}. Please report it."
