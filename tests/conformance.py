"""Runs torch's own operator samples on the simulated device and on the CPU, and compares them bit for bit.

``python -m tests.conformance [FIRST_SAMPLES]`` prints what every operator of ``op_db`` came to.
"""

# mypy: disable-error-code="no-untyped-call"
# (torch's testing package has no annotations)

from __future__ import annotations

import functools
import itertools
import math
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._pytree import tree_flatten, tree_map

from grader.child.simulated.crossing import NAME, to_device
from tests.conformance_known import CLOSE

SEED = 20240607
UNSET = ("empty", "empty_like", "new_empty", "new_empty_strided", "empty_strided", "empty_permuted",
         "resize_", "resize_as_")  # fmt: skip
"""Operators whose values are whatever the memory held: only what they say of themselves is compared."""

HOST_INDICES = ("tensor_split",)
"""Operators that want their indices on the CPU, on CUDA as well."""


class Different(Exception):
    """What differs between the devices."""


@dataclass
class Outcome:
    """What an operator came to: the samples that were compared, and the first difference if any."""

    samples: int = 0
    backwards: int = 0
    difference: str = ""
    rounding: float = 0.0
    """How far values that are close were apart."""


def operators() -> dict[str, Any]:
    """Torch's operators that take float32 on the CPU, by their name and variant.

    The jiterator's are listed as such, and are CUDA's alone.
    """
    found = {}
    for op in op_db:
        if torch.float32 in op.supported_dtypes("cpu") and not op.name.startswith("jiterator"):
            found[f"{op.name}.{op.variant_test_name}" if op.variant_test_name else op.name] = op
    return found


def compare(op: Any, most: int) -> Outcome:
    """Run the first ``most`` samples of an operator on both."""
    outcome = Outcome()
    try:
        for sample in _samples(op, most):
            _forward_and_backward(op, sample, outcome)
    except Different as error:
        outcome.difference = str(error)
    except (RuntimeError, TypeError, ValueError, NotImplementedError, BufferError, AssertionError) as error:
        outcome.difference = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return outcome


def _samples(op: Any, most: int) -> Iterator[Any]:
    torch.manual_seed(SEED)
    samples = op.sample_inputs("cpu", torch.float32, requires_grad=op.supports_autograd)
    return itertools.islice(samples, most)


def _forward_and_backward(op: Any, sample: Any, outcome: Outcome) -> None:
    here = (sample.input, sample.args, sample.kwargs)
    there = tree_map(functools.partial(_moved, op), here)
    expected = _if_possible(functools.partial(_called, op, here))
    found = _called(op, there)
    if expected is None:
        return
    values = op.name not in UNSET
    _same(expected, found, outcome, "forward", values)
    outcome.samples += 1
    if op.supports_autograd and values:
        wanted = _if_possible(functools.partial(_gradients, expected, here))
        if wanted is not None:
            _same(wanted, _gradients(found, there), outcome, "backward", True)
            outcome.backwards += 1


def _if_possible(call: Callable[[], Any]) -> Any:
    """What the CPU says; None where it refuses too."""
    try:
        return call()
    except (RuntimeError, AssertionError):
        return None


def _moved(op: Any, value: Any) -> Any:
    """The same with its tensors on the simulated device, over the same memory, strides and all."""
    if isinstance(value, torch.Tensor):
        if value.dtype == torch.int64 and op.name in HOST_INDICES:
            return value
        if value.layout != torch.strided:
            raise Different(f"a sample has the layout {value.layout}")
        flat = torch.empty(0, dtype=value.dtype).set_(value.detach().untyped_storage())
        moved = to_device(flat).as_strided(value.shape, value.stride(), value.storage_offset())
        return moved.requires_grad_(value.requires_grad)
    if isinstance(value, torch.device) or value == "cpu":
        return torch.device(NAME)
    return value


def _called(op: Any, inputs: Any) -> Any:
    first, args, kwargs = inputs
    torch.manual_seed(SEED)
    return op(first, *args, **kwargs)


def _gradients(outputs: Any, inputs: Any) -> Any:
    """The gradients of the inputs for random ones of the outputs; None where there is no way back."""
    ends = [t for t in tree_flatten(outputs)[0] if isinstance(t, torch.Tensor) and t.requires_grad]
    leaves = [t for t in tree_flatten(inputs)[0] if isinstance(t, torch.Tensor) and t.requires_grad]
    if not ends or not leaves:
        return None
    torch.manual_seed(SEED)
    given = [torch.randn(t.shape, dtype=t.dtype).to(t.device) for t in ends]
    return torch.autograd.grad(ends, leaves, given, allow_unused=True)


def _same(expected: Any, found: Any, outcome: Outcome, where: str, values: bool) -> None:
    wants, gots = tree_flatten(expected)[0], tree_flatten(found)[0]
    if len(wants) != len(gots):
        raise Different(f"{where}: {len(gots)} values for {len(wants)}")
    for want, got in zip(wants, gots, strict=True):
        if not isinstance(want, torch.Tensor):
            if want != got and repr(want) != repr(got) and str(want) != "cpu":
                raise Different(f"{where}: {got} for {want}")
            continue
        _same_kind(want, got, where)
        if values:
            _same_values(want.detach().resolve_conj(), got.detach().cpu().resolve_conj(), outcome, where)


def _same_kind(want: torch.Tensor, got: Any, where: str) -> None:
    if not isinstance(got, torch.Tensor) or got.device.type != NAME:
        raise Different(f"{where}: not on the device")
    if (want.dtype, want.shape) != (got.dtype, got.shape):
        raise Different(f"{where}: {got.dtype} {list(got.shape)} for {want.dtype} {list(want.shape)}")
    if where == "forward" and want.stride() != got.stride():
        raise Different(f"{where}: strides {got.stride()} for {want.stride()}")


def _same_values(want: torch.Tensor, got: torch.Tensor, outcome: Outcome, where: str) -> None:
    if want.is_complex():
        want, got = torch.view_as_real(want.resolve_neg()), torch.view_as_real(got.resolve_neg())
    if torch.equal(want, got) or bool(((want == got) | (want.isnan() & got.isnan())).all()):
        return
    far = float((want - got).abs().max()) if want.is_floating_point() else math.inf
    if not torch.allclose(want, got, rtol=CLOSE, atol=CLOSE, equal_nan=True):
        raise Different(f"{where}: values differ by up to {far}")
    outcome.rounding = max(outcome.rounding, far)


def main() -> None:
    from grader.child import simulated

    assert simulated.set_up(), simulated.reason()
    warnings.simplefilter("ignore")
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    started, equal, samples, backwards = time.perf_counter(), 0, 0, 0
    for name, op in operators().items():
        outcome = compare(op, most)
        samples, backwards = samples + outcome.samples, backwards + outcome.backwards
        equal += outcome.samples > 0 and not outcome.difference and not outcome.rounding
        remark = outcome.difference or (f"within {outcome.rounding}" if outcome.rounding else "")
        print(f"{name}\t{outcome.samples}\t{outcome.backwards}\t{remark}", flush=True)
    seconds = time.perf_counter() - started
    print(f"{equal} of {len(operators())} operators equal, {samples} samples, {backwards} backward passes, "
          f"{seconds:.0f} s", file=sys.stderr)  # fmt: skip


if __name__ == "__main__":
    main()
