"""``pytest --grade quadratic.py``: every rubric item of a submission is a test.

It is loaded by every pytest of an environment that the grader is installed in. So it imports nothing but
pytest until a submission is to be graded, and never torch nor the submission: those are the child's.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr
    from pluggy import Result as Outcome

    from grader.exercise import Exercise
    from grader.records import Result
    from grader.report.item import Unearned
    from grader.sandbox import Sandbox

_SUBMISSIONS = pytest.StashKey["Submissions"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "autograd-grader")
    group.addoption(
        "--grade",
        action="append",
        default=[],
        metavar="FILE",
        help="grade this submission, each rubric item as a test; may be given repeatedly",
    )
    group.addoption(
        "--grade-exercise",
        metavar="ID",
        help="which exercise the submissions are of; else each file's name says it",
    )
    group.addoption(
        "--grade-exercises",
        metavar="PATH",
        help="an exercises repository of your own, instead of the course that came along",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Take the submissions up, in the place of the folder that pytest would collect where it is given nothing
    else, beside what it is given."""
    files = [_absolute(config, name) for name in config.getoption("--grade")]
    if not files:
        return
    config.stash[_SUBMISSIONS] = Submissions(config, files)
    given = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = list(dict.fromkeys([*given, *map(str, files)]))


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SUBMISSIONS in config.stash:
        config.stash[_SUBMISSIONS].close()


# Wrappers in the older manner, which pytest 7 knows, too: it may be installed beside the grader.
@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, Outcome[list[pytest.Collector]], None]:
    """A submission is collected as such alone: as a module of tests it would be imported here."""
    outcome = yield
    submissions = parent.config.stash.get(_SUBMISSIONS, None)
    if submissions is not None and file_path in submissions.exercises:
        outcome.force_result([GradedFile.from_parent(parent, path=file_path)])


def _absolute(config: pytest.Config, name: str) -> Path:
    """As pytest writes the paths that it collects: links are not followed."""
    return Path(os.path.abspath(config.invocation_params.dir / name))  # noqa: PTH100


class Submissions:
    """What is to be graded in this session, and the one sandbox for it."""

    def __init__(self, config: pytest.Config, files: Iterable[Path]) -> None:
        from grader.errors import GraderError

        self._sandbox: Sandbox | None = None
        try:
            self.exercises = dict(self._found(config, files))
        except GraderError as error:
            raise pytest.UsageError(f"--grade: {error}") from None

    def _found(self, config: pytest.Config, files: Iterable[Path]) -> Iterator[tuple[Path, Exercise]]:
        from grader.exercise import find_course
        from grader.submission import read_submission

        own = config.getoption("--grade-exercises")
        course = find_course(_absolute(config, own) if own else None)
        for file in files:
            exercise = course.exercise_of(file, config.getoption("--grade-exercise"), "--grade-exercise")
            read_submission(file, exercise)  # a file that is wrong was named wrongly
            yield file, exercise

    def grade(self, file: Path) -> Result:
        from grader.pipeline import grade
        from grader.sandbox import Sandbox
        from grader.submission import read_submission

        if self._sandbox is None:
            self._sandbox = Sandbox()
        exercise = self.exercises[file]
        return grade(read_submission(file, exercise), exercise, self._sandbox)

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()


class GradedFile(pytest.File):
    """A submission. It is graded once, when the first of its items is run."""

    _result: Result | None = None

    @property
    def submissions(self) -> Submissions:
        return self.config.stash[_SUBMISSIONS]

    def collect(self) -> Iterator[RubricTest]:
        for item in self.submissions.exercises[self.path].rubric:
            yield RubricTest.from_parent(self, name=item.id)

    def result(self) -> Result:
        if self._result is None:
            self._result = self.submissions.grade(self.path)
        return self._result


class NotEarnedError(Exception):
    """A rubric item that was failed or could not be judged."""

    def __init__(self, why: Unearned) -> None:
        super().__init__(why.summary)
        self.why = why


class RubricTest(pytest.Item):
    """One rubric item. One that is blocked has failed: what nobody looked at is no pass."""

    def runtest(self) -> None:
        from grader.report.item import unearned

        assert isinstance(self.parent, GradedFile)  # noqa: S101 - no other collects it
        if why := unearned(self.parent.result(), self.name):
            raise NotEarnedError(why)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str | TerminalRepr:
        """What was found, and no traceback: nothing in the grader's own lines is of use here."""
        from grader.errors import GraderError

        if isinstance(excinfo.value, NotEarnedError):
            return _shown(self.path, excinfo.value.why)
        if isinstance(excinfo.value, GraderError):
            return f"Not graded, which says nothing about the code: {excinfo.value}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


def _shown(path: Path, why: Unearned) -> TerminalRepr:
    """In the form that pytest has for an exception, which its summary, its XML and xdist know."""
    from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

    place = f"{path}:{why.line}" if why.line else str(path)
    text = ReprEntryNative([f"{why.text}\n", f"{place}: {why.summary}\n"])
    return ReprExceptionInfo(
        ReprTraceback([text], None, style="native"), ReprFileLocation(str(path), why.line or 1, why.summary)
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Outcome[pytest.TestReport], None]:
    """Point at the submission's own line, which is known only when it was graded."""
    report = (yield).get_result()
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(item, RubricTest) and isinstance(error, NotEarnedError) and error.why.line:
        file, _, name = report.location
        report.location = (file, error.why.line - 1, name)
