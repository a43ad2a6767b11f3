"""Shapes that meet as they were meant to, and a loss that is one number."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.graph import without_keyword
from grader.suggestion.mends.updates import called
from grader.suggestion.nodes import is_backward, keyword_of, method_of, of_type, owner_of
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

SIZED = ("zeros", "ones", "randn", "rand", "empty")
COLUMNS = {"reshape": ("-1, 1",), "view": ("-1, 1",), "unsqueeze": ("1", "-1")}


def no_column(program: Program, finding: Finding) -> Iterator[Change]:
    """What makes a column of the data goes."""
    for root in (program.here, *program.statements):
        columns = [node for node in of_type(root, ast.Call, ast.Subscript) if _makes_column(node)]
        if not columns or isinstance(root, ast.FunctionDef | ast.For | ast.With | ast.While | ast.If):
            continue
        if isinstance(root, ast.Assign) and [ast.unparse(root.targets[0])] == [
            ast.unparse(_flat(root.value))
        ]:
            yield [program.text.remove(root)]
        yield [program.text.cut_to(_flat(node), node) for node in columns]


def _makes_column(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        given = ", ".join(map(ast.unparse, node.args))
        return given.strip("()") in COLUMNS.get(method_of(node) or "", ())
    return isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "(:, None)"


def _flat(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.value
    return node.value if isinstance(node, ast.Subscript) else node


def flat_where_they_meet(program: Program, finding: Finding) -> Iterator[Change]:
    """The column is made flat at the operation itself."""
    left, right = (finding.evidence.get(side, ()) for side in ("left", "right"))
    column = 0 if len(left) > len(right) else 1
    for pair in _pairs(program.here):
        yield called(program, pair[column], ".reshape(-1)")


def _pairs(root: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in of_type(root, ast.BinOp, ast.Call):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Add | ast.Mult):
            yield node.left, node.right
        elif isinstance(node, ast.Call) and len(node.args) == 2:
            yield node.args[0], node.args[1]


def matrix_product(program: Program, finding: Finding) -> Iterator[Change]:
    """``A * w`` becomes ``A @ w``."""
    for product in of_type(program.here, ast.BinOp):
        if isinstance(product.op, ast.Mult):
            start, end = program.text.span(product.left)[1], program.text.span(product.right)[0]
            yield [Edit(start, end, program.text.between(start, end).replace("*", "@", 1))]
    for called_on in of_type(program.here, ast.Attribute):
        if called_on.attr in ("mul", "multiply"):
            yield [program.text.rename(called_on, "matmul")]


def one_number_each(program: Program, finding: Finding) -> Iterator[Change]:
    """A parameter of the curve is one number: shape ``(1,)``."""
    shapes = finding.evidence.get("shapes", {})
    wrong = [name for name, shape in shapes.items() if list(shape) not in ([], [1])]
    edits: list[Edit] = []
    for maker in program.makers(wrong):
        for call in program.factories(maker):
            if method_of(call) in SIZED and call.args:
                start, end = program.text.span(call.args[0])[0], program.text.span(call.args[-1])[1]
                edits.append(Edit(start, end, "1"))
            elif method_of(call) == "tensor" and call.args:
                edits += _unnested(program, call.args[0])
    if edits:
        yield edits


def _unnested(program: Program, numbers: ast.expr) -> list[Edit]:
    """``[0.0]`` for ``[[0.0]]``."""
    inner = numbers
    while isinstance(inner, ast.List) and len(inner.elts) == 1 and isinstance(inner.elts[0], ast.List):
        inner = inner.elts[0]
    return [] if inner is numbers else [program.text.replace(numbers, program.text.of(inner))]


def the_mean(program: Program, finding: Finding) -> Iterator[Change]:
    """The loss is the mean over the points, where it is computed, else where it is walked."""
    try:
        loss = program.loss().value
    except CannotEdit:
        loss = None
    if loss is not None:
        for call in of_type(loss, ast.Call):
            if (unreduced := keyword_of(call, "reduction")) is not None:
                yield [without_keyword(program, call, unreduced)]
        yield called(program, loss, ".mean()")
    for call in of_type(program.here, ast.Call):
        if is_backward(call):
            walked = owner_of(call) if method_of(call) == "backward" and not call.args else call.args[0]
            yield called(program, walked, ".mean()")


MENDS = {
    "silent-broadcast": (no_column, flat_where_they_meet),
    "elementwise-product": (matrix_product,),
    "wrong-shape": (one_number_each, no_column),
    "non-scalar-backward": (the_mean,),
}
