"""Which workers of a cluster grade for a class: each is checked as it comes, or told of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from grader.cluster.scheduler import ClusterError, NoWorker
from grader.cluster.wire import Standing, Terms
from grader.cluster.worker import dismiss, enlist, name_of
from grader.errors import WeakIsolation

if TYPE_CHECKING:
    from distributed import Client

ROUND_SECONDS = 2.0
"""How often new workers are looked for."""
MOST_NOTICES = 20


class Recruiter:
    """Enlists every worker that the scheduler has, and those that come later, until it is stopped."""

    def __init__(self, client: Client, terms: Terms, tell: Callable[[str], None]) -> None:
        """``tell`` is called, in the recruiter's thread, with a line for each worker that is left out."""
        self._client = client
        self._terms = terms
        self._tell_of = tell
        self._standings: dict[str, Standing] = {}
        """By address, of the workers that are there."""
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stopped = threading.Event()
        self._told = 0
        self.lost = ""
        """Why the scheduler is not to be reached any more; empty while it is."""
        self._thread = threading.Thread(target=self._recruit, name="grader-recruiter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = 30.0) -> None:
        """Enlist no more, and dismiss those that were."""
        self._stopped.set()
        self._thread.join(seconds)
        if self._client.status == "running":
            self._client.run(dismiss, self._terms.run, on_error="ignore")

    @property
    def ready(self) -> list[Standing]:
        """Of the workers that are there and grade."""
        with self._lock:
            return [standing for standing in self._standings.values() if not standing.refused]

    def first(self, seconds: float) -> Standing:
        """The first worker that grades.

        Raises:
            WeakIsolation: the workers that are there cannot hold strangers' code in.
            ClusterError: none came in ``seconds``, or none of those there may grade.
        """
        deadline = time.monotonic() + seconds
        while not self.ready:
            left = deadline - time.monotonic()
            if left <= 0 or self.lost:
                raise self.nobody(seconds)
            self._news.wait(min(left, 1.0))
            self._news.clear()
        return self.ready[0]

    def nobody(self, seconds: float) -> ClusterError | WeakIsolation:
        """Why no worker grades, as an error to raise."""
        if self.lost:
            return ClusterError(f"The connection to the scheduler was lost: {self.lost}")
        with self._lock:
            refused = {address: s for address, s in self._standings.items() if s.refused}
        if not refused:
            return NoWorker(
                f"No worker came within {seconds:g} s: start one with dask worker, or wait longer with"
                " --cluster-wait."
            )
        address, first = next(iter(refused.items()))
        others = f" ({len(refused) - 1} more were refused)" if len(refused) > 1 else ""
        message = f"No worker of the cluster may grade. {address}: {first.refused}{others}"
        return WeakIsolation(message) if first.weak else NoWorker(message)

    def _recruit(self) -> None:
        while not self._stopped.is_set():
            try:
                self._round()
            except Exception as error:  # noqa: BLE001 - told by whoever waits for a worker
                self.lost = str(error) or type(error).__name__
                self._news.set()
                return
            self._stopped.wait(ROUND_SECONDS)

    def _round(self) -> None:
        """Forget the workers that have gone, and enlist those that came."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        with self._lock:
            self._standings = {a: s for a, s in self._standings.items() if self._holds(a, s, workers)}
            new = [address for address in workers if address not in self._standings]
        if not new:
            return
        answers = self._client.run(enlist, self._terms.model_dump_json(), workers=new, on_error="return")
        for address, answer in answers.items():
            self._take(address, answer)
        self._news.set()

    def _holds(self, address: str, standing: Standing, workers: dict[str, Any]) -> bool:
        """Whether what is known of a worker still is: one that was started again at the same address has
        lost its sandbox."""
        if address not in workers:
            return False
        return bool(standing.refused or workers[address]["resources"].get(name_of(self._terms.run)))

    def _take(self, address: str, answer: object) -> None:
        if isinstance(answer, OSError):  # it has gone meanwhile, or will be asked again
            return
        standing = Standing.model_validate_json(answer) if isinstance(answer, str) else _unable(answer)
        with self._lock:
            self._standings[address] = standing
        if line := _notice(address, standing):
            self._tell(line)

    def _tell(self, line: str) -> None:
        self._told += 1
        if self._told <= MOST_NOTICES:
            self._tell_of(line)
        if self._told == MOST_NOTICES:
            self._tell_of("More such workers are not told of.")


def _unable(answer: object) -> Standing:
    if isinstance(answer, ModuleNotFoundError | AttributeError):
        reason = f"there is no grader on it, or an older one ({answer}): install the same on both sides"
    else:
        reason = f"it could not be prepared: {type(answer).__name__}: {answer}"
    return Standing(refused=reason)


def _notice(address: str, standing: Standing) -> str:
    if standing.refused:
        return f"Worker {address} is left out: {standing.refused}"
    if standing.threads > 1:
        return (
            f"Worker {address} has {standing.threads} threads and grades one submission at a time: more"
            " workers of one thread (dask worker --nworkers N --nthreads 1) use all cores."
        )
    return ""
