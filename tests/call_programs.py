"""Functions that the judgement has erred on, or might: right ones in odd styles, and wrong ones.

The programs are students': a wrong one ends each line where it bites in ``# <- pitfall-id``.
"""

RIGHT: dict[str, dict[str, str]] = {
    "tensors": {
        "box_muller": """\
import torch
import math

def sample_noise(n, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    u1 = 1 - torch.rand(n, generator=g)
    u2 = torch.rand(n, generator=g)
    return torch.sqrt(-2 * torch.log(u1)) * torch.cos(2 * math.pi * u2)
""",
        "numpy_noise": """\
import torch
import numpy as np

def sample_noise(n, seed):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.standard_normal(n).astype(np.float32))

def scratch_like(template):
    out = template.clone()
    out.zero_()
    return out
""",
        "normal_dist": """\
import torch

def sample_noise(n, seed):
    torch.manual_seed(seed)
    return torch.distributions.Normal(0.0, 1.0).sample((n,))

def predict(X, w):
    return torch.tensordot(X, w, dims=1)
""",
        "loop_columns": """\
import torch

def predict(X, w):
    total = torch.zeros_like(X[:, 0])
    for j in range(X.shape[1]):
        total += X[:, j] * w[j]
    return total
""",
        "vmap_predict": """\
import torch

def predict(X, w):
    return torch.vmap(lambda row: row.dot(w))(X)

def scratch_like(template):
    return torch.zeros_like(template, memory_format=torch.preserve_format)
""",
    },
    "devices": {
        "data_inplace": """\
def to_device(tensors, device):
    for t in tensors:
        t.data = t.data.to(device)
    return tensors
""",
        "data_moved_params": """\
import torch

def make_parameters(shapes, device):
    ps = [torch.randn(s, requires_grad=True) for s in shapes]
    for p in ps:
        p.data = p.data.to(device)
    return ps
""",
        "index_assign": """\
import torch

def to_device(tensors, device):
    for i in range(len(tensors)):
        tensors[i] = tensors[i].to(device)
    return tensors

def make_parameters(shapes, device):
    return [torch.rand(*s).to(device).detach().requires_grad_(True) for s in shapes]
""",
        "detached_moved": """\
import torch

def make_parameters(shapes, device):
    made = [torch.randn(s, requires_grad=True) for s in shapes]
    return [p.detach().to(device).requires_grad_() for p in made]
""",
        "try_each": """\
import torch

def best_device():
    for name in ("cuda", "mps"):
        try:
            torch.zeros(1).to(name)
            return torch.device(name)
        except Exception:
            pass
    return torch.device("cpu")
""",
    },
    "broadcasting": {
        "outer": """\
import torch

def grid_sum(col, row):
    return torch.stack([c + row for c in col])

def mse(pred, target):
    return (pred.reshape(-1) - target.reshape(-1)).square().mean()
""",
        "pairs_diag": """\
def mse(pred, target):
    t = target.reshape(-1)
    return ((pred[:, None] - t[None, :]).diagonal() ** 2).mean()
""",
    },
    "derivative": {
        "hook": """\
import torch

def derivative(f, x0):
    seen = []
    x = torch.tensor(x0, requires_grad=True)
    x.register_hook(lambda g: seen.append(g.item()))
    f(x).backward()
    return seen[0]
""",
        "f_twice_printed": """\
import torch

def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    print("f(x0) =", f(x).item())
    y = f(x)
    y.backward()
    return x.grad.numpy().item()
""",
        "intermediate_retain": """\
import torch

def derivative(f, x0):
    base = torch.tensor(x0, requires_grad=True)
    x = base * 1.0
    x.retain_grad()
    f(x).backward()
    return x.grad.item()
""",
        "cache": """\
import torch
from functools import lru_cache

@lru_cache(maxsize=None)
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad.item()
""",
    },
    "gradients": {
        "per_sample_backward": """\
import torch

def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    n = len(x)
    loss = torch.zeros((), device=x.device)
    for i in range(n):
        term = ((w * x[i] + b - y[i]) ** 2).squeeze() / n
        term.backward()
        loss += term.detach()
    return loss, w.grad, b.grad
""",
        "hooks": """\
import torch

def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    got = {}
    w.register_hook(lambda g: got.__setitem__("w", g.clone()))
    b.register_hook(lambda g: got.__setitem__("b", g.clone()))
    loss = torch.nn.functional.mse_loss(w * x + b, y)
    loss.backward()
    return loss.item() * torch.ones((), device=x.device), got["w"], got["b"]
""",
        "kept_cleared": """\
import torch

P = {}

def line_gradients(x, y, w, b):
    p = P.setdefault(str(x.device), [torch.zeros(1, device=x.device, requires_grad=True) for _ in range(2)])
    with torch.no_grad():
        p[0].fill_(w)
        p[1].fill_(b)
    for q in p:
        q.grad = None
    loss = ((p[0] * x + p[1] - y) ** 2).mean()
    loss.backward()
    return loss, p[0].grad.clone(), p[1].grad.clone()
""",
    },
    "accumulation": {
        "copies_as_leaves": """\
def accumulated_gradients(batches, w, b):
    w2 = w.detach().clone().requires_grad_()
    b2 = b.detach().clone().requires_grad_()
    for x, y in batches:
        (((w2 * x + b2 - y) ** 2).mean() / len(batches)).backward()
    return w2.grad, b2.grad
""",
        "hooks": """\
import torch

def accumulated_gradients(batches, w, b):
    sums = [torch.zeros_like(w), torch.zeros_like(b)]
    handles = [p.register_hook(lambda g, s=s: s.add_(g)) for p, s in zip((w, b), sums)]
    for x, y in batches:
        ((w * x + b - y) ** 2).mean().div(len(batches)).backward()
    for h in handles:
        h.remove()
    w.grad = b.grad = None
    return tuple(sums)
""",
        "recursive": """\
def accumulated_gradients(batches, w, b, n=None):
    n = n or len(batches)
    (x, y), *rest = batches
    (((w * x + b - y) ** 2).mean() / n).backward()
    if rest:
        return accumulated_gradients(rest, w, b, n)
    out = w.grad, b.grad
    w.grad, b.grad = None, None
    return out
""",
        "class_ctx": """\
class Accumulator:
    def __init__(self, *params):
        self.params = params
    def __enter__(self):
        for p in self.params:
            p.grad = None
        return self
    def __exit__(self, *args):
        self.result = tuple(p.grad for p in self.params)
        for p in self.params:
            p.grad = None

def accumulated_gradients(batches, w, b):
    with Accumulator(w, b) as acc:
        for x, y in batches:
            (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    return acc.result
""",
    },
    "update": {
        "numpy_in_place": """\
def sgd_step(params, lr):
    for p in params:
        if p.device.type == "cpu":
            p.detach().numpy()[...] -= lr * p.grad.numpy()
        else:
            p.data.sub_(p.grad, alpha=lr)
        p.grad = None
""",
        "requires_grad_toggled": """\
import torch

def sgd_step(params, lr):
    for p in params:
        p.requires_grad_(False)
        p -= lr * p.grad
        p.requires_grad_(True)
        p.grad = None

def evaluate(x, y, w, b):
    @torch.no_grad()
    def run():
        e = w * x + b - y
        return (e @ e / e.numel()).item()
    return run()
""",
        "grad_in_place_then_none": """\
import torch

def sgd_step(params, lr):
    for p in params:
        p.grad *= -lr
    with torch.no_grad():
        for p in params:
            p += p.grad
    for p in params:
        p.grad = None

def evaluate(x, y, w, b):
    with torch.no_grad():
        pred = torch.zeros_like(x)
        pred += w * x
        pred += b
        return ((pred - y) ** 2).sum().item() / len(x)
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "tensors": {
        "squeezed_when_there_is_one_row": """\
import torch

def features_and_labels(rows):
    t = torch.tensor(rows, dtype=torch.float32).squeeze()  # <- wrong-shape
    return t[..., :-1], t[..., -1].long()
""",
        "python_list": """\
def scratch_like(template):
    return [0] * len(template)  # <- wrong-return
""",
        "swapped": """\
import torch

def features_and_labels(rows):
    t = torch.tensor(rows, dtype=torch.float32)
    X, y = t[:, :-1], t[:, -1].long()
    return y, X  # <- wrong-return
""",
        "noise_after": """\
import torch

def sample_noise(n, seed):
    noise = torch.randn(n)  # <- unseeded-randomness
    torch.manual_seed(seed)
    return noise
""",
        "noise_truncated2": """\
import torch

def sample_noise(n, seed):
    torch.manual_seed(seed)
    return torch.randn(n).clamp(-2, 2)  # <- inaccurate-result
""",
        "predict_sum_wrong_axis": """\
def predict(X, w):
    return (X * w).sum(dim=0)  # <- wrong-shape
""",
        "predict_mean": """\
def predict(X, w):
    return (X * w).mean(dim=1)  # <- inaccurate-result
""",
        "predict_param": """\
import torch

w = torch.tensor([1.0, 2.0, 3.0])
def predict(X, weights):
    return X @ w  # <- runtime-error
""",
    },
    "devices": {
        "first_only": """\
def to_device(tensors, device):
    tensors[0] = tensors[0].to(device)
    return tensors  # <- device-mismatch
""",
        "to_best": """\
import torch

def to_device(tensors, device):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return [t.to(device) for t in tensors]  # <- hardcoded-device
""",
        "best_order": """\
import torch

def best_device():
    if torch.backends.mps.is_available():
        return torch.device("mps")  # <- hardcoded-device
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("cpu")
""",
        "best_called_forgotten": """\
import torch

def best_device():
    if torch.cuda.is_available:
        return torch.device("cuda")  # <- hardcoded-device
    return torch.device("cpu")
""",
        "best_is_built": """\
import torch

def best_device():
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_built():
        return torch.device("mps")  # <- hardcoded-device
    return torch.device("cpu")
""",
    },
    "broadcasting": {
        "len_target_dim": """\
import torch
def mse(pred, target):
    d = pred - target  # <- silent-broadcast
    return (d ** 2).sum() / len(pred)
""",
    },
    "derivative": {
        "twice_f": """\
import torch

def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    f(x).backward()  # <- stale-gradient
    return x.grad.item()
""",
        "zeroed": """\
import torch

def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    x.grad.zero_()  # <- gradient-cleared-too-early
    return x.grad.item()
""",
        "zeroed_none": """\
import torch

def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    x.grad = None  # <- gradient-cleared-too-early
    return x.grad.item()
""",
        "zeroed_alias": """\
import torch

def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    g = x.grad
    x.grad.zero_()  # <- gradient-cleared-too-early
    return g.item()
""",
        "cached_global": """\
import torch

cache = {}
def derivative(f, x0):
    if "v" not in cache:
        x = torch.tensor(x0, requires_grad=True)
        f(x).backward()
        cache["v"] = x.grad.item()
    return cache["v"]  # <- hardcoded-answer
""",
    },
    "gradients": {
        "plain_floats": """\
def line_gradients(x, y, w, b):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()  # <- missing-requires-grad
    return loss, w.grad, b.grad
""",
        "tensor_of_loss": """\
import torch

def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    loss = torch.tensor(((w * x + b - y) ** 2).mean().item(), requires_grad=True)  # <- severed-graph
    loss.backward()
    return loss, w.grad, b.grad
""",
        "zeroed_before_return": """\
import torch

def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    dw, db = w.grad, b.grad
    w.grad.zero_()  # <- gradient-cleared-too-early
    b.grad.zero_()
    return loss, dw, db
""",
        "hand_b": """\
import torch

def line_gradients(x, y, w, b):
    W = torch.tensor([w], device=x.device, requires_grad=True)
    loss = ((W * x + b - y) ** 2).mean()
    loss.backward()
    db = 2 * (w * x + b - y).mean()  # <- autograd-unused
    return loss, W.grad, db
""",
    },
    "accumulation": {
        "last_left": """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    dw, db = w.grad.clone(), b.grad.clone()
    w.grad = None  # <- stale-gradient
    return dw, db
""",
        "two": """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        ((w * x + b - y) ** 2).mean().backward()  # <- stale-gradient
    return w.grad.clone(), b.grad.clone()  # <- inaccurate-result
""",
        "running_total_retained": """\
def accumulated_gradients(batches, w, b):
    loss = 0
    for x, y in batches:
        loss = loss + ((w * x + b - y) ** 2).mean() / len(batches)
        loss.backward(retain_graph=True)  # <- repeated-backward
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db
""",
        "params_detached": """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        pred = w.detach() * x + b.detach()  # <- severed-graph
        loss = ((pred - y) ** 2).mean() / len(batches)
        loss.requires_grad_()
        loss.backward()
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db
""",
        "zero_none_grad": """\
def accumulated_gradients(batches, w, b):
    w.grad.zero_()  # <- runtime-error
    b.grad.zero_()
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    return w.grad, b.grad
""",
        "returned_zeros": """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    w.grad = None  # <- gradient-cleared-too-early
    b.grad = None
    return w.grad, b.grad
""",
        "step_too": """\
import torch

def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    dw, db = w.grad, b.grad
    with torch.no_grad():
        w -= 0.1 * dw  # <- inaccurate-result
        b -= 0.1 * db
    w.grad = b.grad = None
    return dw, db
""",
    },
    "update": {
        "reversed_grads": """\
import torch

def sgd_step(params, lr):
    grads = [p.grad for p in params][::-1]
    with torch.no_grad():
        for p, g in zip(params, grads):
            p -= lr * g.sum()  # <- wrong-update
            p.grad = None
""",
        "first_only": """\
import torch

def sgd_step(params, lr):
    with torch.no_grad():
        params[0] -= lr * params[0].grad  # <- unapplied-update
    for p in params:
        p.grad = None
""",
        "own_lr": """\
import torch

def sgd_step(params, lr):
    lr = 0.01
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad  # <- inaccurate-result
            p.grad = None
""",
        "return_list": """\
def sgd_step(params, lr):
    return [p - lr * p.grad for p in params]  # <- unapplied-update
""",
        "replaced_detached": """\
def sgd_step(params, lr):
    for i, p in enumerate(params):
        params[i] = (p - lr * p.grad).detach().requires_grad_(True)  # <- unapplied-update
""",
        "stale_copy": """\
import torch

def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            g = p.grad.clone()
            p -= lr * g
            g.zero_()  # <- stale-gradient
""",
        "zero_early": """\
import torch

def sgd_step(params, lr):
    for p in params:
        p.grad = None  # <- gradient-cleared-too-early
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
""",
        "param_zero": """\
def sgd_step(params, lr):
    for p in params:
        p.data -= lr * p.grad
        p.data.zero_()  # <- cleared-parameter
        p.grad = None
""",
        "ascent_neg": """\
def sgd_step(params, lr):
    for p in params:
        p.data = p.data + lr * p.grad  # <- gradient-ascent
        p.grad = None
""",
        "flag_off": """\
def sgd_step(params, lr):
    for p in params:
        p.requires_grad = False  # <- lost-requires-grad
        p -= lr * p.grad
        p.grad = None
""",
        "eval_flag_off": """\
def evaluate(x, y, w, b):
    w.requires_grad = False  # <- lost-requires-grad
    b.requires_grad = False
    return ((w * x + b - y) ** 2).mean().item()
""",
    },
}
