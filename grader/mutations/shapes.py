"""What a statement of a training loop is, told from its shape; and small edits of expressions."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)

FACTORIES = ("zeros", "ones", "randn", "rand", "empty", "full", "tensor")
SIZED = ("zeros", "ones", "randn", "rand", "empty")
"""Factories whose first argument is the size."""
GUARDS = ("no_grad", "inference_mode")


def of_type(root: ast.AST, kind: type[Node]) -> list[Node]:
    """The nodes of one type at and below ``root``."""
    return [node for node in ast.walk(root) if isinstance(node, kind)]


def statements(root: ast.AST) -> list[ast.stmt]:
    """The statements below ``root`` in the order of the text."""
    found = [node for node in of_type(root, ast.stmt) if node is not root]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def code(text: str) -> list[ast.stmt]:
    """The statements of a text."""
    return ast.parse(textwrap.dedent(text)).body


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def swap(root: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put ``new`` where ``old`` is, below ``root``."""

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    Swap().visit(root)


def with_named_loss(tree: ast.Module) -> ast.Module:
    """The tree with ``(...).backward()`` as two statements, so that every loss has a name and a line."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in list(body) if isinstance(body, list) else []:
            if is_backward(statement) and walked_name(statement) is None:
                loss = statement.value.func.value
                new = [*code("loss = None"), *code("loss.backward()")]
                new[0].value = loss  # type: ignore[attr-defined]
                place = body.index(statement)  # type: ignore[union-attr]
                body[place : place + 1] = new  # type: ignore[index]
    return ast.parse(ast.unparse(ast.fix_missing_locations(tree)))


# Which statement this is -------------------------------------------------------------------------


def method_call(node: ast.AST, *names: str) -> ast.Call | None:
    """The call, where a statement or expression is ``something.name(...)``."""
    value = node.value if isinstance(node, ast.Expr) else node
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in names:
        return value
    return None


def is_backward(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and method_call(node, "backward") is not None


def is_training(loop: ast.For | ast.While) -> bool:
    """Whether there is a backward pass in a loop."""
    return any(map(is_backward, statements(loop)))


def walked_name(backward: ast.stmt) -> str | None:
    """The name of the tensor that ``backward()`` is called on."""
    call = method_call(backward, "backward")
    called = call.func.value if call and isinstance(call.func, ast.Attribute) else None
    return called.id if isinstance(called, ast.Name) else None


def is_update(node: ast.stmt) -> bool:
    """``p -= ... p.grad ...`` or ``p.sub_(... p.grad ...)``, of a plain name."""
    return owner(node) is not None and not is_zeroing(node) and bool(gradients(node))


def is_zeroing(node: ast.stmt) -> bool:
    """``p.grad = None``, ``p.grad.zero_()``."""
    if isinstance(node, ast.Assign):
        nothing = isinstance(node.value, ast.Constant) and node.value.value is None
        return nothing and all(_is_gradient(target) for target in node.targets)
    call = method_call(node, "zero_")
    return call is not None and isinstance(call.func, ast.Attribute) and _is_gradient(call.func.value)


def is_guard(node: ast.AST) -> bool:
    """``with torch.no_grad():``"""
    if not isinstance(node, ast.With):
        return False
    entered = ast.unparse(node.items[0].context_expr)
    return any(name in entered for name in GUARDS)


def owner(node: ast.stmt) -> str | None:
    """The name of the tensor that an update moves or a zeroing clears the gradient of."""
    if is_zeroing(node):
        return owners(node)[0] if owners(node) else None
    target: ast.AST | None = None
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub | ast.Add):
        target = node.target
    call = method_call(node, "sub_", "add_")
    if call is not None and isinstance(call.func, ast.Attribute):
        target = call.func.value
    return target.id if isinstance(target, ast.Name) else None


def owners(zeroing: ast.stmt) -> list[str]:
    """The names whose gradients a zeroing clears: ``w.grad = b.grad = None`` clears two."""
    held = [node.value for node in gradients(zeroing)]
    return [node.id for node in held if isinstance(node, ast.Name)]


def gradients(node: ast.AST) -> list[ast.Attribute]:
    """The ``something.grad`` in a node."""
    return [attribute for attribute in of_type(node, ast.Attribute) if attribute.attr == "grad"]


def _is_gradient(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "grad"


# Parameters --------------------------------------------------------------------------------------


def makes_leaf(node: ast.AST) -> bool:
    """Whether a tensor is told to require grad here."""
    flags = [k for k in of_type(node, ast.keyword) if k.arg == "requires_grad"]
    return bool(flags) or bool(_told(node))


def _told(node: ast.AST) -> list[ast.Call]:
    return [call for call in of_type(node, ast.Call) if method_call(call, "requires_grad_")]


def names_bound(node: ast.Assign) -> list[str]:
    """The plain names that an assignment binds."""
    return [n.id for target in node.targets for n in of_type(target, ast.Name) if _is_plain(target)]


def _is_plain(target: ast.AST) -> bool:
    return isinstance(target, ast.Name | ast.Tuple)


def forget_gradient(maker: ast.AST) -> None:
    """Take away what tells a tensor to require grad."""
    for call in of_type(maker, ast.Call):
        call.keywords = [k for k in call.keywords if k.arg != "requires_grad"]
    for call in _told(maker):
        if isinstance(call.func, ast.Attribute):
            swap(maker, call, call.func.value)


def factory(maker: ast.AST, names: Iterable[str] = FACTORIES) -> ast.Call | None:
    """The call of ``torch.zeros`` and the like in a statement that makes a parameter."""
    return next((call for call in of_type(maker, ast.Call) if method_call(call, *names)), None)


def size(call: ast.Call) -> int | None:
    """The size of a vector that a factory makes, where it is written out."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in SIZED) or len(call.args) != 1:
        return None
    given = call.args[0]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, int) else None


# The loss ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Residual:
    """The expression in which a prediction meets the target, in ``statement``."""

    statement: ast.stmt
    prediction: ast.expr
    target: ast.expr


def residual(statement: ast.stmt, target: str) -> Residual | None:
    """``prediction - y``, ``y - prediction`` or ``mse_loss(prediction, y)`` in a statement."""
    for node in ast.walk(statement):
        one, other = _pair(node)
        if _is_name(other, target) and one is not None and other is not None:
            return Residual(statement, one, other)
        if _is_name(one, target) and one is not None and other is not None:
            return Residual(statement, other, one)
    return None


def _pair(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        return node.left, node.right
    if isinstance(node, ast.Call) and len(node.args) >= 2 and "mse" in ast.unparse(node.func):
        return node.args[0], node.args[1]
    return None, None


def _is_name(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
