"""What passes between the stages, in the order of the flow.

    submission -> run (isolated child: trace) -> evidence -> pitfalls -> grade -> report

Every record is a frozen pydantic model and this module imports nothing of ours.
Steps are counted from 1: step *k* is the k-th backward pass, with the forward pass that led to it
and the update that follows it. Lines and columns are counted as Python's tracebacks (lines from 1)
and as ``code.co_positions`` (columns from 0, in UTF-8 bytes) count them.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

SCHEMA_VERSION: Literal["1"] = "1"


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _from_wire(value: object) -> object:
    """JSON has no NaN and no infinity: the child spells them, a result says null."""
    if value is None:
        return math.nan
    if isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    return value


def _to_wire(value: float) -> float | None:
    return value if math.isfinite(value) else None


Number = Annotated[
    float,
    BeforeValidator(_from_wire, json_schema_input_type=float | None),
    PlainSerializer(_to_wire, return_type=float | None),
]
Form = Literal["function", "script"]


# --- submission -------------------------------------------------------------------------------


class Submission(Record):
    """One file handed in, read but not run."""

    name: str
    path: str
    sha256: str
    form: Form
    source: str
    problem: str | None = None
    """Why the bytes are no Python text at all (not UTF-8, NUL bytes, too large); the source is then ''."""


# --- run: what is sent to the child -----------------------------------------------------------


class TensorArgument(Record):
    """A tensor to make on the run's device."""

    kind: Literal["tensor"] = "tensor"
    values: tuple[float, ...]
    shape: tuple[int, ...]
    dtype: str = "float32"


class PlainArgument(Record):
    """A Python number, text or truth value, handed over as it is."""

    kind: Literal["plain"] = "plain"
    value: int | float | str | bool


Argument = Annotated[TensorArgument | PlainArgument, Field(discriminator="kind")]


class RunRequest(Record):
    """All that the child is told: nothing in it is a secret and nothing is an expected answer."""

    name: str
    source: str
    form: Form
    device: str
    seed: int
    entry: str | None
    """The function to call; None for a script, which is its own top-level code."""
    arguments: tuple[Argument, ...] = ()
    names: tuple[str, ...] = ()
    """The global names to read when a script has ended."""
    seed_shift: int = 0
    """Added to every seed that a script sets."""
    watch_from: int | None = None
    """The step from which the loop is watched closely again; None where its length is not known."""
    watch: Literal["full", "adaptive", "off"] = "adaptive"


# --- run: what the child saw (a claim) --------------------------------------------------------


class Site(Record):
    """One expression of the submission that called torch."""

    line: int
    end_line: int
    column: int
    end_column: int
    function: str
    visits: int


class TensorView(Record):
    """A tensor at one moment. ``id`` names the Python object, ``storage`` the memory it looks at."""

    id: int
    storage: int
    shape: tuple[int, ...]
    dtype: str
    device: str
    leaf: bool
    requires_grad: bool
    grad_fn: str | None = None
    values: tuple[Number, ...] | None = None
    """The values, row-major, of tensors of at most 32 elements."""

    @property
    def numel(self) -> int:
        return math.prod(self.shape)


class Event(Record):
    """One torch call by a line of the submission."""

    index: int
    after: int
    """How many backward passes came before."""
    stage: Literal["import", "call"]
    site: int | None
    visit: int
    op: str
    """``Tensor.sub_``, ``torch.randn``, ``Tensor.grad.__get__``, ``python.Module``, …"""
    grad_enabled: bool
    inputs: tuple[TensorView, ...] = ()
    outputs: tuple[TensorView, ...] = ()
    arguments: dict[str, str] = {}
    """What was passed that is no tensor, abbreviated; positional ones under "0", "1", …"""
    result: str | None = None
    """What came back when that is no tensor, abbreviated."""
    raised: str | None = None


