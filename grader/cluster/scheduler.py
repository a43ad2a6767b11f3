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
        from distributed import Client, Security
    except ImportError:
        raise UsageError(
            "--cluster needs Dask's distributed, which is not installed:"
            " pip install 'autograd-grader[cluster]'."
        ) from None
    _hush()
    if address.startswith("tls://") and Security().get_connection_args("client")["ssl_context"] is None:
        raise UsageError(
            f"--cluster '{address}' needs a certificate, and Dask's configuration names none: set"
            " distributed.comm.tls.ca-file and distributed.comm.tls.client.cert and .key."
        )
    try:
        client = Client(address, timeout=seconds, set_as_default=False, direct_to_workers=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"No Dask scheduler answers at '{address}' ({error}): is it running, and can it be reached?"
        ) from None
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


def _hush() -> None:
    """One clear line is the grader's to say; what Dask logs beside it is for whoever runs the cluster."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
