"""The socket to the warm process: JSON objects behind a four-byte length, each with a deadline."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

_HEADER_BYTES = 4
_LONGEST_ANSWER = 64 * 1024
_NUDGE_SECONDS = 0.2


class Wire:
    """The parent's end. Deadlines are on the monotonic clock, and their passing is TimeoutError."""

    def __init__(self, connection: socket.socket, nudge: Callable[[], None]) -> None:
        """``nudge`` is called again and again while an answer is awaited."""
        self._connection = connection
        self._nudge = nudge

    def send(self, message: dict[str, Any], descriptors: Sequence[int], deadline: float) -> None:
        """Send a message, and copies of ``descriptors`` with its first bytes. Raises OSError."""
        body = json.dumps(message).encode()
        header = len(body).to_bytes(_HEADER_BYTES, "big")
        self._wait_until(deadline)
        if descriptors:
            socket.send_fds(self._connection, [header], list(descriptors))
        else:
            self._connection.sendall(header)
        self._connection.sendall(body)

    def receive(self, deadline: float) -> dict[str, Any]:
        """The next message. Raises OSError, or ValueError where it is none."""
        length = int.from_bytes(self._exactly(_HEADER_BYTES, deadline), "big")
        if length > _LONGEST_ANSWER:
            raise ValueError(f"an answer of {length} bytes")
        answer = json.loads(self._exactly(length, deadline))
        if not isinstance(answer, dict):
            raise ValueError("an answer that is no object")
        return answer

    def close(self) -> None:
        """The other end sees the end of file."""
        self._connection.close()

    def _exactly(self, size: int, deadline: float) -> bytes:
        data = b""
        while len(data) < size:
            self._wait_until(min(deadline, time.monotonic() + _NUDGE_SECONDS))
            try:
                piece = self._connection.recv(size - len(data))
            except TimeoutError:
                if time.monotonic() >= deadline:
                    raise
                self._nudge()
                continue
            if not piece:
                raise ConnectionResetError("it has ended")
            data += piece
        return data

    def _wait_until(self, deadline: float) -> None:
        self._connection.settimeout(max(deadline - time.monotonic(), 0.001))
