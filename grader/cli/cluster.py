"""The options of `grader batch` that hand a class to a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.terminal import console

if TYPE_CHECKING:
    from grader.cluster.class_on_cluster import ClassOnCluster
    from grader.exercise import Course, Exercise
    from grader.records import Limits

Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Grade on the workers of this Dask scheduler, tcp://HOST:PORT or tls://HOST:PORT.",
    ),
]
ClusterWait = Annotated[
    float,
    typer.Option(metavar="N", min=1, help="How many seconds the cluster may be without a worker."),
]


def no_jobs_elsewhere(cluster: str | None, jobs: int | None) -> None:
    """Raises UsageError where both are given."""
    from grader.errors import UsageError

    if cluster is not None and jobs is not None:
        raise UsageError(
            "--jobs is for this machine: with --cluster, one submission is graded at once on each worker."
        )


@contextmanager
def workers_of(
    address: str,
    course: Course,
    exercises: Mapping[str, Exercise],
    limits: Limits,
    accept_weak: bool,
    secret: bytes,
    wait_seconds: float,
) -> Iterator[ClassOnCluster]:
    """The workers of a cluster, enlisted for a class. Raises UsageError, ClusterError, WeakIsolation."""
    from grader.clean import terminal
    from grader.cluster.scheduler import connected

    errors = console(sys.stderr)
    with connected(address) as client:
        from grader.cluster.class_on_cluster import recruited

        with recruited(
            client,
            course,
            exercises,
            limits=limits,
            accept_weak=accept_weak,
            secret=secret,
            wait_seconds=wait_seconds,
            tell=lambda line: errors.print(terminal(line)),
        ) as workers:
            yield workers
