"""Hands submissions to the workers of a cluster, a bounded number at a time, and takes their results."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from distributed import CancelledError, KilledWorker, as_completed

from grader.batch import fault, for_each, read
from grader.cluster.recruiting import Recruiter
from grader.cluster.scheduler import ClusterError, NoWorker
from grader.cluster.wire import Job, Reply
from grader.cluster.worker import grade_job, name_of
from grader.errors import GraderError
from grader.exercise import Exercise
from grader.grade import ungraded
from grader.records import Result, Submission
from grader.resume import Settings, fingerprint
from grader.secret import hidden_seeds
from grader.submission.intake import Entry

if TYPE_CHECKING:
    from distributed import Client, Future

LEAST_IN_FLIGHT = 32
"""So many wait for the first worker, from which an adaptive cluster sees that there is work."""
IN_FLIGHT_PER_WORKER = 3
MOST_BYTES_IN_FLIGHT = 64 * 1024 * 1024
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Flight:
    """A submission that is on the cluster."""

    entry: Entry
    submission: Submission
    job: str
    alone: bool = False


class Dispatch:
    """One class on a cluster. Used once, by one thread.

    Dask gives a submission to another worker when its worker dies, and gives it up when that has happened
    often (its ``allowed-failures``). What only waited at that worker is counted with what killed it, so those
    given up are tried once more when all others are done, one at a time and nothing beside: what is given up
    then did it itself.
    """

    def __init__(
        self,
        client: Client,
        run: str,
        exercises: Mapping[str, Exercise],
        settings: Settings,
        recruiter: Recruiter,
        wait_seconds: float,
    ) -> None:
        """``wait_seconds``: how long there may be no worker."""
        self._client = client
        self._run = run
        self._exercises = exercises
        self._settings = settings
        self._recruiter = recruiter
        self._wait_seconds = wait_seconds
        self._finished = as_completed(with_results=True, raise_errors=False, loop=client.loop)
        self._flights: dict[Future[Any], Flight] = {}
        self._suspects: deque[Flight] = deque()
        self._bytes = 0
        self._count = 0
        self._last_worker = time.monotonic()

    def results(self, entries: Iterable[Entry]) -> Generator[Result, None, None]:
        """The results of every entry, in the order of completion.

        Closing the generator early takes back what is on the cluster.

        Raises:
            ClusterError: the connection was lost, or no worker was left for too long.
        """
        try:
            for entry in entries:
                yield from self._hand_out(entry)
                while not self._has_room():
                    yield from self._take()
            while self._flights:
                yield from self._take()
            while self._suspects:
                yield from self._try_alone(self._suspects.popleft())
        finally:
            self._cancel()

    def _has_room(self) -> bool:
        most = max(LEAST_IN_FLIGHT, IN_FLIGHT_PER_WORKER * len(self._recruiter.ready))
        return len(self._flights) < most and self._bytes < MOST_BYTES_IN_FLIGHT

    def _hand_out(self, entry: Entry) -> Iterator[Result]:
        """Send one entry; its results at once where it cannot be read."""
        try:
            submission = read(entry, self._exercises)
            seeds = hidden_seeds(self._settings.secret, entry.exercise, submission.sha256)
            job = Job(exercise=entry.exercise, submission=submission, seeds=seeds).model_dump_json()
        except GraderError as error:
            yield from self._ungraded(entry, None, str(error))
        except Exception as error:  # noqa: BLE001 - one submission must not end the class
            yield from self._ungraded(entry, None, fault(error))
        else:
            self._send(Flight(entry, submission, job))

    def _send(self, flight: Flight) -> None:
        self._count += 1
        # The key is what logs show of a task: it says nothing of whose it is.
        future = self._client.submit(
            grade_job,
            self._run,
            flight.job,
            key=f"grade-{self._run}-{self._count}",
            pure=False,
            resources={name_of(self._run): 1},
        )
        self._flights[future] = flight
        self._bytes += len(flight.job)
        self._finished.add(future)

    def _take(self) -> Iterator[Result]:
        """What has come meanwhile; or wait a little."""
        batch: list[tuple[Future[Any], Any]] = self._finished.next_batch(block=False)
        for future, answer in batch:
            flight = self._flights.pop(future)
            self._bytes -= len(flight.job)
            yield from self._landed(flight, answer)
        if not batch:
            self._look_for_workers()
            time.sleep(_POLL_SECONDS)

    def _look_for_workers(self) -> None:
        """Raises ClusterError where there has been no worker for too long, or the scheduler has gone."""
        now = time.monotonic()
        if self._recruiter.ready and not self._recruiter.lost:
            self._last_worker = now
        elif self._recruiter.lost or now - self._last_worker > self._wait_seconds:
            raise self._recruiter.nobody(self._wait_seconds)

    def _landed(self, flight: Flight, answer: Any) -> Iterator[Result]:
        entry, submission = flight.entry, flight.submission
        error = answer[1] if isinstance(answer, tuple) else answer
        if isinstance(answer, str):
            yield from self._replied(flight, Reply.model_validate_json(answer))
        elif isinstance(error, CancelledError):
            raise ClusterError(
                "The scheduler has dropped what it was given: it was restarted, or the connection was lost."
                " Run the command again for the rest."
            )
        elif not isinstance(error, KilledWorker):
            yield from self._ungraded(entry, submission, fault(error))
        elif flight.alone:
            yield from self._ungraded(entry, submission, _deadly(error.allowed_failures + 1))
        else:
            self._suspects.append(replace(flight, alone=True))

    def _replied(self, flight: Flight, reply: Reply) -> Iterator[Result]:
        if reply.failure:
            yield from self._ungraded(flight.entry, flight.submission, reply.failure)
            return
        result = Result.model_validate_json(reply.result)
        settings = replace(self._settings, level=reply.level, torch=result.environment.torch or "")
        mark = fingerprint(flight.submission, self._exercises[flight.entry.exercise], settings)
        yield from for_each(flight.entry, result.model_copy(update={"fingerprint": mark}))

    def _try_alone(self, flight: Flight) -> Iterator[Result]:
        """With nothing else on the cluster, and a worker that may have to come first."""
        self._last_worker = time.monotonic()
        try:
            self._send(flight)
            while self._flights:
                yield from self._take()
        except NoWorker:
            self._cancel()
            yield from self._ungraded(flight.entry, flight.submission, _deadly(1))

    def _ungraded(self, entry: Entry, submission: Submission | None, reason: str) -> list[Result]:
        blank = Submission(name="", path=entry.path, sha256="", form="function", source="")
        return for_each(entry, ungraded(submission or blank, self._exercises[entry.exercise], reason))

    def _cancel(self) -> None:
        """Take back what is on the cluster."""
        if self._flights and self._client.status == "running":
            self._client.cancel(list(self._flights), force=True)
        self._flights.clear()
        self._bytes = 0


def _deadly(deaths: int) -> str:
    often = "once" if deaths == 1 else f"{deaths} times"
    return (
        f"Every worker that ran this submission died, in the end {often} with nothing else on the cluster."
        " It may need more memory than a worker has: the worker's log says what ended it."
    )
