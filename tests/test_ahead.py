"""Runs side by side: in the order of the plan, never too many, and stopped where nobody wants them."""

from __future__ import annotations

import threading
from typing import cast

from grader.ahead import BEGINS_AFTER_SECONDS, ahead
from grader.records import ChildReport, Limits, RunRequest
from grader.sandbox import Sandbox, Sitting
from tests.traces import a_request


class Slow:
    """Stands in for a sandbox whose runs go on until they are let end."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.going = self.most = 0
        self.stopped: list[int] = []
        self.released: dict[int, threading.Event] = {seed: threading.Event() for seed in range(4)}
        self._lock = threading.Lock()

    def run(
        self, request: RunRequest, limits: Limits | None = None, unwanted: threading.Event | None = None
    ) -> ChildReport:
        with self._lock:
            self.begun.append(request.seed)
            self.going += 1
            self.most = max(self.most, self.going)
        while not self.released[request.seed].wait(0.005):
            if unwanted is not None and unwanted.is_set():
                self.stopped.append(request.seed)
                break
        with self._lock:
            self.going -= 1
        return ChildReport(ending="complete", detail=str(request.seed), seconds=0)

    def end(self, *seeds: int) -> None:
        for seed in seeds:
            self.released[seed].set()

    @property
    def sandbox(self) -> Sandbox:
        return cast(Sandbox, self)

    @property
    def sitting(self) -> Sitting:
        return cast(Sitting, self)


PLAN = [a_request(seed=seed) for seed in range(4)]


def test_a_run_that_ends_at_once_has_nothing_begun_beside_it() -> None:
    slow = Slow()
    slow.end(0)
    with ahead(slow.sitting, PLAN, 2) as runs:
        assert runs.run(PLAN[0]).detail == "0"
    assert slow.begun == [0]


def test_while_a_run_goes_on_those_after_it_are_made_beside_it() -> None:
    slow = Slow()
    slow.end(1, 2, 3)
    threading.Timer(20 * BEGINS_AFTER_SECONDS, slow.end, (0,)).start()
    with ahead(slow.sitting, PLAN, 2) as runs:
        assert [runs.run(request).detail for request in PLAN] == ["0", "1", "2", "3"]
    assert slow.begun == [0, 1, 2, 3], "each once, in order"
    assert slow.most == 2


def test_what_was_begun_and_is_not_wanted_is_stopped() -> None:
    slow = Slow()
    threading.Timer(6 * BEGINS_AFTER_SECONDS, slow.end, (0,)).start()
    with ahead(slow.sitting, PLAN, 2) as runs:
        runs.run(PLAN[0])
    assert slow.begun == [0, 1] and slow.stopped == [1]


def test_one_at_a_time_is_the_sitting_itself() -> None:
    slow = Slow()
    with ahead(slow.sitting, PLAN, 1) as runs:
        assert runs is slow.sitting


def test_another_request_than_the_planned_ones_is_made_as_it_is() -> None:
    slow = Slow()
    slow.end(0, 3)
    with ahead(slow.sitting, PLAN[:1], 2) as runs:
        assert runs.run(PLAN[3]).detail == "3"
