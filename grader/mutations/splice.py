"""Functions put in the place of a program's own."""

from __future__ import annotations

import ast


def with_functions(source: str, functions: str) -> str:
    """``source`` with each top-level function of ``functions`` in the place of its own of that name; what
    ``functions`` has besides (imports, globals, further functions) stands before them all.

    Raises:
        SyntaxError: one of the two is no Python.
    """
    new = {node.name: _text(functions, node) for node in _functions(functions)}
    own = {node.name for node in _functions(source)}
    body = source.splitlines(keepends=True)
    for node in reversed(_functions(source)):
        if node.name in new:
            body[_first(node) - 1 : node.end_lineno] = [new[node.name]]
    replaced = "".join(body)
    loose = _without(functions, own)
    head = _after_imports(replaced)
    lines = replaced.splitlines(keepends=True)
    return "".join([*lines[:head], loose, *lines[head:]])


def _functions(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def _first(node: ast.FunctionDef) -> int:
    """The line of a function's first decorator, else of its ``def``."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _text(source: str, node: ast.FunctionDef) -> str:
    return "".join(source.splitlines(keepends=True)[_first(node) - 1 : node.end_lineno])


def _without(source: str, names: set[str]) -> str:
    """What a program has besides the functions of these names."""
    lines = source.splitlines(keepends=True)
    for node in reversed(_functions(source)):
        if node.name in names:
            del lines[_first(node) - 1 : node.end_lineno]
    text = "".join(lines).strip()
    return f"\n{text}\n" if text else ""


def _after_imports(source: str) -> int:
    """How many lines a program's docstring and imports take."""
    last = 0
    for node in ast.parse(source).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (docstring or isinstance(node, (ast.Import, ast.ImportFrom))):
            break
        last = node.end_lineno or last
    return last
