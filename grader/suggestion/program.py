"""Where things are in a student's program: its loop, its parameters, its updates."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cached_property

from grader.exercise import Exercise
from grader.suggestion.nodes import (
    FACTORIES,
    binds,
    guard_decorators,
    is_backward,
    is_guard,
    is_mentioned,
    is_zeroing,
    method_of,
    of_type,
    owner_of,
    parts,
    shape_of,
)
from grader.suggestion.text import CannotEdit, Text


class Program:
    """A student's program, and the line that a finding points at."""

    def __init__(self, source: str, exercise: Exercise, line: int | None, entry: str | None) -> None:
        self.text = Text(source)
        self.exercise = exercise
        self.line = line
        self._parents = {
            child: node for node in ast.walk(self.text.tree) for child in ast.iter_child_nodes(node)
        }
        self._asked = entry

    # What the finding is about -------------------------------------------------------------------

    @property
    def here(self) -> ast.stmt:
        """The statement that the finding points at."""
        found = self.at(self.line)
        if found is None:
            raise CannotEdit("the finding points at no statement")
        return found

    def at(self, line: int | None) -> ast.stmt | None:
        """The innermost statement on a line."""
        if line is None:
            return None
        around = [s for s in self.statements if s.lineno <= line <= (s.end_lineno or s.lineno)]
        return max(around, key=lambda s: (s.lineno, s.col_offset), default=None)

    def alike(self, statement: ast.stmt) -> list[ast.stmt]:
        """A statement and those in its block that are built as it is: ``w -= …`` and ``b -= …``."""
        found = [other for other in self.block(statement) if shape_of(other) == shape_of(statement)]
        if self.is_update(statement):
            return [other for other in found if self.is_update(other)]
        return found

    # What there is -------------------------------------------------------------------------------

    @cached_property
    def statements(self) -> list[ast.stmt]:
        return of_type(self.text.tree, ast.stmt)

    @property
    def torch(self) -> str:
        """What the program calls torch."""
        for node in of_type(self.text.tree, ast.Import):
            for alias in node.names:
                if alias.name == "torch":
                    return alias.asname or alias.name
        raise CannotEdit("torch is not imported by its name")

    @property
    def entry(self) -> ast.FunctionDef:
        """The function that the exercise asks for; of several the one that the finding is about."""
        wanted = [self._asked] if self._asked else [entry.name for entry in self.exercise.entries]
        for node in reversed(self.text.tree.body):
            if isinstance(node, ast.FunctionDef) and node.name in wanted:
                return node
        raise CannotEdit("no entry function")

    def argument(self, index: int) -> str:
        """What the entry function calls an argument."""
        arguments = [*self.entry.args.posonlyargs, *self.entry.args.args]
        if index >= len(arguments):
            raise CannotEdit("too few arguments")
        return arguments[index].arg

    @property
    def loop(self) -> ast.For | ast.While:
        """The outermost loop that makes backward passes, else the one around the finding, else the first."""
        loops: list[ast.For | ast.While] = [n for n in self.statements if isinstance(n, ast.For | ast.While)]
        training = [loop for loop in loops if any(map(is_backward, of_type(loop, ast.Call)))]
        around = [loop for loop in loops if loop in self.around(self.at(self.line))]
        for found in (training, around, loops):
            if found:
                return found[0]
        raise CannotEdit("no loop")

    @property
    def backward(self) -> ast.stmt:
        """The first statement that makes a backward pass, in the training loop where there is one."""
        for call in of_type(self.text.tree, ast.Call):
            if is_backward(call):
                return self.statement(call)
        raise CannotEdit("no backward pass")

    def loss(self) -> ast.Assign:
        """The statement before the backward pass that binds what it is called on."""
        call = next(call for call in of_type(self.backward, ast.Call) if is_backward(call))
        walked = call.args[0] if call.args and method_of(call) == "grad" else owner_of(call)
        bound = [s for s in self.block(self.backward) if isinstance(s, ast.Assign) and binds(s, walked)]
        if not bound or not isinstance(walked, ast.Name):
            raise CannotEdit("the loss is bound nowhere")
        return bound[-1]

    @cached_property
    def updates(self) -> list[ast.stmt]:
        """The statements that move something by a gradient."""
        return [statement for statement in self.statements if self.is_update(statement)]

    @cached_property
    def zeroings(self) -> list[ast.stmt]:
        return [statement for statement in self.statements if is_zeroing(statement)]

    def is_update(self, statement: ast.stmt) -> bool:
        if is_zeroing(statement):
            return False
        if isinstance(statement, ast.AugAssign):
            return isinstance(statement.op, ast.Add | ast.Sub) and self.mentions_gradient(statement.value)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            in_place = method_of(statement) in ("sub_", "add_", "copy_", "addcmul_")
            return in_place and any(map(self.mentions_gradient, statement.value.args))
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            return is_mentioned(target, value) and self.mentions_gradient(value)
        return False

    def mentions_gradient(self, node: ast.AST) -> bool:
        """``p.grad``, or a name that ``autograd.grad`` was given or `p.grad` was bound to."""
        if any(attribute.attr == "grad" for attribute in of_type(node, ast.Attribute)):
            return True
        return any(name.id in self.gradient_names for name in of_type(node, ast.Name))

    @cached_property
    def gradient_names(self) -> set[str]:
        found: set[str] = set()
        for statement in of_type(self.text.tree, ast.Assign):
            value = statement.value
            if method_of(value) == "grad" or (isinstance(value, ast.Attribute) and value.attr == "grad"):
                found |= {name.id for target in statement.targets for name in of_type(target, ast.Name)}
        return found

    def maker(self, name: str) -> ast.Assign | None:
        """The first assignment of a tensor to a name that the program gives a parameter."""
        for statement in of_type(self.text.tree, ast.Assign):
            named = any(ast.unparse(t) == name for target in statement.targets for t in parts(target))
            if named and of_type(statement.value, ast.Call):
                return statement
        return None

    def makers(self, names: Iterable[str]) -> list[ast.Assign | ast.Return]:
        """Where these parameters are made; the statement of the finding where no name says it."""
        named = dict.fromkeys(maker for name in names if (maker := self.maker(name)) is not None)
        found: list[ast.Assign | ast.Return] = list(named)
        if not found and isinstance(self.here, ast.Assign | ast.Return):
            found = [self.here]
        return found

    def factories(self, root: ast.AST) -> list[ast.Call]:
        """The calls that make a tensor of numbers."""
        return [
            call for call in of_type(root, ast.Call) if method_of(call) in FACTORIES and self._on_torch(call)
        ]

    def _on_torch(self, call: ast.Call) -> bool:
        return isinstance(owner_of(call), ast.Name) and ast.unparse(owner_of(call)) in ("torch", self.torch)

    # Around something ----------------------------------------------------------------------------

    def around(self, node: ast.AST | None) -> list[ast.AST]:
        """What a node stands in, innermost first."""
        found: list[ast.AST] = []
        while node is not None and (node := self._parents.get(node)) is not None:
            found.append(node)
        return found

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that an expression belongs to."""
        return next(n for n in [node, *self.around(node)] if isinstance(n, ast.stmt))

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements that one stands among."""
        parent = self._parents[statement]
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, [])
            if isinstance(block, list) and statement in block:
                return block
        raise CannotEdit("a statement of no block")

    def guard(self, node: ast.AST) -> ast.With | None:
        """The ``with torch.no_grad():`` around a node."""
        return next((n for n in self.around(node) if isinstance(n, ast.With) and is_guard(n)), None)

    def is_guarded(self, node: ast.AST) -> bool:
        decorated = (n for n in self.around(node) if isinstance(n, ast.FunctionDef))
        return self.guard(node) is not None or any(guard_decorators(n) for n in decorated)

    def inner_loop(self, statement: ast.stmt) -> ast.For | None:
        """The loop over parameters that a statement works in: it makes no backward pass itself."""
        loops = [n for n in self.around(statement) if isinstance(n, ast.For)]
        return next((n for n in loops if not any(map(is_backward, of_type(n, ast.Call)))), None)

    def child_with(self, block: Sequence[ast.stmt], statement: ast.stmt) -> ast.stmt:
        """The statement of a block that another one is, or stands in."""
        around = [statement, *self.around(statement)]
        found = next((each for each in block if each in around), None)
        if found is None:
            raise CannotEdit("not in that block")
        return found
