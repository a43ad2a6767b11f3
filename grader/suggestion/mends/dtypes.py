"""Tensors of the dtype that is asked for: float32."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.leaves import with_keyword
from grader.suggestion.mends.updates import called
from grader.suggestion.nodes import keyword_of, method_of, of_type
from grader.suggestion.program import Program
from grader.suggestion.text import Change, Edit

OTHERS = ("float64", "double", "float16", "half", "bfloat16", "int64", "long", "int32", "int", "int16")
CONVERSIONS = ("double", "half", "bfloat16", "long", "int")
FLOAT = "float32"


def named(program: Program, finding: Finding) -> Iterator[Change]:
    """Another dtype, or a conversion to one, is named where the tensors are made."""
    yield [edit for statement in _makers(program, finding) for edit in _renamed(program, statement)]
    yield _renamed(program, program.text.tree)


def _renamed(program: Program, root: ast.AST) -> list[Edit]:
    edits = []
    for node in of_type(root, ast.Attribute):
        if node.attr in OTHERS and ast.unparse(node.value) == program.torch:
            edits.append(program.text.replace(node, f"{program.torch}.{FLOAT}"))
    for call in of_type(root, ast.Call):
        if method_of(call) in CONVERSIONS and not call.args and isinstance(call.func, ast.Attribute):
            edits.append(program.text.rename(call.func, "float"))
    return edits


def said(program: Program, finding: Finding) -> Iterator[Change]:
    """The dtype is said where it was left to the numbers that the tensor is made of."""
    edits: list[Edit] = []
    for statement in _makers(program, finding):
        for call in program.factories(statement):
            if method_of(call) == "from_numpy":
                edits += called(program, call, ".float()")
            elif keyword_of(call, "dtype") is None:
                edits.append(_with_dtype(program, call))
    yield edits


def _with_dtype(program: Program, call: ast.Call) -> Edit:
    """Before ``requires_grad=``, which is read last."""
    said = f"dtype={program.torch}.{FLOAT}"
    last = keyword_of(call, "requires_grad")
    return with_keyword(program, call, said) if last is None else program.text.before(last, f"{said}, ")


def converted(program: Program, finding: Finding) -> Iterator[Change]:
    """What a statement makes, or returns, is converted."""
    here = program.here
    asks = any(keyword.arg == "requires_grad" for keyword in of_type(here, ast.keyword))
    if isinstance(here, ast.Assign | ast.Return) and here.value is not None and not asks:
        values = here.value.elts if isinstance(here.value, ast.Tuple) else [here.value]
        for value in values:
            yield called(program, value, ".float()")


def _makers(program: Program, finding: Finding) -> list[ast.stmt]:
    """Where the tensors of the wrong dtype are made."""
    names = finding.evidence.get("dtypes", {})
    wrong = [name for name, dtype in names.items() if dtype != FLOAT] if isinstance(names, dict) else []
    makers: list[ast.stmt] = list(program.makers(wrong)) if wrong else []
    return makers if program.here in makers else list(program.alike(program.here))


MENDS = {
    "double-precision": (named, said, converted),
    "wrong-dtype": (named, said, converted),
    "integer-tensor": (said, named, converted),
}
