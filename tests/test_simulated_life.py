"""Training on the simulated device: no thread, nothing left behind, and it survives a fork."""

# mypy: disable-error-code="no-untyped-call"
# (torch's backward and hooks have no annotations)

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from grader.child import simulated
from tests.command import ROOT

SIM = "sim"


@pytest.fixture(autouse=True)
def device() -> Iterator[None]:
    assert simulated.set_up(), simulated.reason()
    simulated.show()
    yield
    simulated.show(False)


def quadratic(device: str, steps: int = 300) -> list[float]:
    torch.manual_seed(42)
    x = torch.linspace(-1, 1, 50, device=device)
    y = 3 * x**2 - 2 * x + 1 + 0.1 * torch.randn(50, device=device)
    a, b, c = (torch.randn(1, device=device, requires_grad=True) for _ in range(3))
    losses = []
    for _ in range(steps):
        loss = (a * x**2 + b * x + c - y).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            for parameter in (a, b, c):
                assert parameter.grad is not None
                parameter.sub_(0.1 * parameter.grad)
                parameter.grad.zero_()
        losses.append(loss.item())
    return losses + [p.item() for p in (a, b, c)]


def test_the_quadratic_is_fitted_bit_for_bit_as_on_the_cpu() -> None:
    assert quadratic(SIM) == quadratic("cpu")


OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.05),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.05),
    "fused Adam": lambda p: torch.optim.Adam(p, lr=0.05, fused=True),
}


def trained(device: str, optimizer: str) -> list[float]:
    torch.manual_seed(1)
    x = torch.randn(32, 3)
    net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).to(device)
    x = x.to(device)
    y = x.sum(1, keepdim=True)
    steps = OPTIMIZERS[optimizer](net.parameters())
    losses = []
    for _ in range(30):
        steps.zero_grad()
        loss = torch.nn.functional.mse_loss(net(x), y)
        loss.backward()
        steps.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_networks_train(optimizer: str) -> None:
    there, here = trained(SIM, optimizer), trained("cpu", optimizer)
    assert there[-1] < there[0] / 2
    assert there == pytest.approx(here, rel=1e-4)


def test_recurrent_and_convolutional_layers_train_as_on_the_cpu() -> None:
    for layer, shape in ((torch.nn.LSTM(3, 4, 2), (5, 2, 3)), (torch.nn.GRU(3, 4), (5, 2, 3)),
                         (torch.nn.Conv2d(2, 3, 3), (2, 2, 6, 6)), (torch.nn.BatchNorm1d(3), (5, 3)),
                         (torch.nn.LayerNorm(3), (5, 3))):  # fmt: skip
        gradients = []
        x = torch.randn(shape)
        for device in ("cpu", SIM):
            layer.to(device)
            layer.zero_grad()
            out = layer(x.to(device))
            (out[0] if isinstance(out, tuple) else out).pow(2).sum().backward()
            gradients.append([p.grad.cpu() for p in layer.parameters() if p.grad is not None])
        for here, there in zip(*gradients, strict=True):
            torch.testing.assert_close(there, here)


def test_moved_after_requires_grad_is_no_leaf() -> None:
    leaf = torch.randn(1, requires_grad=True)
    moved = leaf.to(SIM)
    assert not moved.is_leaf
    assert moved.grad_fn is not None
    assert moved.grad_fn.name() == "ToCopyBackward0"
    (moved * 2).sum().backward()
    with pytest.warns(UserWarning, match="grad attribute of a Tensor that is not a leaf Tensor"):
        assert moved.grad is None
    assert leaf.grad is not None
    assert (leaf.grad.item(), leaf.grad.device.type) == (2, "cpu")
    born = torch.randn(1, device=SIM, requires_grad=True)
    assert born.is_leaf
    assert born.to(SIM) is born


def test_hooks_and_second_derivatives() -> None:
    x = torch.tensor([2.0], device=SIM, requires_grad=True)
    seen: list[float] = []
    x.register_hook(lambda g: seen.append(g.item()))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.item()))
    (x**3).sum().backward()
    (x**3).sum().backward()
    assert seen == [12, 12, 12, 24]
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.item() == 12


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def churn(rounds: int) -> None:
    w = torch.ones(64, device=SIM, requires_grad=True)
    for _ in range(rounds):
        y = (w * 2.0 + 1)[1:].pow(2).sum()
        y.backward()
        w.grad = None
        torch.add(w.detach(), 1, out=torch.empty(0, device=SIM)).tolist()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_nothing_is_left_behind() -> None:
    churn(500)
    before = resident()
    churn(7000)  # about 100,000 kernels
    assert resident() - before < 4 * 2**20


FORKING = """
import os, resource, sys
import torch
from grader.child import simulated
from tests.test_simulated_life import quadratic

def threads():
    return len(os.listdir("/proc/self/task"))

torch.set_num_threads(1)
assert simulated.set_up(), simulated.reason()
simulated.show()
assert threads() == 1, threads()
expected = quadratic("cpu", 20)

def child():
    if os.getuid():
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    assert quadratic("sim", 20) == expected
    print(torch.randn(3, device="sim"), flush=True)
    torch.nn.Linear(2, 1).to("sim")(torch.ones(4, 2, device="sim")).sum().backward()
    torch.randn(2, device="sim", generator=torch.Generator(device="sim").manual_seed(1))
    assert threads() == 1, threads()

for _ in range(3):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            child()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
assert quadratic("sim", 20) == expected
print("all well")
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_forked_children_have_the_device_and_start_no_thread() -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", FORKING], env=environment, capture_output=True, text=True,
                          timeout=100, check=False, cwd=ROOT)  # fmt: skip
    assert done.stdout.endswith("all well\n"), done.stderr


REFUSING = """
import torch.utils.backend_registration as registration
{damage}
from grader.child import simulated
assert simulated.set_up() is False
assert simulated.set_up() is False
print(simulated.reason())
import torch
assert torch.ones(2).sum() == 2
"""


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ("del registration._setup_privateuseone_for_python_backend", "AttributeError"),
        ("import torch; torch.utils.rename_privateuse1_backend('other')", "RuntimeError"),
    ],
)
def test_a_torch_that_cannot_is_said_to(damage: str, why: str) -> None:
    code = REFUSING.format(damage=damage)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          timeout=100, check=False, cwd=ROOT)  # fmt: skip
    assert (done.returncode, why in done.stdout) == (0, True), done.stderr


def test_no_warning_on_the_way() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quadratic(SIM, 3)
        repr(torch.ones(3, device=SIM))
