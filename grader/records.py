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

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, core_schema

SCHEMA_VERSION: Literal["1"] = "1"


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _OrNaN:
    """JSON has no NaN and no infinity: a child spells them ("nan", "-inf"), which pydantic reads as floats,
    and a result says null. To read a trace, Python is called for none of its thousand numbers."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        missing = core_schema.no_info_after_validator_function(_nan, core_schema.none_schema())
        return core_schema.union_schema([handler(source), missing], mode="left_to_right")


def _nan(_: None) -> float:
    return math.nan


def _to_wire(value: float) -> float | None:
    return value if math.isfinite(value) else None


Number = Annotated[float, _OrNaN(), PlainSerializer(_to_wire, return_type=float | None)]
Form = Literal["function", "script"]


# --- submission -------------------------------------------------------------------------------


class CellLine(Record):
    """A line of a notebook: its cell, counted over cells of every kind, and its line there, both from 1."""

    cell: int
    line: int


Place = int | CellLine
"""Where something is in what was handed in: a line of a Python file, or one of a notebook."""


class CellSpan(Record):
    """Where the lines of a notebook's code cell stand in the one source that is run."""

    cell: int
    first: int
    lines: int


class Submission(Record):
    """One file handed in, read but not run."""

    name: str
    path: str
    sha256: str
    form: Form
    source: str
    problem: str | None = None
    """Why the bytes cannot be run as Python (not UTF-8, NUL bytes, too large, no notebook)."""
    problem_line: int | None = None
    """The line of the source that the problem is at, where it has one."""
    cells: tuple[CellSpan, ...] = ()
    """The code cells of a notebook; none for a Python file."""
    notes: tuple[str, ...] = ()
    """What the student should know of how the file was read."""
    student_id: str = ""
    """What the system that the class came from calls the student; empty where it says nothing."""

    @property
    def is_notebook(self) -> bool:
        return bool(self.cells)


# --- run: what is sent to the child -----------------------------------------------------------


class TensorArgument(Record):
    """A tensor to make on the run's device."""

    kind: Literal["tensor"] = "tensor"
    values: tuple[float, ...]
    shape: tuple[int, ...]
    dtype: str = "float32"
    requires_grad: bool = False
    gradient: tuple[float, ...] | None = None
    """What its ``.grad`` holds."""
    on_cpu: bool = False
    """Made on the CPU, whatever the run's device is."""


Scalar = int | float | str | bool
Plain = Scalar | tuple[Scalar, ...] | tuple[tuple[Scalar, ...], ...]


class PlainArgument(Record):
    """A Python number, text or truth value, or a list of such, handed over as it is."""

    kind: Literal["plain"] = "plain"
    value: Plain


class DeviceArgument(Record):
    """The run's device, as a ``torch.device``."""

    kind: Literal["device"] = "device"


class FunctionArgument(Record):
    """A function of one tensor ``x``, written as an expression of it; ``torch`` is at hand."""

    kind: Literal["function"] = "function"
    expression: str


class ListArgument(Record):
    """A list of arguments; a tuple where ``is_tuple``."""

    kind: Literal["list"] = "list"
    items: tuple[Argument, ...]
    is_tuple: bool = False


Argument = Annotated[
    TensorArgument | PlainArgument | DeviceArgument | FunctionArgument | ListArgument,
    Field(discriminator="kind"),
]


class Position(Record):
    """One expression of the submission. Lines and columns as in ``Site``."""

    line: int
    end_line: int
    column: int
    end_column: int


InterventionKind = Literal[
    # on calls
    "new-leaf", "record", "do-not-record", "hand-through", "align", "matrix-product", "as-float32",
    "one-element", "take-mean", "scale-move", "own-gradient", "write-back", "keep-first", "backward-after",
    "link-number", "update-unrecorded", "float32-parameters", "at-home",
    # around backward passes
    "clear-stale", "skip-repeated", "release-graph", "apply-update",
    # on the whole
    "more-steps", "return-parameters",
]  # fmt: skip


