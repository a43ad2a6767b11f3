"""Bounded memory of unbounded output: the beginning, the end, and how much was left out."""

from __future__ import annotations

HEAD_BYTES = 32 * 1024
TAIL_BYTES = 8 * 1024


class Capture:
    """Keeps the first ``head`` and the last ``tail`` bytes that it is fed."""

    def __init__(self, head: int = HEAD_BYTES, tail: int = TAIL_BYTES) -> None:
        self._head_bytes = head
        self._tail_bytes = tail
        self._head = bytearray()
        self._tail = bytearray()
        self.size = 0
        """All the bytes that were fed."""

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size += len(data)
        room = self._head_bytes - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        del self._tail[: max(0, len(self._tail) - self._tail_bytes)]

    @property
    def data(self) -> bytes:
        """What was kept, with no mark where something was left out."""
        return bytes(self._head + self._tail)

    def text(self) -> str:
        """What was kept, as text; bytes that are no UTF-8 become U+FFFD."""
        left_out = self.size - len(self._head) - len(self._tail)
        if not left_out:
            return self.data.decode("utf-8", "replace")
        head = self._head.decode("utf-8", "replace")
        tail = self._tail.decode("utf-8", "replace")
        return f"{head}\n[{left_out} bytes left out]\n{tail}"
