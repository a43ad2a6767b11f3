"""Seeds: every source of randomness is set before a run, and what a script seeds itself is shifted.

A script's data come from the seeds that it sets. Run again with each of them shifted, it makes other
data, so an answer that does not come from the data shows.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

NUMPY_CLASSES = ("RandomState", "SeedSequence", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
SEED_NAMES = ("seed", "entropy", "a")


def seed_everything(seed: int) -> None:
    """Set the global generators of torch, NumPy and Python."""
    if torch.cuda.is_available() or torch.backends.mps.is_available() or torch.xpu.is_available():
        torch.manual_seed(seed)
    else:  # that notes a stack trace for each kind of device that may come yet: milliseconds
        torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


class Shift:
    """Adds ``amount`` to every seed that the submission sets from now on, and counts them."""

    def __init__(self, amount: int) -> None:
        self.amount = amount
        self.count = 0
        self._inside = False

    def install(self) -> None:
        """Replace the functions that take seeds, for the rest of this process."""
        if not self.amount:
            return
        for owner in (torch, torch.random, torch.cuda):
            for name in ("manual_seed", "manual_seed_all"):
                self._wrap(owner, name)
        for owner, name in ((np.random, "seed"), (np.random, "default_rng"), (random, "seed")):
            self._wrap(owner, name)
        for name in NUMPY_CLASSES:
            setattr(np.random, name, self._numpy_generator(getattr(np.random, name)))
        torch.Generator = self._torch_generator()  # type: ignore[misc, assignment]
        random.Random = self._python_generator()  # type: ignore[misc, assignment]

    def shifted(self, seed: Any) -> Any:
        if type(seed) is not int:
            return seed
        self.count += 1
        return seed + self.amount

    def _wrap(self, owner: Any, name: str) -> None:
        original = getattr(owner, name, None)
        if original is not None:
            setattr(owner, name, self._shifting(original))

    def _shifting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def function(*args: Any, **kwargs: Any) -> Any:
            if self._inside:  # torch.manual_seed hands its seed on to torch.cuda's
                return original(*args, **kwargs)
            first = [self.shifted(seed) for seed in args[:1]]
            named = {k: self.shifted(v) if k in SEED_NAMES else v for k, v in kwargs.items()}
            self._inside = True
            try:
                return original(*first, *args[1:], **named)
            finally:
                self._inside = False

        return function

    def _numpy_generator(self, original: type) -> type:
        """A class in the class's place, for NumPy asks ``isinstance``. A bit generator that is made of a
        seed is one of the original's instances still."""
        shifted = self.shifted

        class Meta(type):
            def __call__(cls, *args: Any, **kwargs: Any) -> Any:
                first = [shifted(seed) for seed in args[:1]]
                named = {k: shifted(v) if k in SEED_NAMES else v for k, v in kwargs.items()}
                return original(*first, *args[1:], **named)

            def __instancecheck__(cls, instance: object) -> bool:
                return isinstance(instance, original)

        return Meta(original.__name__, (), {})

    def _torch_generator(self) -> type:
        shifted = self.shifted

        class Generator(torch.Generator):
            def manual_seed(self, seed: int) -> Generator:
                super().manual_seed(shifted(seed))
                return self

        return Generator

    def _python_generator(self) -> type:
        shifted = self.shifted

        class Random(random.Random):
            def seed(self, a: Any = None, version: int = 2) -> None:
                super().seed(shifted(a), version)

        return Random