class SlotState(Record):
    """One parameter around one backward pass."""

    slot: int
    tensor: int
    value: tuple[Number, ...] | None
    grad_before: tuple[Number, ...] | None
    """``.grad`` when the pass began; None where there was none."""
    fresh: tuple[Number, ...] | None
    """What this pass itself computed."""
    grad_after: tuple[Number, ...] | None
    carried: tuple[Number, ...] | None = None
    """The part of ``grad_before`` that is older than the parameter's last move."""
    delta: tuple[Number, ...] | None = None
    """How far the parameter moved since the pass before; None at the first."""


class GraphNode(Record):
    """One node of the graph behind a loss; a leaf names its tensor."""

    id: int
    name: str
    inputs: tuple[int, ...] = ()
    tensor: int | None = None


class Backward(Record):
    """One walk through the graph: ``loss.backward()``, ``torch.autograd.backward`` or ``grad``."""

    step: int
    event: int
    """The index that the next event will get: events before this pass have smaller ones."""
    site: int | None
    stack: tuple[int, ...]
    """The lines of the submission that were being run, innermost first."""
    kind: Literal["backward", "grad"]
    retain_graph: bool
    loss: TensorView | None
    graph_size: int | None = None
    graph: tuple[GraphNode, ...] = ()
    slots: tuple[SlotState, ...] = ()
    gradients: tuple[int, ...] = ()
    """The ids of the tensors that ``torch.autograd.grad`` returned."""
    raised: str | None = None


class Slot(Record):
    """A parameter: a leaf that a backward pass reached, followed through its successors."""

    slot: int
    name: str | None
    tensors: tuple[int, ...]
    """The ids of the leaves that stood in this place, first to last (the first few, and the last)."""
    replaced: int
    """How many times another leaf took the place."""
    shape: tuple[int, ...]
    dtype: str
    device: str
    leaf: bool
    final: tuple[Number, ...] | None
    """The value when the run ended."""
    final_grad: tuple[Number, ...] | None = None
    """``.grad`` when the run ended."""
    passes: int
    """How many backward passes reached it."""
    carried_passes: int
    """In how many of them ``.grad`` held gradient older than its last move."""
    unmoved_passes: int
    """After how many of them it stood still although its fresh gradient was not zero."""


class ReturnedValue(Record):
    """What came back from an entry function, or a script's global: a tree of bounded size."""

    kind: Literal["tensor", "number", "sequence", "none", "missing", "other"]
    type: str
    tensor: TensorView | None = None
    number: Number | None = None
    items: tuple[ReturnedValue, ...] = ()
    values: tuple[Number, ...] | None = None
    """The values of a tensor or array of at most 4096 elements; only of data left by a script."""


class Raised(Record):
    """An exception that left the submission."""

    type: str
    message: str
    line: int | None
    """The innermost line of the submission; for a SyntaxError the line that cannot be read."""
    stack: tuple[int, ...] = ()
    """The lines of the submission on the way, innermost first."""
    own: bool = True
    """The submission's own line raised it (a ``raise`` or a plain Python error), not torch."""
    event: int | None = None
    """The index of the torch call that raised it."""
    missing_module: str | None = None
    after: int = 0
    """How many backward passes came before."""


class Warned(Record):
    """A warning, where the submission caused it."""

    line: int | None
    message: str


