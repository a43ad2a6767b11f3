"""Parameters are leaves that require grad: made so, once, and given back as they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.records import Finding
from grader.suggestion.mends.graph import CUTS, without_keyword
from grader.suggestion.mends.updates import called
from grader.suggestion.nodes import keyword_of, method_of, of_type, owner_of, parts
from grader.suggestion.program import Program
from grader.suggestion.text import CannotEdit, Change, Edit

MOVES = ("to", "cuda", "cpu")


def asked_for(program: Program, finding: Finding) -> Iterator[Change]:
    """``requires_grad=True`` where each parameter is made."""
    makers = program.makers(finding.evidence.get("parameters", ()))
    edits: list[Edit] = []
    for maker in makers:
        made = [call for call in program.factories(maker) if method_of(call) != "from_numpy"]
        if len(made) == 1 and maker.value is made[0]:
            edits.append(with_keyword(program, made[0], "requires_grad=True"))
        elif made and isinstance(maker.value, ast.ListComp | ast.Tuple | ast.List):
            edits += [with_keyword(program, call, "requires_grad=True") for call in made]
        elif maker.value is not None:
            edits += called(program, maker.value, ".requires_grad_()")
    if makers:
        yield edits


def with_keyword(program: Program, call: ast.Call, keyword: str) -> Edit:
    """A call with one more argument, the last."""
    given = [*call.args, *call.keywords]
    if not given:
        return Edit(program.text.span(call)[1] - 1, program.text.span(call)[1] - 1, keyword)
    end = max(program.text.span(argument)[1] for argument in given)
    return Edit(end, end, f", {keyword}")


def told_at_the_end(program: Program, finding: Finding) -> Iterator[Change]:
    """Nothing comes after what makes a tensor a leaf: it is told to require grad last."""
    here = program.here
    edits: list[Edit] = []
    for statement in program.alike(here):
        for value in _made(statement):
            asked = [
                (call, keyword)
                for call in of_type(value, ast.Call)
                if (keyword := keyword_of(call, "requires_grad")) is not None and call is not value
            ]
            edits += [without_keyword(program, *each) for each in asked]
            edits += called(program, value, ".requires_grad_()") if asked else []
    yield edits


def made_there(program: Program, finding: Finding) -> Iterator[Change]:
    """``torch.zeros(1, requires_grad=True).to(D)`` is made on ``D`` instead."""
    edits: list[Edit] = []
    for statement in program.alike(program.here):
        for value in _made(statement):
            if isinstance(value, ast.Call) and method_of(value) == "to" and value.args:
                factory = owner_of(value)
                if isinstance(factory, ast.Call) and factory in program.factories(factory):
                    where = program.text.of(value.args[0])
                    edits.append(with_keyword(program, factory, f"device={where}"))
                    edits.append(program.text.cut_to(factory, value))
    yield edits


def a_leaf_again(program: Program, finding: Finding) -> Iterator[Change]:
    """What came of the operation is taken off the graph, and is a leaf."""
    for group in ([program.here], program.alike(program.here)):
        yield [
            edit
            for statement in group
            for value in _made(statement)
            for edit in called(program, value, ".detach().requires_grad_()")
        ]


def _made(statement: ast.stmt) -> list[ast.expr]:
    """The expressions whose values a statement binds."""
    value = statement.value if isinstance(statement, ast.Assign | ast.Return) else None
    if isinstance(value, ast.ListComp | ast.GeneratorExp):
        return [value.elt]
    if isinstance(value, ast.Tuple | ast.List):
        return value.elts
    return [value] if value is not None else []


def given_back_whole(program: Program, finding: Finding) -> Iterator[Change]:
    """``return w.detach()``, ``return w.item()``, ``return p[0], p[1]``: the very tensors are returned."""
    here = program.here
    if not isinstance(here, ast.Return) or here.value is None:
        raise CannotEdit("no return")
    packed = _packed(here.value)
    if packed is not None:
        yield [program.text.replace(here.value, packed)]
    listed: list[ast.ListComp | ast.GeneratorExp] = [*of_type(here.value, ast.ListComp)]
    for comprehension in [*listed, *of_type(here.value, ast.GeneratorExp)]:
        # An element that is its variable and a cut says that what it goes through was meant.
        first = comprehension.generators[0]
        if ast.unparse(_uncut(comprehension.elt)) == ast.unparse(first.target):
            yield [program.text.replace(here.value, program.text.of(first.iter))]
    elements = here.value.elts if isinstance(here.value, ast.Tuple | ast.List) else [here.value]
    changed = [(element, _uncut(element)) for element in elements]
    yield [program.text.replace(old, program.text.of(new)) for old, new in changed if new is not old]


def _packed(value: ast.expr) -> str | None:
    """``p`` for ``p[0], p[1]``."""
    if not isinstance(value, ast.Tuple) or not all(isinstance(e, ast.Subscript) for e in value.elts):
        return None
    owners = {ast.unparse(element.value) for element in value.elts if isinstance(element, ast.Subscript)}
    return owners.pop() if len(owners) == 1 else None


def _uncut(element: ast.expr) -> ast.expr:
    methods = (*CUTS, "clone", "squeeze", "cpu")
    if isinstance(element, ast.Call) and method_of(element) in methods and not element.args:
        return _uncut(owner_of(element))
    if isinstance(element, ast.Attribute) and element.attr == "data":
        return _uncut(element.value)
    if isinstance(element, ast.Call) and ast.unparse(element.func) == "float" and element.args:
        return _uncut(element.args[0])
    return element


def as_a_number(program: Program, finding: Finding) -> Iterator[Change]:
    """A number was asked for, and the tensor that holds it comes back."""
    here = program.here
    if isinstance(here, ast.Return) and here.value is not None:
        yield called(program, here.value, ".item()")


def made_once(program: Program, finding: Finding) -> Iterator[Change]:
    """What is made at every step is made before the loop."""
    here, loop = program.here, program.loop
    if here not in loop.body or not isinstance(here, ast.Assign):
        raise CannotEdit("not made in the loop itself")
    made = [here]
    names = {ast.unparse(part) for target in here.targets for part in parts(target)}
    for statement in loop.body[loop.body.index(here) + 1 :]:
        if not isinstance(statement, ast.Assign) or not _only_makes(statement, names):
            break
        names |= {ast.unparse(part) for target in statement.targets for part in parts(target)}
        made.append(statement)
    lines = program.text.block_text(made[0], made[-1])
    yield [program.text.above(loop, *lines), program.text.remove(made[0], made[-1])]


def _only_makes(statement: ast.Assign, names: set[str]) -> bool:
    """Whether it makes a leaf too, or puts what was made together."""
    if any(keyword.arg == "requires_grad" for keyword in of_type(statement, ast.keyword)):
        return True
    together = isinstance(statement.value, ast.Tuple | ast.List)
    return together and {name.id for name in of_type(statement.value, ast.Name)} <= names


MENDS = {
    "missing-requires-grad": (given_back_whole, asked_for),
    "non-leaf-parameter": (given_back_whole, told_at_the_end, a_leaf_again),
    "moved-leaf": (made_there, told_at_the_end, a_leaf_again),
    "wrong-return": (given_back_whole, as_a_number),
    "parameters-reset": (made_once,),
}
