"""What the simulated device refuses, word for word, and what it allows as CUDA does."""

# mypy: disable-error-code="no-untyped-call"
# (torch's backward and hooks have no annotations)

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from grader.child import simulated

SIM = "sim"
TWO = "Expected all tensors to be on the same device, but found at least two devices, sim:0 and cpu!"
NUMPY = ("can't convert sim:0 device type tensor to numpy. "
         "Use Tensor.cpu() to copy the tensor to host memory first.")  # fmt: skip


def got(argument: str, method: str, is_on: str = "cpu", others: str = "sim:0") -> str:
    return (
            f"Expected all tensors to be on the same device, but got {argument} is on {is_on}, different "
            f"from other tensors on {others} (when checking argument in method wrapper_SIM_{method})"
    )  # fmt: skip


@pytest.fixture(autouse=True)
def device() -> Iterator[None]:
    assert simulated.set_up(), simulated.reason()
    simulated.show()
    yield
    simulated.show(False)


def there(*shape: int) -> torch.Tensor:
    return torch.ones(shape, device=SIM)


def here(*shape: int) -> torch.Tensor:
    return torch.ones(shape)


def put(target: torch.Tensor, index: Any, value: Any) -> None:
    target[index] = value


Mistake = Callable[[], Any]
REFUSED: list[tuple[str, Mistake, type[Exception], str]] = [
    ("add", lambda: there(3) + here(3), RuntimeError, TWO),
    ("add, the CPU's first", lambda: here(3) + there(3), RuntimeError, TWO),
    ("add of one element with a dimension", lambda: there(3) * here(1), RuntimeError, TWO),
    ("in place into the CPU", lambda: here(3).add_(there(3)), RuntimeError, TWO),
    ("in place into a 0-dim one of the CPU", lambda: here().add_(there()), RuntimeError, TWO),
    ("in place from the CPU", lambda: there(3).sub_(here(3)), RuntimeError, TWO),
    ("comparison", lambda: there(3) > here(3), RuntimeError, TWO),
    ("mse_loss", lambda: F.mse_loss(there(3), here(3)), RuntimeError, TWO),
    ("out on the CPU", lambda: torch.add(there(2), there(2), out=here(2)), RuntimeError, TWO),
    ("two CPU scalars", lambda: torch.addcmul(there(2), here(), here()), RuntimeError,
     "Trying to pass too many CPU scalars to non-CPU kernel!"),
    ("mm", lambda: there(2, 2) @ here(2, 2), RuntimeError, got("mat2", "mm")),
    ("mm, the CPU's first", lambda: here(2, 2) @ there(2, 2), RuntimeError,
     got("mat2", "mm", is_on="sim:0", others="cpu")),
    ("mv", lambda: there(2, 2) @ here(2), RuntimeError, got("mat", "addmv_", is_on="sim:0", others="cpu")),
    ("bmm", lambda: there(1, 2, 2) @ here(1, 2, 2), RuntimeError, got("mat2", "bmm")),
    ("dot", lambda: there(2) @ here(2), RuntimeError, got("tensor", "_dot")),
    ("linear", lambda: torch.nn.Linear(2, 1).to(SIM)(here(3, 2)), RuntimeError, got("mat1", "addmm")),
    ("linear left on the CPU", lambda: torch.nn.Linear(2, 1)(there(3, 2)), RuntimeError,
     got("mat1", "addmm", is_on="sim:0", others="cpu")),
    ("cat", lambda: torch.cat([there(2), here(2)]), RuntimeError, got("tensors", "cat")),
    ("stack", lambda: torch.stack([there(2), here(2)]), RuntimeError, got("tensors", "cat")),
    ("embedding", lambda: F.embedding(torch.tensor([0]), there(2, 2)), RuntimeError,
     got("index", "_index_select")),
    ("cross_entropy", lambda: F.cross_entropy(there(2, 2), torch.tensor([0, 1])), RuntimeError,
     got("target", "nll_loss_forward")),
    ("gather", lambda: there(2).gather(0, torch.tensor([0])), RuntimeError, got("index", "gather")),
    ("masked_fill", lambda: there(2).masked_fill(here(2) > 0, 1.0), RuntimeError,
     "expected self and mask to be on the same device, but got mask on cpu and self on sim:0"),
    ("indexing the CPU", lambda: here(2)[torch.tensor([0], device=SIM)], RuntimeError,
     "indices should be either on cpu or on the same device as the indexed tensor (cpu)"),
    ("masking the CPU", lambda: here(2)[there(2) > 0], RuntimeError,
     "indices should be either on cpu or on the same device as the indexed tensor (cpu)"),
    ("values of the CPU", lambda: put(there(3), torch.tensor([0, 1]), here(2)), RuntimeError, TWO),
    ("numpy", lambda: there(2).numpy(), TypeError, NUMPY),
    ("np.asarray", lambda: np.asarray(there(2)), TypeError, NUMPY),
    ("the CPU's generator", lambda: torch.randn(2, device=SIM, generator=torch.Generator()), RuntimeError,
     "Expected a 'sim' device type for generator but found 'cpu'"),
    ("its generator on the CPU", lambda: torch.randn(2, generator=torch.Generator(device=SIM)), RuntimeError,
     "Expected a 'cpu' device type for generator but found 'sim'"),
    ("a gradient of the CPU", lambda: setattr(there(2).requires_grad_(), "grad", here(2)), RuntimeError,
     "attempting to assign a gradient with device type 'cpu' to a tensor with device type 'sim'. "
     "Please ensure that the gradient and the tensor are on the same device"),
    ("backward from the CPU", lambda: there(2).requires_grad_().mul(2).backward(here(2)), RuntimeError,
     "invalid gradient at index 0 - expected device sim:0 but got cpu"),
    ("data of the CPU", lambda: setattr(there(2), "data", here(2)), RuntimeError,
     "Attempted to call `variable.set_data(tensor)`, "
     "but `variable` and `tensor` have incompatible tensor type."),
    ("a second device", lambda: torch.ones(1, device="sim:1"), RuntimeError,
     "sim error: invalid device ordinal"),
    ("equal", lambda: torch.equal(there(2), here(2)), RuntimeError, TWO),
    ("allclose", lambda: torch.allclose(there(2), here(2)), RuntimeError, TWO),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "kind", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refusals(mistake: Mistake, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as refused:
        mistake()
    assert str(refused.value) == words


ALLOWED: dict[str, Mistake] = {
    "a 0-dim CPU tensor": lambda: there(2) + torch.tensor(1.0),
    "a 0-dim CPU tensor first": lambda: torch.tensor(1.0) - there(2),
    "numbers": lambda: 2 * there(2) % 3 - 1.0,
    "in place": lambda: there(2).mul_(torch.tensor(2.0)),
    "where": lambda: torch.where(there(2) > 0, torch.tensor(1.0), torch.tensor(0.0)),
    "addcmul": lambda: torch.addcmul(there(2), here(), there(2)),
    "fill_": lambda: there(2).fill_(torch.tensor(2.0)),
    "clamp": lambda: there(2).clamp(min=torch.tensor(2.0)),
    "an index of the CPU": lambda: there(3)[torch.tensor([0, 1])],
    "copy_ to it": lambda: there(2).copy_(here(2)),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    assert ALLOWED[name]().device.type == SIM


def test_a_refused_write_leaves_the_tensor_as_it_was() -> None:
    target = here(2)
    with pytest.raises(RuntimeError):
        target.mul_(there(2) * 5)
    assert target.tolist() == [1, 1]


def test_promotion_with_numbers_is_the_cpus() -> None:
    for number in (2, 2.5, True):
        for make in (
            lambda d: torch.ones((), device=d),
            lambda d: torch.ones(2, dtype=torch.int32, device=d),
        ):
            assert (make(SIM) * number).dtype == (make("cpu") * number).dtype
            assert (make(SIM) % (number + 1)).dtype == (make("cpu") % (number + 1)).dtype