class Trace(Record):
    """What one run did. Bounded however long the run was."""

    outcome: Literal["returned", "raised", "exited"]
    stage: Literal["import", "call"]
    entry_missing: bool = False
    entry_problem: str | None = None
    """Why the entry function cannot be called with these arguments."""
    raised: Raised | None = None
    exit_status: str | None = None
    returned: ReturnedValue | None = None
    globals: dict[str, ReturnedValue] = {}
    seeds_shifted: int = 0
    sites: tuple[Site, ...] = ()
    events: tuple[Event, ...] = ()
    events_seen: int = 0
    backwards: tuple[Backward, ...] = ()
    backward_count: int = 0
    slots: tuple[Slot, ...] = ()
    names: dict[int, str] = {}
    """What the submission calls its tensors, by their ids."""
    warnings: tuple[Warned, ...] = ()
    graphs_alive: tuple[tuple[int, int], ...] = ()
    """``(step, graphs)``: how many of the graphs walked so far were still reachable then."""
    held_by: str | None = None
    """The name of a list, deque or dictionary of the submission's that holds whole tensors with graphs."""
    none_names: tuple[str, ...] = ()
    """Names of parameters that were bound to None when an exception left the submission."""
    replaced: tuple[str, ...] = ()
    """The functions of torch that the submission put its own in place of."""
    inputs_changed: tuple[int, ...] = ()
    """The positions of arguments whose values were not the same afterwards."""
    seconds: float
    torch: str
    python: str


class Limits(Record):
    """What one run may use."""

    seconds: float = 30.0
    memory_bytes: int = 2 * 1024**3
    """Beyond what the warm process has mapped already."""
    output_bytes: int = 1024**2
    """Printed, both streams together, before the run is stopped."""
    evidence_bytes: int = 8 * 1024**2
    file_bytes: int = 16 * 1024**2
    """Of one file."""
    disk_bytes: int = 64 * 1024**2
    """Of all files together."""
    open_files: int = 64
    processes: int = 64
    """And threads."""


class ChildReport(Record):
    """What the parent knows of a run that has ended, from its own clock and the child's channel."""

    ending: Literal[
        "complete", "time", "output", "disk", "processes", "memory", "signal", "exit", "protocol", "lost"
    ]
    """``complete``: a whole frame came. Else what ended the run; ``exit`` means that the process
    ended itself with no frame, ``lost`` that the warm process died under it (the grader's matter)."""
    detail: str = ""
    trace: Trace | None = None
    seconds: float
    stdout: str = ""
    stderr: str = ""
    stack: tuple[int, ...] = ()
    """The lines of the submission that were being run when it was stopped, innermost first."""


# --- pitfalls and grade: the published result ---------------------------------------------------

Severity = Literal["error", "warning"]
RunStatus = Literal["completed", "raised", "exited", "stopped"]


class Finding(Record):
    """One mistake, with its evidence."""

    pitfall: str
    severity: Severity
    message: str
    line: int | None
    source: str | None
    step: int | None
    device: str | None
    seed: int | None
    evidence: dict[str, Any] = {}
    fix: str
    title: str = ""
    why: str = ""
    rubric: str = ""


class RubricResult(Record):
    id: str
    title: str
    points: float
    earned: float
    status: Literal["passed", "failed", "blocked"]
    detail: str = ""
    """What was seen, what failed it, or what stood in the way of judging it."""


class RunResult(Record):
    device: str
    seed: int
    status: RunStatus
    seconds: float
    recovered: tuple[Number, ...] | None
    expected: tuple[float, ...] | None
    loss: tuple[tuple[int, Number], ...]
    lr: float | None = None
    steps: int | None = None
    truth: tuple[float, ...] | None = None
    names: tuple[str, ...] = ()
    stdout: str = ""
    stderr: str = ""
    repeat: bool = False


class SubmissionInfo(Record):
    name: str
    path: str
    sha256: str
    form: Form


class Environment(Record):
    torch: str | None
    python: str
    devices: tuple[str, ...]
    isolation: str


class Result(Record):
    """The whole verdict on one submission: what ``--format json`` prints."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    exercise: str
    submission: SubmissionInfo
    status: Literal["passed", "failed", "ungraded"]
    reason: str | None = None
    score: float
    max_score: float
    rubric: tuple[RubricResult, ...]
    findings: tuple[Finding, ...]
    runs: tuple[RunResult, ...]
    environment: Environment
    source: str = ""
    """The submission's text, for the report."""
    grader: str = ""
    """The version of this grader."""
    fingerprint: str = ""
    """Of all that the result depends on: while it is the same, a class is not graded again."""
