"""The connection to a Dask scheduler, and what can be wrong with its address."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from distributed import Client

SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")
CONNECT_SECONDS = 10.0
_EXPECTED = "expected the address of a Dask scheduler, like tcp://10.0.0.5:8786"


class ClusterError(GraderError):
    """The cluster was there and does not work any more, or never had a worker that may grade."""


class NoWorker(ClusterError):
    """No worker that may grade is there."""


@contextlib.contextmanager
def connected(address: str, seconds: float = CONNECT_SECONDS) -> Iterator[Client]:
    """A client of the scheduler at ``address``.

    Raises:
        UsageError: ``distributed`` is not installed, that is no scheduler's address, or none answers there.
    """
    _check(address)
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--cluster needs Dask's distributed, which is not installed:"
            " pip install 'autograd-grader[cluster]'."
        ) from None
    # One clear line is the grader's to say; what Dask logs beside it comes with tracebacks.
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=seconds, set_as_default=False, direct_to_workers=False)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise UsageError(_why_not(address, error)) from None
    with client:
        yield client


def _check(address: str) -> None:
    scheme, separator, place = address.rpartition("://")
    if separator and scheme not in SCHEMES:
        raise UsageError(
            f"--cluster '{address}' begins with {scheme}://: {_EXPECTED}, or tls:// (its dashboard's address"
            " is another one)."
        )
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"--cluster '{address}' is no host and port: {_EXPECTED}.")


def _why_not(address: str, error: Exception) -> str:
    if isinstance(error, TypeError) and "TLS" in str(error):
        return (
            f"--cluster '{address}' needs a certificate, and Dask's configuration names none: set"
            " distributed.comm.tls.ca-file and distributed.comm.tls.client.cert and .key."
        )
    return f"No Dask scheduler answers at '{address}' ({error}): is it running, and can it be reached?"