class Intervention(Record):
    """Something that is done otherwise than a submission does it, while its unchanged code runs: the mistake
    that it makes there is neutralised. ``child/interventions/`` says what each kind does."""

    kind: InterventionKind
    positions: tuple[Position, ...] = ()
    """The expressions whose calls are concerned; none for every call that the kind concerns."""
    number: float | None = None
    """A factor, a learning rate or a number of steps."""
    slots: tuple[int, ...] = ()
    """The parameters concerned, as ``Slot.slot`` numbers them."""


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
    further: tuple[tuple[Argument, ...], ...] = ()
    """The arguments of more calls, made one after another in the same process."""
    available: tuple[str, ...] | None = None
    """The accelerators that torch is to say are there; None for those that are."""
    in_full: bool = False
    """Whether every argument is told before and after, and all the values that come back."""
    names: tuple[str, ...] = ()
    """The global names to read when a script has ended."""
    seed_shift: int = 0
    """Added to every seed that a script sets."""
    watch_from: int | None = None
    """The step from which the loop is watched closely again; None where its length is not known."""
    watch: Literal["full", "adaptive", "off"] = "adaptive"
    stand_in: bool = False
    """Calls that name an accelerator get the simulated one in its place. To be watched fully."""
    notebook: bool = False
    """Whether ``display`` and ``get_ipython`` are there, and ``await`` outside of functions."""
    interventions: tuple[Intervention, ...] = ()
    """What is done otherwise than the submission does it."""


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
    arrays: tuple[int, ...] = ()
    """The memory that arrays of NumPy's, made of tensors and still alive, looked at when the call began."""
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
    text: str | None = None
    """What a text, a dtype or a device says, abbreviated."""
    tensor: TensorView | None = None
    number: Number | None = None
    items: tuple[ReturnedValue, ...] = ()
    values: tuple[Number, ...] | None = None
    """The values of a tensor or array of at most 4096 elements, where they were asked for: the data that a
    script left, and what a function returned that is told in full."""
    gradient: tuple[Number, ...] | None = None
    """What ``.grad`` holds; None where there is none. Only of arguments that are told."""


class Call(Record):
    """One call of an entry function, told in full. Tensors are named by the same ids throughout."""

    given: tuple[ReturnedValue, ...]
    left: tuple[ReturnedValue, ...] = ()
    """The arguments when it had ended."""
    returned: ReturnedValue | None = None
    """None where it did not return."""
    first_event: int
    """The index of its first event."""
    first_pass: int
    """How many backward passes came before it."""
    returned_at: int | None = None
    """The line that it was running when it returned."""


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
    calls: tuple[Call, ...] = ()
    """Every call that was made, where they are told in full."""
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
    """The name of a list, deque or dictionary of the submission's that fills with tensors with graphs."""
    held_at: int | None = None
    """The line that puts them there."""
    none_names: tuple[str, ...] = ()
    """Names of parameters that were bound to None when an exception left the submission."""
    replaced: tuple[str, ...] = ()
    """The functions of torch that the submission put its own in place of."""
    intervened: tuple[str, ...] = ()
    """The kinds of the interventions that did anything."""
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


class Suggestion(Record):
    """A change of the submission's text that was made, run, and found to mend one mistake."""

    pitfall: str
    diff: str
    """A unified diff of the file that was handed in, for ``patch -p0``; for a notebook one of each cell."""
    lines_changed: int
    passes: tuple[str, ...] = ()
    """The rubric items that pass then, and did not before."""


class Finding(Record):
    """One mistake, with its evidence."""

    pitfall: str
    severity: Severity
    message: str
    line: Place | None
    source: str | None
    step: int | None
    device: str | None
    seed: int | None
    evidence: dict[str, Any] = {}
    fix: str
    title: str = ""
    why: str = ""
    rubric: str = ""
    entry: str | None = None
    """The function that it was found in, where an exercise asks for several."""
    suggestion: Suggestion | None = None
    """A change that mends it, where the course's policy lets it be shown and one was proved."""
    confirmed: bool | None = None
    """What the submission, run again with this neutralised, showed: that it is a cause of what went wrong, or
    not; None where that could not be tried, or told."""
    proof: str = ""
    """That, in words."""


