"""The pipes between the parent and a child."""

from __future__ import annotations

import os

PIPES = ("evidence", "stdout", "stderr", "trace")


class Pipes:
    """Four pipes that a child writes to, and one for its orders to run again. No other process inherits them;
    the child is sent its ends."""

    def __init__(self) -> None:
        """Raises OSError."""
        self.readers: dict[str, int] = {}
        self.theirs: list[int] = []
        """The child's ends, in the order in which it is sent them."""
        self.orders = -1
        """Where orders are written; a write does not wait."""
        try:
            for name in PIPES:
                self.readers[name], writer = os.pipe()
                self.theirs.append(writer)
            reader, self.orders = os.pipe()
            self.theirs.append(reader)
            os.set_blocking(self.orders, False)
        except OSError:
            self.close()
            raise

    def close_theirs(self) -> None:
        """Close our copies, so that the child's end is the end of file."""
        while self.theirs:
            os.close(self.theirs.pop())

    def close(self) -> None:
        """Close all that is open."""
        self.close_theirs()
        while self.readers:
            os.close(self.readers.popitem()[1])
        if self.orders >= 0:
            os.close(self.orders)
            self.orders = -1
