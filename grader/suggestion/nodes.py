"""What a node of a syntax tree is, told from its shape."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeVar

from grader.suggestion.text import CannotEdit

Node = TypeVar("Node", bound=ast.AST)

FACTORIES = (
    "zeros", "ones", "randn", "rand", "empty", "full", "tensor", "arange", "linspace", "as_tensor",
    "randint", "normal", "eye", "from_numpy", "scalar_tensor", "Tensor", "FloatTensor",
)  # fmt: skip
"""What of torch makes a tensor."""
GUARDS = ("no_grad", "inference_mode")


def of_type(root: ast.AST, *kinds: type[Node]) -> list[Node]:
    """The nodes of some kinds at and below ``root``, in the order of the text."""
    found = [node for node in ast.walk(root) if isinstance(node, kinds)]
    return sorted(found, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))


def method_of(node: ast.AST) -> str | None:
    """``name`` of a call ``something.name(...)``."""
    value = node.value if isinstance(node, ast.Expr) else node
    called = value.func if isinstance(value, ast.Call) else None
    return called.attr if isinstance(called, ast.Attribute) else None


def owner_of(call: ast.Call) -> ast.expr:
    """``something`` of a call ``something.name(...)``."""
    if not isinstance(call.func, ast.Attribute):
        raise CannotEdit("a call of no method")
    return call.func.value


def keyword_of(call: ast.Call, name: str) -> ast.keyword | None:
    return next((keyword for keyword in call.keywords if keyword.arg == name), None)


def is_guard(node: ast.AST) -> bool:
    """``with torch.no_grad():``"""
    return isinstance(node, ast.With) and any(
        name in ast.unparse(item.context_expr) for item in node.items for name in GUARDS
    )


def is_backward(node: ast.AST) -> bool:
    """``loss.backward()``, ``torch.autograd.backward(…)``, ``torch.autograd.grad(…)``."""
    return isinstance(node, ast.Call) and (
        method_of(node) == "backward"
        or (method_of(node) == "grad" and ast.unparse(owner_of(node)).endswith("autograd"))
    )


def is_zeroing(node: ast.stmt) -> bool:
    """``p.grad = None``, ``p.grad.zero_()``."""
    if isinstance(node, ast.Assign):
        nothing = isinstance(node.value, ast.Constant) and node.value.value is None
        return nothing and all(is_gradient(target) for target in node.targets)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and method_of(node) == "zero_":
        return is_gradient(owner_of(node.value))
    return False


def is_mentioned(expression: ast.expr, root: ast.AST) -> bool:
    """Whether ``root`` reads what an assignment to ``expression`` binds."""
    wanted = ast.unparse(expression)
    return any(ast.unparse(n) == wanted for n in of_type(root, ast.Name, ast.Attribute, ast.Subscript))


def binds(statement: ast.Assign, expression: ast.expr) -> bool:
    wanted = ast.unparse(expression)
    return any(ast.unparse(part) == wanted for target in statement.targets for part in parts(target))


def parts(target: ast.expr) -> Iterator[ast.expr]:
    """The places that an assignment's target binds."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from parts(element)
    else:
        yield target


def guard_decorators(function: ast.FunctionDef) -> list[ast.expr]:
    return [each for each in function.decorator_list if any(name in ast.unparse(each) for name in GUARDS)]


def is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def is_gradient(node: ast.AST) -> bool:
    """``p.grad``"""
    return isinstance(node, ast.Attribute) and node.attr == "grad"


def shape_of(statement: ast.stmt) -> tuple[Any, ...]:
    """What two statements share that do the same to different things."""
    if isinstance(statement, ast.AugAssign):
        return (ast.AugAssign, type(statement.op))
    if isinstance(statement, ast.Expr):
        return (ast.Expr, method_of(statement))
    if isinstance(statement, ast.Assign):
        return (ast.Assign, type(statement.value), type(statement.targets[0]))
    return (statement,)
