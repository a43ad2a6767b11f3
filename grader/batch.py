"""A class: every submission below a folder is graded, whatever is wrong with any of them."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from grader.clean import visible
from grader.errors import SandboxError, SubmissionError, UsageError
from grader.exercise import Exercise
from grader.grade import ungraded
from grader.pipeline import grade
from grader.records import Result, Submission
from grader.sandbox import Sandbox
from grader.submission import read_submission

STOP_SECONDS = 5.0
"""How long an interrupted class waits for the submissions that are being graded."""

Grade = Callable[[Submission, Exercise, Sandbox], Result]
OpenSandbox = Callable[[], AbstractContextManager[Sandbox]]


@dataclass(frozen=True)
class ClassFile:
    """One file of the class. Its name is its path below the folder, without ``.py``."""

    path: Path
    name: str


@dataclass(frozen=True)
class _Gone:
    """What a worker says last: None, or why it has no sandbox."""

    reason: str | None


def find_submissions(folder: Path, out: Path) -> tuple[ClassFile, ...]:
    """Every ``.py`` below ``folder``, by name; ``out`` and what is hidden or a link are left out.

    Raises:
        UsageError: the folder is missing, no folder, closed to us, or has no submission in it.
    """
    if not folder.exists():
        raise UsageError(f"There is no folder '{folder}'. Check the name of the class's folder.")
    if not folder.is_dir():
        raise UsageError(f"'{folder}' is a file: name the folder that the submissions lie in.")
    files = sorted(_walk(folder, out.resolve()), key=lambda file: file.name)
    if not files:
        raise UsageError(f"No submission below '{folder}': expected files that end in .py.")
    return tuple(files)


def _walk(folder: Path, out: Path) -> Iterator[ClassFile]:
    for where, folders, names in os.walk(folder, onerror=_refuse):
        here = Path(where)
        folders[:] = [name for name in folders if _is_wanted(here / name, out)]
        for name in names:
            path = here / name
            if path.suffix.lower() == ".py" and not name.startswith(".") and not path.is_symlink():
                yield ClassFile(path, visible(str(path.relative_to(folder).with_suffix(""))))


def _refuse(error: OSError) -> None:
    """A folder that cannot be looked into may hide a submission: say so before grading."""
    raise UsageError(f"The folder '{error.filename}' cannot be read: {error.strerror or error}.")


def _is_wanted(folder: Path, out: Path) -> bool:
    return not folder.name.startswith((".", "__pycache__")) and folder.resolve() != out


def grade_class(
    files: Sequence[ClassFile],
    exercise: Exercise,
    *,
    jobs: int | None = None,
    open_sandbox: OpenSandbox = Sandbox,
    grade_one: Grade = grade,
) -> Generator[Result, None, None]:
    """The results of ``files``, each as soon as it is known. It ends when every file has one.

    Closing the iterator early stops the work: no process is left behind.
    """
    workers = min(jobs or os.cpu_count() or 1, len(files))
    room = _Room(files, exercise, open_sandbox, grade_one)
    threads = [threading.Thread(target=room.work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield from room.results(workers)
    finally:
        room.stop(threads)


def read(file: ClassFile, exercise: Exercise) -> Submission:
    """Read one file of the class. Raises SubmissionError."""
    return read_submission(file.path, exercise, file.name)


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
    """What the workers share: the files still to grade, and the results that are done."""

    def __init__(
        self,
        files: Sequence[ClassFile],
        exercise: Exercise,
        open_sandbox: OpenSandbox,
        grade_one: Grade,
    ) -> None:
        self._exercise = exercise
        self._open_sandbox = open_sandbox
        self._grade_one = grade_one
        self._waiting: queue.SimpleQueue[ClassFile] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Result | _Gone] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._open: set[Sandbox] = set()
        for file in files:
            self._waiting.put(file)

    def results(self, workers: int) -> Iterator[Result]:
        """Everything that is done, until no worker is left; then what no worker could take."""
        reason = "no worker was left"
        while workers:
            item = self._done.get()
            if isinstance(item, Result):
                yield item
            else:
                workers -= 1
                reason = item.reason or reason
        while (file := self._next()) is not None:
            yield self._ungraded(file, reason)

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
                        sandbox.devices()  # what cannot start is told here, and costs no file
                        self._grade_all(sandbox)
                    finally:
                        self._open.discard(sandbox)
        except SandboxError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a worker's end must be told, whatever it was
            reason = _fault(error)
        self._done.put(_Gone(reason))

    def _grade_all(self, sandbox: Sandbox) -> None:
        """Grade until nothing is waiting or the sandbox fails, which is worth a new one."""
        while not self._stopped.is_set() and (file := self._next()) is not None:
            try:
                self._done.put(self._result(file, sandbox))
            except SandboxError as error:
                self._done.put(self._ungraded(file, str(error)))
                return
            except Exception as error:  # noqa: BLE001 - one submission must not end the class
                self._done.put(self._ungraded(file, _fault(error)))

    def _result(self, file: ClassFile, sandbox: Sandbox) -> Result:
        try:
            submission = read(file, self._exercise)
        except SubmissionError as error:
            return self._ungraded(file, str(error))
        return self._grade_one(submission, self._exercise, sandbox)

    def _ungraded(self, file: ClassFile, reason: str) -> Result:
        try:
            submission = read(file, self._exercise)
        except SubmissionError:
            submission = Submission(
                name=file.name, path=visible(str(file.path)), sha256="", form="function", source=""
            )
        return ungraded(submission, self._exercise, reason)

    def _next(self) -> ClassFile | None:
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None


def _fault(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"The grader failed on this submission: {type(error).__name__}: {text}. Please report it."
