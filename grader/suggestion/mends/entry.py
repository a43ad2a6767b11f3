"""The function is there, takes what it is given, runs to its end, and returns what was asked for."""

from __future__ import annotations

import ast
import difflib
import itertools
import re
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.training import the_mean
from grader.suggestion.nodes import keyword_of, of_type, parts
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

MISSING = re.compile(r"name '(\w+)' is not defined")
MOST_RETURNED = 3
NEAR = 1e-2
"""How near a recovered number must be to one that was expected to be taken for it."""


def named_as_asked(program: Program, finding: Finding) -> Iterator[Change]:
    """The function has another name, or is bound to none."""
    wanted = next(iter(program.exercise.entries))
    defined = [f for f in program.text.tree.body if isinstance(f, ast.FunctionDef)]
    fitting = [f for f in defined if len(f.args.args) == len(wanted.parameters)]
    for function in reversed(fitting):
        name = str(finding.evidence.get("wanted", wanted.name))
        yield [
            _defined_as(program, function, name),
            *(
                program.text.replace(use, name)
                for use in of_type(program.text.tree, ast.Name)
                if use.id == function.name
            ),
        ]


def _defined_as(program: Program, function: ast.FunctionDef, name: str) -> Edit:
    start, _ = program.text.span(function)
    head = re.match(r"def\s+", program.text.of(function))
    if head is None:
        raise CannotEdit("no def")
    at = start + head.end()
    return Edit(at, at + len(function.name.encode()), name)


def takes_what_is_given(program: Program, finding: Finding) -> Iterator[Change]:
    """Arguments that are not used go, and those that are missing are taken."""
    function = program.entry
    asked = next(e for e in program.exercise.entries if e.name == function.name)
    arguments, wanted = function.args.args, asked.parameters
    used = {name.id for s in function.body for name in of_type(s, ast.Name)}
    unused = [a for a in arguments if a.arg not in used]
    if len(arguments) > len(wanted):
        kept = [a for a in arguments if a not in unused[-(len(arguments) - len(wanted)) :]]
        kept_text = ", ".join(program.text.of(a) for a in kept)
        yield [Edit(program.text.span(arguments[0])[0], _end(program, function), kept_text)]
    elif arguments:
        missing = wanted[len(arguments) :]
        fixed = [
            program.text.remove(s)
            for s in function.body
            if isinstance(s, ast.Assign) and {ast.unparse(p) for p in parts(s.targets[0])} <= set(missing)
        ]
        yield [program.text.after(arguments[-1], "".join(f", {name}" for name in missing)), *fixed]


def _end(program: Program, function: ast.FunctionDef) -> int:
    """Where the last argument ends, with its default."""
    given = [*function.args.args, *function.args.defaults]
    return max(program.text.span(node)[1] for node in given)


def returned(program: Program, finding: Finding) -> Iterator[Change]:
    """Nothing comes back: the parameters do, under the names that the exercise gives them."""
    names = finding.evidence.get("wanted", ())
    bound = {n.id for n in of_type(program.entry, ast.Name) if isinstance(n.ctx, ast.Store)}
    if finding.evidence.get("returned") == "None" and set(names) <= bound:
        yield [program.text.below(program.entry.body[-1], f"return {', '.join(names)}")]


def in_the_order_asked(program: Program, finding: Finding) -> Iterator[Change]:
    """``return b, w`` where ``w, b`` was asked for. A fit's numbers say which is which."""
    here, text = program.here, program.text
    elements = here.value.elts if isinstance(here, ast.Return) and isinstance(here.value, ast.Tuple) else []
    got, wanted = (finding.evidence.get(name, ()) for name in ("recovered", "expected"))
    for order in itertools.permutations(range(min(len(elements), MOST_RETURNED))):
        is_right = all(abs(got[i] - value) < NEAR for i, value in zip(order, wanted, strict=False))
        if is_right and list(order) != sorted(order):
            swapped = [
                (old, elements[i]) for old, i in zip(elements, order, strict=False) if old is not elements[i]
            ]
            yield [text.replace(old, text.of(new)) for old, new in swapped]


def spelt_right(program: Program, finding: Finding) -> Iterator[Change]:
    """A name that is not defined is another one misspelt, or a module that was not imported."""
    found = MISSING.search(str(finding.evidence.get("message", "")))
    if found is None:
        return
    missing = found[1]
    if missing == "torch":
        yield [Edit(0, 0, f"import torch{program.text.newline}")]
    known = {n.id for n in of_type(program.text.tree, ast.Name) if isinstance(n.ctx, ast.Store)}
    known |= {a.arg for a in of_type(program.text.tree, ast.arg)}
    uses = [n for n in of_type(program.text.tree, ast.Name) if n.id == missing]
    for near in difflib.get_close_matches(missing, sorted(known - {missing}), n=2):
        yield [program.text.replace(use, near) for use in uses]


def left_out(program: Program, finding: Finding) -> Iterator[Change]:
    """A statement of a name that is not defined, on which nothing else depends."""
    here = program.here
    if isinstance(here, ast.Expr) and MISSING.search(str(finding.evidence.get("message", ""))):
        yield [program.text.remove(here)]


def written_already(program: Program, finding: Finding) -> Iterator[Change]:
    """The template's ``raise`` still stands above what was written."""
    here = program.here
    if isinstance(here, ast.Raise) and len(program.block(here)) > 1:
        yield [program.text.remove(here)]


def loss_without_module(program: Program, finding: Finding) -> Iterator[Change]:
    """``nn.MSELoss()`` is a module; the function of the same formula is none."""
    here = program.here
    if isinstance(here, ast.Assign) and finding.evidence.get("class") == "MSELoss":
        yield [program.text.replace(here.value, f"{program.torch}.nn.functional.mse_loss")]


def steps_by_hand(program: Program, finding: Finding) -> Iterator[Change]:
    """``torch.optim.SGD(parameters, lr=lr)`` and its ``step()`` become the lines they stand for."""
    here, text = program.here, program.text
    made = here.value if isinstance(here, ast.Assign) else None
    if (
        finding.evidence.get("class") != "SGD"
        or not isinstance(made, ast.Call)
        or not isinstance(here, ast.Assign)
    ):
        return
    rate = keyword_of(made, "lr")
    if len(made.args) != 1 or rate is None or len(made.keywords) != 1:
        raise CannotEdit("no plain descent")
    moved, optimizer = text.of(made.args[0]), ast.unparse(here.targets[0])
    lines = [
        f"with {program.torch}.no_grad():",
        f"{text.unit}for p in {moved}:",
        f"{text.unit * 2}p -= {text.of(rate.value)} * p.grad",
    ]
    edits = [text.remove(here)]
    for statement in of_type(program.text.tree, ast.Expr):
        called = ast.unparse(statement.value)
        if called == f"{optimizer}.step()":
            edits += [text.above(statement, *lines), text.remove(statement)]
        elif called.startswith(f"{optimizer}.zero_grad("):
            cleared = [f"for p in {moved}:", f"{text.unit}p.grad = None"]
            edits += [text.above(statement, *cleared), text.remove(statement)]
    yield edits


MENDS = {
    "missing-entry-point": (named_as_asked,),
    "wrong-signature": (takes_what_is_given,),
    "wrong-return": (returned,),
    "inaccurate-result": (the_mean, in_the_order_asked),
    "runtime-error": (spelt_right, left_out),
    "import-failure": (spelt_right,),
    "not-implemented": (written_already,),
    "forbidden-api": (loss_without_module, steps_by_hand),
}
