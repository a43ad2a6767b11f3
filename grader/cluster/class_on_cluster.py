"""A class on a cluster: what ``grader.batch`` does on this machine, in the same words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from grader.cluster.dispatch import Dispatch
from grader.cluster.installation import exercise_digest, installation
from grader.cluster.recruiting import Recruiter
from grader.cluster.wire import Terms
from grader.exercise import Course, Exercise
from grader.records import Limits, Result
from grader.resume import Settings
from grader.submission.intake import Entry

if TYPE_CHECKING:
    from distributed import Client


class ClassOnCluster:
    """The workers that grade for one class, from the first that may."""

    def __init__(self, client: Client, terms: Terms, recruiter: Recruiter, settings: Settings, wait: float):
        self.settings = settings
        """What results depend on, as the first worker tells it: a cluster of equal workers grades alike."""
        self._client = client
        self._terms = terms
        self._recruiter = recruiter
        self._wait = wait

    def grade_class(
        self, entries: Sequence[Entry], exercises: Mapping[str, Exercise]
    ) -> Generator[Result, None, None]:
        """The results of ``entries``, each as soon as it is known: one for each student and exercise.

        Closing the iterator early takes back what is on the cluster.

        Raises:
            ClusterError: the connection was lost, or no worker was left for too long.
        """
        dispatch = Dispatch(
            self._client, self._terms.run, exercises, self.settings, self._recruiter, self._wait
        )
        return dispatch.results(entries)


@contextmanager
def recruited(
    client: Client,
    course: Course,
    exercises: Mapping[str, Exercise],
    *,
    limits: Limits,
    accept_weak: bool,
    secret: bytes,
    wait_seconds: float,
    tell: Callable[[str], None],
) -> Iterator[ClassOnCluster]:
    """Enlist the workers of a cluster for a class, and dismiss them at the end, however it comes.

    ``tell`` is called with a line for each worker that is left out.

    Raises:
        WeakIsolation: the workers that are there cannot hold strangers' code in.
        ClusterError: no worker that may grade came within ``wait_seconds``.
    """
    terms = Terms(
        run=uuid.uuid4().hex[:12],
        installation=installation(),
        course=None if course.came_along else str(course.root),
        exercises={name: exercise_digest(exercise) for name, exercise in exercises.items()},
        seconds=limits.seconds,
        accept_weak=accept_weak,
    )
    recruiter = Recruiter(client, terms, tell)
    recruiter.start()
    try:
        first = recruiter.first(wait_seconds)
        settings = Settings(first.level, first.torch, limits.seconds, secret, datetime.now(UTC))
        yield ClassOnCluster(client, terms, recruiter, settings, wait_seconds)
    finally:
        recruiter.stop()
