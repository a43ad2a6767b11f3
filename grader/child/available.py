"""What torch says is there, while a submission is asked which device it would take.

On a machine with no accelerator every way to choose one comes to the CPU, so a wrong choice would not show.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import torch


@contextlib.contextmanager
def available(accelerators: Sequence[str] | None) -> Iterator[None]:
    """Let torch say that these are there and no others, in all the ways it can be asked; None changes
    nothing."""
    with contextlib.ExitStack() as stack:
        for owner, name, value in _answers(accelerators) if accelerators is not None else ():
            stack.enter_context(mock.patch.object(owner, name, _saying(value)))
        yield


def _answers(accelerators: Sequence[str]) -> Iterator[tuple[Any, str, Any]]:
    cuda, mps = "cuda" in accelerators, "mps" in accelerators
    yield torch.cuda, "is_available", cuda
    yield torch.cuda, "device_count", int(cuda)
    yield torch.cuda, "current_device", 0
    yield torch.cuda, "get_device_name", "a GPU"
    yield torch.backends.mps, "is_available", mps
    yield torch.backends.mps, "is_built", True  # says nothing of the machine that torch runs on
    yield torch.backends.cuda, "is_built", True
    yield torch.mps, "is_available", mps
    yield torch.mps, "device_count", int(mps)
    yield torch.accelerator, "is_available", bool(accelerators)
    yield torch.accelerator, "device_count", int(bool(accelerators))
    first = torch.device(accelerators[0]) if accelerators else None
    yield torch.accelerator, "current_accelerator", first


def _saying(value: Any) -> Any:
    def answer(*_: Any, **__: Any) -> Any:
        return value

    return answer
