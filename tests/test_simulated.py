"""The simulated device's memory: real, shared by views, and with the CPU's numbers in it."""

# mypy: disable-error-code="no-untyped-call"
# (torch's backward and hooks have no annotations)

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from grader.child import simulated
from grader.child.simulated.kernels import Operator
from grader.child.views import numbers

SIM = "sim"


@pytest.fixture(autouse=True)
def device() -> Iterator[None]:
    assert simulated.set_up(), simulated.reason()
    simulated.show()
    torch.manual_seed(0)
    yield
    simulated.show(False)


def both(make: Callable[[str], torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    there = make(SIM)
    torch.manual_seed(0)
    return make("cpu"), there


FACTORIES: list[Callable[[str], torch.Tensor]] = [
    lambda d: torch.zeros(2, 3, device=d),
    lambda d: torch.ones(2, dtype=torch.int64, device=d),
    lambda d: torch.full((2,), 7.5, device=d),
    lambda d: torch.arange(5, device=d),
    lambda d: torch.linspace(0, 1, 7, device=d),
    lambda d: torch.eye(3, device=d),
    lambda d: torch.randn(4, 5, device=d),
    lambda d: torch.rand(4, 5, device=d),
    lambda d: torch.randint(0, 9, (6,), device=d),
    lambda d: torch.randperm(9, device=d),
    lambda d: torch.normal(0.0, 2.0, (3,), device=d),
    lambda d: torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=d),
    lambda d: torch.tensor(2.5, device=d),
    lambda d: torch.as_tensor(np.arange(3.0), device=d),
    lambda d: torch.zeros_like(torch.ones(2, device=d)),
    lambda d: torch.randn_like(torch.ones(2, device=d)),
    lambda d: torch.ones(2, device=d).new_tensor([1, 2]),
    lambda d: torch.ones(2, device=d).new_full((2, 2), 3.0),
    lambda d: torch.empty(3, device=d).normal_(),
    lambda d: torch.tril_indices(3, 3, device=d),
    lambda d: torch.ones(2, 3, dtype=torch.complex64, device=d),
]


@pytest.mark.parametrize("make", FACTORIES)
def test_factories_make_the_cpus_numbers(make: Callable[[str], torch.Tensor]) -> None:
    here, there = both(make)
    assert there.device == torch.device("sim:0")
    assert (there.dtype, there.shape, there.stride()) == (here.dtype, here.shape, here.stride())
    assert torch.equal(there.cpu(), here)


def test_moving() -> None:
    x = torch.randn(3, 1, 2)
    for moved in (x.to(SIM), x.to("sim:0"), x.to(torch.device("sim", 0)), x.to(torch.ones(1, device=SIM)),
                  x.sim(), x.to(SIM, torch.float64).float()):  # type: ignore[attr-defined]  # fmt: skip
        assert moved.device.type == SIM
        assert moved.data_ptr() != x.data_ptr()
        assert torch.equal(moved.cpu(), x)
    there = x.to(SIM)
    assert there.to(SIM) is there
    assert there.cpu().data_ptr() != there.data_ptr()
    assert there.copy_(torch.ones(2)).tolist() == torch.ones(3, 1, 2).tolist()
    assert x.copy_(there).sum() == 6
    assert torch.tensor(there[0, 0, 0].item(), device=SIM).item() == 1


def test_views_share_memory_and_storage() -> None:
    x = torch.arange(12.0, device=SIM).reshape(3, 4)
    views = [x[1:], x.t(), x.view(-1), x[:, ::2], x.unsqueeze(0), x.expand(2, 3, 4), x.data, x.detach(),
             x.diagonal(), x.unfold(1, 2, 1), x.as_strided((2,), (3,), 1), x.view(torch.int32)]  # fmt: skip
    storage = x.untyped_storage()
    assert all(view.untyped_storage()._cdata == storage._cdata for view in views)
    assert x[1:].storage_offset() == 4
    assert x[1:]._base is x or x[1:]._base is x._base
    x[1, 1] = 50
    assert (views[0][0, 1].item(), views[1][1, 1].item(), views[2][5].item()) == (50, 50, 50)
    x.data.mul_(2)
    assert x[1, 1].item() == 100
    assert x._version == 1


def test_memory_outlives_its_tensor() -> None:
    view = torch.full((1000,), 3.0).to(SIM)[500:]
    ones = [torch.ones(1000, device=SIM) for _ in range(50)]
    assert view.sum().item() == 1500
    assert len(ones) == 50


def test_in_place_writes_are_counted() -> None:
    w = torch.ones(2, device=SIM)
    w -= 0.5
    w.mul_(2).clamp_(max=0.75)
    w[0] = 4
    assert w.tolist() == [4, 0.75]
    assert w._version == 4
    x = torch.ones(2, device=SIM, requires_grad=True)
    y = x * 1
    z = (y * y).sum()
    y += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.backward()


def test_indexing() -> None:
    here = torch.randn(4, 5)
    there = here.to(SIM)
    rows, mask = torch.tensor([3, 0]), here > 0
    assert torch.equal(there[rows].cpu(), here[rows])
    assert torch.equal(there[rows.to(SIM), :2].cpu(), here[rows, :2])
    assert torch.equal(there[mask.to(SIM)].cpu(), here[mask])
    assert torch.equal(there[mask].cpu(), here[mask])
    assert torch.equal(there[..., -1].cpu(), here[..., -1])
    there[rows] = 0
    there[:, 1] = torch.ones(4)
    there[mask.to(SIM)] = torch.tensor(9.0)
    here[rows] = 0
    here[:, 1] = 1
    here[mask] = 9
    assert torch.equal(there.cpu(), here)


def test_an_operator_that_returns_nothing_is_run_once() -> None:
    runs: list[torch.Tensor] = []
    with torch.library._scoped_library("grader_test", "FRAGMENT") as library:
        library.define("count(Tensor x) -> ()")
        library.impl("count", runs.append, "CPU")
        Operator(torch.ops.grader_test.count.default)(torch.ones(2, device=SIM))
    assert [tensor.device.type for tensor in runs] == ["cpu"]


def test_ones_like_another_tensor() -> None:
    source = torch.zeros(2, 3, device=SIM).t()
    made = torch.ones_like(source)
    assert (made.device.type, made.stride(), made.cpu().tolist()) == (SIM, source.stride(), [[1.0] * 2] * 3)
    assert torch.ones_like(source, dtype=torch.int64).cpu().tolist() == [[1, 1]] * 3
    elsewhere = torch.ones_like(source, device="cpu")
    assert (elsewhere.device.type, elsewhere.tolist()) == ("cpu", [[1.0] * 2] * 3)
    assert torch.ones_like(torch.zeros(2), device=SIM).device.type == SIM
    with pytest.raises(NotImplementedError):
        torch.ones_like(source, layout=torch.sparse_coo)


def test_the_recorder_reads_the_numbers_that_a_tensor_stands_for() -> None:
    number = torch.tensor([1 + 2j], device=SIM)
    assert numbers(number.conj().imag) == [-2.0]
    assert numbers(torch.tensor([[1.5], [2.5]], device=SIM, requires_grad=True)) == [1.5, 2.5]
    assert numbers(torch.tensor([True, False], device=SIM)) == [1.0, 0.0]


def test_out_arguments_are_filled_and_resized() -> None:
    x = torch.arange(6.0, device=SIM)
    out = torch.empty(0, device=SIM)
    assert torch.add(x, 1, out=out) is out
    assert out.tolist() == [1, 2, 3, 4, 5, 6]
    memory = out.data_ptr()
    torch.mul(x, 2, out=out)
    assert (out.data_ptr(), out[5].item()) == (memory, 10)
    small = torch.empty(2, device=SIM)
    with pytest.warns(UserWarning, match="An output with one or more elements was resized"):
        torch.mul(x, 3, out=small)
    assert small.tolist() == [0, 3, 6, 9, 12, 15]
    part = torch.zeros(8, device=SIM)
    torch.neg(x, out=part[1:7])
    assert part.tolist() == [0, 0, -1, -2, -3, -4, -5, 0]
    values, indices = torch.empty(0, device=SIM), torch.empty(0, dtype=torch.int64, device=SIM)
    torch.sort(x, descending=True, out=(values, indices))
    assert (values[0].item(), indices[0].item()) == (5, 5)


def test_resize_and_set() -> None:
    x = torch.arange(4.0, device=SIM)
    assert x.resize_(2, 3)[0].tolist() == [0, 1, 2]
    assert x.resize_(2).tolist() == [0, 1]
    y = torch.empty(0, device=SIM)
    y.set_(x)  # type: ignore[call-overload]
    assert y.data_ptr() == x.data_ptr()
    assert y.set_().shape == (0,)  # type: ignore[call-overload]


def test_reading_numbers_and_printing() -> None:
    x = torch.tensor([1.5, 2.5], device=SIM, requires_grad=True)
    assert (x[0].item(), float(x[1].detach()), x.tolist(), bool(x[0] > 1)) == (1.5, 2.5, [1.5, 2.5], True)
    assert f"{x[0]:.3f}" == "1.500"
    assert repr(x) == "tensor([1.5000, 2.5000], device='sim:0', requires_grad=True)"
    assert repr(x.sum()) == "tensor(4., device='sim:0', grad_fn=<SumBackward0>)"
    assert repr(torch.zeros(0, device=SIM)) == "tensor([], device='sim:0')"


def test_copies_of_modules_and_files_of_them() -> None:
    net = torch.nn.Linear(2, 1).to(SIM)
    twin = copy.deepcopy(net)
    with torch.no_grad():
        twin.weight.zero_()
    assert net.weight.abs().sum().item() > 0
    assert twin.weight.device.type == SIM
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    for place in (None, "cpu", SIM):
        file.seek(0)
        loaded = torch.load(file, map_location=place)["weight"]
        assert torch.equal(loaded.cpu(), net.weight.detach().cpu())
        assert loaded.device.type == (place or SIM)
    assert pickle.loads(pickle.dumps(net.weight.detach())).device.type == SIM  # noqa: S301
    assert torch.UntypedStorage(4, device=SIM).nbytes() == 4


def test_generators() -> None:
    there, here = torch.Generator(device=SIM).manual_seed(7), torch.Generator().manual_seed(7)
    assert (there.device.type, here.device.type) == (SIM, "cpu")
    assert torch.equal(torch.randn(5, device=SIM, generator=there).cpu(), torch.randn(5, generator=here))
    state = there.get_state()
    first = torch.rand(2, generator=there, device=SIM)
    there.set_state(state)
    assert torch.equal(torch.empty(2, device=SIM).uniform_(generator=there), first)
    assert isinstance(torch.default_generator, torch.Generator)
    assert isinstance(here, torch.Generator)
    assert there.initial_seed() == 7


def test_accelerator_is_reported_when_shown_only() -> None:
    assert torch.accelerator.is_available()
    assert torch.accelerator.current_accelerator() == torch.device(SIM)
    assert torch.accelerator.device_count() == 1
    torch.accelerator.synchronize()
    assert torch.ones(2).pin_memory().tolist() == [1, 1]
    with torch.device(SIM):
        assert torch.ones(1).device.type == SIM
    simulated.show(False)
    assert not torch.accelerator.is_available()
    assert torch.accelerator.current_accelerator() is None
    assert torch.accelerator.device_count() == 0
    with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
        torch.ones(2).pin_memory()
    assert torch.ones(1, device=SIM).item() == 1


def test_autocast_changes_nothing() -> None:
    with torch.autocast(SIM):
        assert (torch.ones(2, 2, device=SIM) @ torch.ones(2, 2, device=SIM)).dtype == torch.float32


class Watching(TorchFunctionMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(func.__name__)
        return func(*args, **(kwargs or {}))


def seen_on(device: str) -> Any:
    leaf = torch.ones(2, 2, device=device, requires_grad=True)
    cell = torch.nn.LSTMCell(2, 2).to(device)
    with Watching() as mode:
        out = torch.Tensor([1.0, 2.0]).to(device)
        loss = (leaf @ leaf * 2.0 + out).pow(2).mean()
        torch.nn.Parameter(torch.ones(1, device=device)).data.add_(1)
        loss.backward()
        (gradient,) = torch.autograd.grad((leaf * 3).sum(), leaf)
        gradient.tolist()
        torch.randn(2, device=device)
        cell(leaf)
        with torch.no_grad():
            leaf -= 0.1 * leaf.grad  # type: ignore[operator]
    return mode.seen


def test_a_function_mode_sees_what_it_sees_on_the_cpu() -> None:
    assert seen_on(SIM) == seen_on("cpu")
