"""A class on a cluster, without one: what is handed out, what comes back, and what is refused."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from distributed import CancelledError, KilledWorker

from grader.cluster import dispatch as module
from grader.cluster.dispatch import LEAST_IN_FLIGHT, Dispatch
from grader.cluster.installation import differences, exercise_digest, installation
from grader.cluster.recruiting import Recruiter
from grader.cluster.scheduler import ClusterError, NoWorker, connected
from grader.cluster.wire import Job, Reply, Standing, Terms
from grader.cluster.worker import enlist, grade_job
from grader.errors import SubmissionError, UsageError, WeakIsolation
from grader.exercise import find_course
from grader.records import Result
from grader.report.json_text import result_json
from grader.resume import Settings
from grader.secret import hidden_seeds
from grader.submission.intake import Entry
from grader.submission.layout import Student
from tests import handmade
from tests.command import ROOT

COURSE = find_course(ROOT)
EXERCISES = {"line": COURSE.exercise("line")}
SECRET = b"sixteen bytes or more"
SETTINGS = Settings(2, "2.13.0", 30.0, SECRET, datetime(2026, 1, 1, tzinfo=UTC))
TERMS = Terms(
    run="abc",
    installation=installation(),
    course=str(ROOT),
    exercises={"line": exercise_digest(EXERCISES["line"])},
    seconds=30.0,
    accept_weak=False,
)
Answer = Callable[[Job], Any]


def graded(job: Job) -> str:
    """What a worker replies."""
    result = handmade.result(name=job.submission.name)
    return Reply(result=result_json(result), level=2).model_dump_json()


def killed(job: Job) -> tuple[object, ...]:
    """What Dask says of a task whose workers died."""

    class Address:
        address = "tcp://10.0.0.1:1"

    return KilledWorker, KilledWorker("key", Address(), 3), None  # type: ignore[arg-type]


class FakeCluster:
    """Client and ``as_completed`` in one: a task is answered when it is asked for."""

    status = "running"
    loop = None

    def __init__(self, answer: Answer = graded) -> None:
        self.answer = answer
        self.tasks: list[dict[str, Any]] = []
        self.waiting: list[tuple[str, Job]] = []
        self.most = 0
        self.cancelled: list[str] = []

    def submit(self, function: object, run: str, job: str, **options: Any) -> str:
        assert function is grade_job
        self.tasks.append({"job": job, **options})
        self.waiting.append((options["key"], Job.model_validate_json(job)))
        return str(options["key"])

    def add(self, future: str) -> None:
        self.most = max(self.most, len(self.waiting))

    def next_batch(self, block: bool) -> list[tuple[str, Any]]:
        if not self.waiting or (answer := self.answer(self.waiting[0][1])) is None:
            return []
        return [(self.waiting.pop(0)[0], answer)]

    def cancel(self, futures: list[str], force: bool) -> None:
        self.cancelled += futures
        self.waiting.clear()


class FakeRecruiter:
    ready: tuple[Standing, ...] = (Standing(level=2),)
    lost = ""

    def nobody(self, seconds: float) -> NoWorker:
        return NoWorker("nobody came")


def entry(name: str, source: bytes = b"x = 1\n") -> Entry:
    return Entry((Student(name, name),), "line", f"{name}.py", lambda: source)


@pytest.fixture
def dispatched(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def dispatch(cluster: FakeCluster, entries: Iterable[Entry], **changes: Any) -> Any:
        monkeypatch.setattr(module, "as_completed", lambda **_: cluster)
        recruiter: Any = changes.get("recruiter", FakeRecruiter())
        client: Any = cluster
        wait = changes.get("wait", 0.1)
        return Dispatch(client, "abc", EXERCISES, SETTINGS, recruiter, wait).results(entries)

    return dispatch


def names(results: Iterable[Result]) -> list[tuple[str, str]]:
    return [(result.submission.name, result.status) for result in results]


def test_no_more_is_in_flight_than_the_workers_need(dispatched: Callable[..., Any]) -> None:
    cluster, read = FakeCluster(), []

    def entries() -> Iterable[Entry]:
        for index in range(500):
            read.append(index)
            yield entry(f"s{index}")

    results = dispatched(cluster, entries())
    next(results)
    assert len(read) == LEAST_IN_FLIGHT
    assert len(list(results)) == 499
    assert cluster.most == LEAST_IN_FLIGHT


def test_large_submissions_are_bounded_by_their_bytes(
    dispatched: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES_IN_FLIGHT", 4000)
    cluster = FakeCluster()
    list(dispatched(cluster, [entry(f"s{index}", b"#" * 1500) for index in range(9)]))
    assert cluster.most == 3


def test_the_secret_stays_at_home_and_the_key_tells_nothing(dispatched: Callable[..., Any]) -> None:
    cluster = FakeCluster()
    list(dispatched(cluster, [entry("Ada Lovelace")]))
    (task,) = cluster.tasks
    job = Job.model_validate_json(task["job"])
    assert job.seeds == hidden_seeds(SECRET, "line", job.submission.sha256)
    assert SECRET.decode() not in str(task)
    assert task["key"] == "grade-abc-1"
    assert task["resources"] == {"grader-abc": 1}


def test_a_group_is_graded_once_and_everybody_has_the_result(dispatched: Callable[..., Any]) -> None:
    cluster = FakeCluster()
    group = Entry((Student("Ada", "1"), Student("Bob", "2")), "line", "x.py", lambda: b"x = 1")
    results = list(dispatched(cluster, [group]))
    assert names(results) == [("Ada", "passed"), ("Bob", "passed")]
    assert len(cluster.tasks) == 1
    assert len({result.fingerprint for result in results} - {""}) == 1


def test_what_cannot_be_read_or_graded_is_ungraded_and_the_rest_go_on(dispatched: Callable[..., Any]) -> None:
    def fail() -> bytes:
        raise SubmissionError("'x.py' is encrypted")

    def answer(job: Job) -> Any:
        if job.submission.name == "fault":
            return Reply(failure="The grader failed.").model_dump_json()
        if job.submission.name == "raised":
            return ValueError, ValueError("in the worker"), None
        return graded(job)

    entries = [
        Entry((Student("Nil"),), "line", "", None, missing="No file."),
        Entry((Student("Enc"),), "line", "x.py", fail),
        *map(entry, ("fault", "raised", "well")),
    ]
    found = {r.submission.name: (r.status, r.reason) for r in dispatched(FakeCluster(answer), entries)}
    assert found == {
        "Nil": ("ungraded", "No file."),
        "Enc": ("ungraded", "'x.py' is encrypted"),
        "fault": ("ungraded", "The grader failed."),
        "raised": (
            "ungraded",
            "The grader failed on this submission: ValueError: in the worker. Please report it.",
        ),
        "well": ("passed", None),
    }


def test_who_only_waited_where_a_worker_died_is_graded_all_the_same(dispatched: Callable[..., Any]) -> None:
    tried: dict[str, int] = {}

    def answer(job: Job) -> Any:
        name = job.submission.name
        tried[name] = tried.get(name, 0) + 1
        return killed(job) if name == "deadly" or (name == "beside" and tried[name] == 1) else graded(job)

    cluster = FakeCluster(answer)
    results = list(dispatched(cluster, map(entry, ("deadly", "beside", "well"))))
    assert names(results) == [("well", "passed"), ("deadly", "ungraded"), ("beside", "passed")]
    assert "in the end 4 times with nothing else" in (results[1].reason or "")
    assert tried == {"deadly": 2, "beside": 2, "well": 1}


def test_what_killed_the_last_worker_has_a_result(dispatched: Callable[..., Any]) -> None:
    recruiter = FakeRecruiter()

    def answer(job: Job) -> Any:
        if recruiter.ready:
            recruiter.ready = ()
            return killed(job)
        return None

    results = dispatched(FakeCluster(answer), [entry("deadly")], recruiter=recruiter)
    assert names(results) == [("deadly", "ungraded")]


@pytest.mark.parametrize("lost", ["", "the connection broke"])
def test_no_worker_for_too_long_ends_the_class(dispatched: Callable[..., Any], lost: str) -> None:
    recruiter = FakeRecruiter()
    recruiter.lost = lost
    if not lost:
        recruiter.ready = ()
    cluster = FakeCluster(lambda job: None)
    with pytest.raises(ClusterError, match="nobody came"):
        list(dispatched(cluster, [entry("a")], recruiter=recruiter, wait=1000 if lost else 0.1))
    assert cluster.cancelled == ["grade-abc-1"]


def test_a_restarted_scheduler_ends_the_class(dispatched: Callable[..., Any]) -> None:
    with pytest.raises(ClusterError, match=r"has dropped what it was given.*Run the command again"):
        list(dispatched(FakeCluster(lambda job: CancelledError("key")), [entry("a")]))


def test_stopping_early_takes_back_what_is_on_the_cluster(dispatched: Callable[..., Any]) -> None:
    cluster = FakeCluster()
    results = dispatched(cluster, [entry(f"s{index}") for index in range(40)])
    next(results)
    results.close()
    assert len(cluster.cancelled) == LEAST_IN_FLIGHT - 1


class FakeWorker:
    """A worker that is only asked what it has installed."""

    def __init__(self) -> None:
        self.plugins: dict[str, Any] = {}


def asked(terms: Terms) -> Standing:
    return Standing.model_validate_json(asyncio.run(enlist(terms.model_dump_json(), FakeWorker())))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("grader", r"grader is 0\.1\.0 there and 9\.9 here"),
        ("torch", r"torch is [\d.]+ there and 9\.9 here"),
        ("python", r"Python is 3\.\d+ there and 9\.9 here"),
        ("source", r"grader is 0\.1\.0 on both sides, but its files differ"),
    ],
)
def test_a_worker_with_something_else_installed_is_refused(field: str, said: str) -> None:
    other = installation().model_copy(update={field: "9.9"})
    standing = asked(TERMS.model_copy(update={"installation": other}))
    assert standing.refused.endswith(": install the same on both sides")
    assert re.search(said, standing.refused)


def test_the_same_is_installed_here_and_here() -> None:
    assert differences(installation(), installation()) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exercises": {"line": "0" * 64}}, "The exercise 'line' is another one there: use the same course."),
        ({"exercises": {"lime": "0" * 64}}, "There is no exercise 'lime'. Did you mean line?"),
        (
            {"course": "/nowhere"},
            "No exercises in '/nowhere': expected a folder with exercises/, reference/ and student_template/"
            " in it.",
        ),
    ],
)
def test_a_worker_with_another_course_is_refused(changes: dict[str, Any], said: str) -> None:
    assert asked(TERMS.model_copy(update=changes)) == Standing(refused=said)


def test_a_job_never_raises_where_dask_would_log_it() -> None:
    reply = Reply.model_validate_json(grade_job("abc", "{"))
    assert reply.failure.startswith("The grader failed on this submission: ")


class Scheduler:
    """What a recruiter asks: who is there, and what they answer."""

    status = "running"

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.rounds = 0

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        self.rounds += 1
        return {"workers": {name: {"resources": {"grader-abc": 1}} for name in self.answers}}

    def run(self, function: object, *arguments: str, workers: Any = (), on_error: str) -> dict[str, Any]:
        return {name: self.answers[name] for name in workers}


def recruiter(told: list[str], **answers: Any) -> Recruiter:
    return Recruiter(Scheduler(**answers), TERMS, told.append)  # type: ignore[arg-type]


def test_the_fit_are_taken_and_the_others_told_of() -> None:
    told: list[str] = []
    found = recruiter(
        told,
        fit=Standing(level=2, torch="2.13.0").model_dump_json(),
        wide=Standing(level=2, threads=8).model_dump_json(),
        old=Standing(refused="grader is 0.0.9 there and 0.1.0 here").model_dump_json(),
        bare=ModuleNotFoundError("No module named 'grader'"),
        gone=OSError("closed"),
    )
    found.start()
    assert found.first(20).level == 2
    found.stop()
    assert len(found.ready) == 2
    assert sorted(told) == [
        "Worker bare is left out: there is no grader on it, or an older one (No module named 'grader'):"
        " install the same on both sides",
        "Worker old is left out: grader is 0.0.9 there and 0.1.0 here",
        "Worker wide has 8 threads and grades one submission at a time: more workers of one thread"
        " (dask worker --nworkers N --nthreads 1) use all cores.",
    ]


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ({}, NoWorker, r"No worker came within 0\.1 s: start one"),
        (
            {"old": Standing(refused="too old")},
            NoWorker,
            r"No worker of the cluster may grade\. old: too old$",
        ),
        ({"weak": Standing(refused="level 0", weak=True)}, WeakIsolation, r"may grade\. weak: level 0$"),
    ],
)
def test_no_worker_that_may_grade_is_said_with_the_reason(
    answers: dict[str, Standing], kind: type[Exception], said: str
) -> None:
    found = recruiter([], **{name: s.model_dump_json() for name, s in answers.items()})
    found.start()
    with pytest.raises(kind, match=said):
        found.first(0.1 if not answers else 1.0)
    found.stop()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "http://10.0.0.5:8787",
            "begins with http://: expected the address of a Dask scheduler, like tcp://",
        ),
        ("tcp://10.0.0.5", "is no host and port"),
        ("tcp://10.0.0.5:99999", "is no host and port"),
        ("scheduler", "is no host and port"),
        ("", "is no host and port"),
        ("tls://127.0.0.1:1", "needs a certificate"),
    ],
)
def test_a_wrong_address_is_refused_before_anything_is_tried(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said), connected(address):
        pass


def test_without_distributed_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'autograd-grader\[cluster\]'"), connected("tcp://a:1"):
        pass
