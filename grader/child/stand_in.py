"""The simulated accelerator in the place of one that a submission names and this machine has not.

``torch.zeros(1, device="cuda")`` and ``x.cuda()`` then make and move to ``sim``, so that what the program
would do on a machine with a GPU can be seen. Whether there is one is answered as before: there is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from grader.accelerators import ACCELERATORS
from grader.child.simulated import NAME


def perform(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Make a torch call, every accelerator among its arguments replaced."""
    if getattr(func, "__name__", "") in ACCELERATORS:
        return args[0].to(NAME)  # Tensor.cuda(); a device number that was given is the one that there is
    return func(*map(_replaced, args), **{key: _replaced(value) for key, value in kwargs.items()})


def only(accelerators: Sequence[str]) -> Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]:
    """``perform`` for these accelerators alone: the others are not there."""

    def perform_these(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        named = {_accelerator(value) for value in (*args, *kwargs.values())} | {getattr(func, "__name__", "")}
        # A torch.device is an answer, and no use of it.
        there = func is not torch.device and not named.isdisjoint(accelerators)
        return perform(func, args, kwargs) if there else func(*args, **kwargs)

    return perform_these


def _accelerator(value: Any) -> str | None:
    if isinstance(value, torch.device):
        return value.type
    return value.partition(":")[0] if type(value) is str else None


def _replaced(value: Any) -> Any:
    if _accelerator(value) not in ACCELERATORS:
        return value
    return NAME if type(value) is str else torch.device(NAME)