class Experiment(Record):
    """The submission run once more, unchanged, with some of its mistakes neutralised."""

    neutralised: tuple[int, ...]
    """Which of the findings, by their place in the result."""
    neutralised_next: tuple[str, ...] = ()
    """The pitfalls that an earlier experiment showed, and that were neutralised besides."""
    device: str
    seed: int
    works: bool
    """Whether the answer was right then, and nothing else was found wrong."""
    helped: bool
    """Whether anything came out otherwise than without."""
    recovered: tuple[Number, ...] | None = None
    expected: tuple[float, ...] | None = None
    names: tuple[str, ...] = ()
    next: tuple[Finding, ...] = ()
    """The errors that only showed then."""


class RubricResult(Record):
    id: str
    title: str
    points: float
    earned: float
    status: Literal["passed", "failed", "blocked"]
    detail: str = ""
    """What was seen, what failed it, or what stood in the way of judging it."""
    because_of: tuple[str, ...] = ()
    """The confirmed mistakes, of other items, without which it would have passed."""


NAMELESS = "no name"
"""The label of a tensor that no variable of the submission held."""
NO_GRAD = "does not require grad"
"""The note of a parameter that is in a graph and cannot learn."""


class DrawnNode(Record):
    """One node of the picture of a forward pass. What it has as ``inputs`` was computed before it."""

    id: int
    kind: Literal["loss", "operation", "parameter", "data", "cut", "missing"]
    """``parameter``: a leaf that requires grad; ``cut``: an operation behind which the history is lost;
    ``missing``: a parameter that does not require grad, or that the loss does not depend on for autograd."""
    label: str
    note: str = ""
    """Its shape, its value, its gradient."""
    line: Place | None = None
    inputs: tuple[int, ...] = ()
    tracked: bool = False
    """Whether a backward pass can go through it."""


class DrawnNumber(Record):
    """One number of a parameter over a run, as it is drawn."""

    name: str
    values: tuple[Number, ...]
    """At each of the picture's ``steps``, NaN where it was not seen."""
    target: Number | None = None
    """The least-squares answer."""
    fresh: tuple[Number, ...] = ()
    """What each of the first passes computed."""
    stale: tuple[Number, ...] = ()
    """What was in ``.grad`` of earlier steps when each of the first passes ended."""


class Picture(Record):
    """What the pictures of one run are drawn from. Its numbers have five significant digits."""

    graph: tuple[DrawnNode, ...] = ()
    """The forward pass that the first backward pass went through, or was to go through."""
    graph_left_out: int = 0
    """How many nodes more it had."""
    steps: tuple[int, ...] = ()
    """The recorded passes; one more than the last stands for the end of the run."""
    numbers: tuple[DrawnNumber, ...] = ()
    noise_floor: float | None = None
    """The least mean squared error that any parameters have on the data."""
    descent: tuple[tuple[int, Number], ...] = ()
    """``(step, mean squared error)`` of plain gradient descent on the same data at the same rate."""
    descent_from_zero: bool = False
    """Whether it begins at zero, and not where the run began."""
    error: tuple[tuple[int, Number], ...] = ()
    """``(step, mean squared error)`` of the run's parameters, where its own loss was another one."""
    x: tuple[Number, ...] = ()
    y: tuple[Number, ...] = ()
    powers: tuple[int, ...] = ()
    """Of ``x``, one for each parameter: the model."""


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
    entry: str | None = None
    """The function that was called, where an exercise asks for functions that answer."""
    asked: str = ""
    """Its first call that was not answered rightly, else the first, in words."""
    answered: str = ""
    """What came back from that, in words."""
    right: bool | None = None
    """Whether everything about the run was right."""
    picture: Picture | None = None
    """Of the first run, and of others that say something else."""


class SubmissionInfo(Record):
    name: str
    path: str
    sha256: str
    form: Form
    student_id: str = ""
    notes: tuple[str, ...] = ()
    cells: tuple[CellSpan, ...] = ()
    """Where in ``source`` each code cell of a notebook stands; none for a Python file."""


class Environment(Record):
    torch: str | None
    python: str
    devices: tuple[str, ...]
    isolation: str
    limits: Limits | None = None
    """What one run was allowed to use; None where nothing ran."""


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
    experiments: tuple[Experiment, ...] = ()
    source: str = ""
    """The submission's text, for the report."""
    grader: str = ""
    """The version of this grader."""
    fingerprint: str = ""
    """Of all that the result depends on: while it is the same, a class is not graded again."""
