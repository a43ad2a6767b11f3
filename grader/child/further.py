"""Orders to run again, which a child takes after a run that left its process as it was.

parent:  a four-byte big-endian length, and the argument of the next run as JSON
child:   READY behind the frame of the run before, when all that it printed is in its pipes
"""

from __future__ import annotations

import json
import os
from typing import Any

READY = b"+"
_HEADER_BYTES = 4

# Taken here, before any submission can put something else in their place.
_decode = json.JSONDecoder().decode
_read = os.read


def next_argument(descriptor: int) -> Any:
    """What the next run is asked; None where there is to be none. Raises OSError, or ValueError."""
    header = _exactly(descriptor, _HEADER_BYTES)
    body = _exactly(descriptor, int.from_bytes(header, "big"))
    return _decode(body.decode()) if body else None


def _exactly(descriptor: int, size: int) -> bytes:
    """So many bytes; none where the other end was closed before."""
    data = bytearray()
    while len(data) < size:
        piece = _read(descriptor, size - len(data))
        if not piece:
            return b""
        data += piece
    return bytes(data)
