"""What runs in a worker of the cluster: one warm sandbox, which grades one submission at a time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from distributed import Status, Worker, WorkerPlugin, get_worker
from tornado.ioloop import PeriodicCallback

from grader.batch import fault
from grader.cluster.installation import differences, exercise_digest, installation
from grader.cluster.wire import Installation, Job, Reply, Standing, Terms
from grader.errors import CourseError, SandboxError, UnknownExercise, WeakIsolation
from grader.exercise import Exercise, find_course
from grader.pipeline import grade
from grader.records import Limits
from grader.report.json_text import result_json
from grader.sandbox import Level, Sandbox
from grader.suggestion import suggesting

Done = TypeVar("Done")

IDLE_SECONDS = 600.0
"""After so long without a job the sandbox is closed, and opened again for the next: a grader that was killed
could not dismiss its workers."""
_LOOK_SECONDS = 60.0
_CLOSE_SECONDS = 20.0


def name_of(run: str) -> str:
    """The name of the plugin, and of the resource by which the scheduler knows who may grade for a run."""
    return f"grader-{run}"


async def enlist(terms: str, dask_worker: Worker) -> str:
    """Check and prepare this worker. Its standing, as JSON; from then on jobs of the run come here, where it
    was not refused."""
    # Read leniently: another version may know other terms, and is to be told that it is another version.
    ours = Installation.model_construct(**json.loads(terms)["installation"])
    if differ := differences(installation(), ours):
        return Standing(refused=f"{differ}: install the same on both sides").model_dump_json()
    agreed = Terms.model_validate_json(terms)
    station = Station(agreed)
    standing = await asyncio.wrap_future(station.do(station.prepare))
    if standing.refused:
        await asyncio.to_thread(station.close)
        return standing.model_dump_json()
    await dask_worker.plugin_add(plugin=station, name=name_of(agreed.run))
    await dask_worker.set_resources(**{name_of(agreed.run): 1})
    _ask_for_work(dask_worker)
    return standing.model_copy(update={"threads": dask_worker.state.nthreads}).model_dump_json()


def _ask_for_work(worker: Worker) -> None:
    """The scheduler looks through the tasks that nobody could take when a worker comes or resumes, but not
    when one gets a resource."""
    if worker.status == Status.running:
        worker.status = Status.paused
        worker.status = Status.running


async def dismiss(run: str, dask_worker: Worker) -> None:
    """Let this worker grade no more for a run: what it is at is ended, and nothing is left of it."""
    if name_of(run) in dask_worker.plugins:
        await dask_worker.set_resources(**{name_of(run): 0})
        await dask_worker.plugin_remove(name=name_of(run))


def grade_job(run: str, job: str) -> str:
    """Grade one job; the reply, as JSON. Never raises: Dask would log what it was called with."""
    try:
        station = cast(Station, get_worker().plugins[name_of(run)])
        parsed = Job.model_validate_json(job)
        reply = station.do(lambda: station.grade(parsed)).result()
    except Exception as error:  # noqa: BLE001 - whatever it was, it is this submission's reply
        reply = Reply(failure=fault(error))
    return reply.model_dump_json()


class Station(WorkerPlugin):
    """The sandbox of one worker for one run, used by one thread of its own: on Linux the warm process ends
    with the thread that started it."""

    def __init__(self, terms: Terms) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="grader")
        self._doing: Future[Any] | None = None
        self._terms = terms
        self._exercises: dict[str, Exercise] = {}
        self._sandbox: Sandbox | None = None
        self._last_used = time.monotonic()
        self._closed = False
        self._looking: PeriodicCallback | None = None

    def do(self, work: Callable[[], Done]) -> Future[Done]:
        """Have something done by the thread."""
        doing = self._thread.submit(work)
        self._doing = doing
        return doing

    def prepare(self) -> Standing:
        """Load the exercises and prove the isolation. Raises nothing of the grader's own."""
        try:
            self._load_exercises()
            sandbox = self._opened()
            sandbox.devices()
            return Standing(level=int(sandbox.level), torch=sandbox.versions.torch)
        except WeakIsolation as error:
            return Standing(refused=str(error), weak=True)
        except (SandboxError, CourseError) as error:
            return Standing(refused=str(error))

    def _load_exercises(self) -> None:
        """Raises CourseError where one is missing or another than that of whoever grades."""
        course = find_course(Path(self._terms.course) if self._terms.course else None)
        for name, digest in self._terms.exercises.items():
            try:
                exercise = course.exercise(name)
            except UnknownExercise as error:
                raise CourseError(str(error)) from error
            if exercise_digest(exercise) != digest:
                raise CourseError(f"The exercise '{name}' is another one there: use the same course.")
            self._exercises[name] = exercise

    def setup(self, worker: Worker) -> None:
        """Called by Dask, in the worker's event loop."""
        self._looking = PeriodicCallback(self._close_idle, _LOOK_SECONDS * 1000)
        self._looking.start()

    async def teardown(self, worker: Worker) -> None:
        """Called by Dask when the worker is dismissed, or ends."""
        if self._looking is not None:
            self._looking.stop()
        await asyncio.to_thread(self.close)

    def grade(self, job: Job) -> Reply:
        """Grade one submission. A sandbox that failed is closed: the next job gets a new one."""
        try:
            self._last_used = time.monotonic()
            sandbox = self._opened()
            grade_one = suggesting(partial(grade, seeds=job.seeds), datetime.now(UTC))
            result = grade_one(job.submission, self._exercises[job.exercise], sandbox)
            return Reply(result=result_json(result), level=int(sandbox.level))
        except SandboxError as error:
            self._close_sandbox()
            return Reply(failure=str(error))
        finally:
            self._last_used = time.monotonic()

    def close(self) -> None:
        """End the sandbox, under a job if need be, and the thread."""
        self._closed = True
        sandbox, doing, deadline = self._sandbox, self._doing, time.monotonic() + _CLOSE_SECONDS
        # A run whose warm process was lost is made once more: it is closed until the job has given up.
        while doing is not None and not doing.done() and time.monotonic() < deadline:
            if sandbox is not None:
                sandbox.close()
            wait([doing], 0.2)
        self._close_sandbox()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _opened(self) -> Sandbox:
        if self._closed:
            raise SandboxError("The class was stopped.")
        if self._sandbox is None:
            limits = Limits(seconds=self._terms.seconds)
            sandbox = Sandbox(limits, least=Level.FILTER, accept_weak=self._terms.accept_weak)
            self._sandbox = sandbox.__enter__()
        return self._sandbox

    def _close_sandbox(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def _close_idle(self) -> None:
        if self._sandbox is not None and time.monotonic() - self._last_used > IDLE_SECONDS:
            self.do(self._close_if_idle)

    def _close_if_idle(self) -> None:
        """In the thread of the jobs, so that none is under way."""
        if time.monotonic() - self._last_used > IDLE_SECONDS:
            self._close_sandbox()

    def __reduce__(self) -> Any:
        raise TypeError("a station stays in its worker")
