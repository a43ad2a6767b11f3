"""The computation graph in words: a phrase, a caption, and every operation in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.records import NAMELESS, NO_GRAD, DrawnNode
from grader.words import listing, place, plural

Inputs = Mapping[int, Sequence[int]]
"""The nodes behind the loss, the loss first, and what each was computed of. There are no circles."""


def label(nodes: Sequence[DrawnNode]) -> str:
    """What it is a picture of, in a phrase."""
    count = sum(node.kind == "parameter" for node in nodes)
    leaves = "1 leaf that requires grad" if count == 1 else f"{count} leaves that require grad"
    operations = plural(sum(node.kind in ("operation", "cut") for node in nodes), "operation")
    return f"The computation graph of your forward pass: {leaves}, {operations}, and the loss"


def sentences(nodes: Sequence[DrawnNode], reached: Collection[int], left_out: int) -> Iterator[str]:
    """What is to be seen in it."""
    parameters = [node for node in nodes if node.kind == "parameter"]
    found = [node.label for node in parameters if node.id in reached]
    others = [node.label for node in parameters if node.id not in reached]
    finds = _named(found) or ("" if left_out else "no parameter")
    yield (
        "Values flow to the right; `backward()` goes back to the left along the solid blue lines"
        + (f", and finds {finds} there." if finds else ".")
    )
    if others:
        yield f"{_capital(_named(others))} {'gets' if len(others) == 1 else 'get'} no gradient."
    yield from _cuts(nodes)
    for node in nodes:
        if node.kind == "missing" and node.note == NO_GRAD:
            yield f"{_capital(_named([node.label]))} does not require grad: it gets none."
        elif node.kind == "missing":
            name = _capital(_named([node.label]))
            yield f"{name} is not in the graph: for autograd the loss does not depend on it."
    if left_out:
        yield f"{plural(left_out, 'node')} more {'is' if left_out == 1 else 'are'} not drawn."


def _cuts(nodes: Sequence[DrawnNode]) -> Iterator[str]:
    """Where the history ends, those of one operation together."""
    places: dict[str, list[str]] = {}
    for node in nodes:
        if node.kind == "cut":
            places.setdefault(node.label, []).extend([place(node.line)] if node.line is not None else [])
    for label_, found in places.items():
        where = f" at {listing(list(dict.fromkeys(found)))}" if found else ""
        yield f"The history ends in `{label_}`{where}: no gradient gets past it."


def _named(labels: Sequence[str]) -> str:
    """Names in backticks, and how many have none."""
    names = [f"`{name}`" for name in labels if name != NAMELESS]
    nameless = len(labels) - len(names)
    if nameless:
        names.append("a leaf without a name" if nameless == 1 else f"{nameless} leaves without a name")
    return listing(names)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def steps(nodes: Mapping[int, DrawnNode], inputs: Inputs) -> Iterator[str]:
    """The computation in sentences; what has no name is called by its number."""
    names: dict[int, str] = {}
    count = 0
    for number in _in_order(inputs):
        node = nodes[number]
        if node.kind in ("parameter", "data", "missing"):
            names[number] = f"`{node.label}`"
            continue
        if node.kind == "loss":
            value = f": {node.note}" if node.note else ""
            yield f"`{node.label}` is {_of(inputs[number], names)}{value}."
            continue
        count += 1
        names[number] = f"({count})"
        lost = "; its history is lost here" if node.kind == "cut" else ""
        where = f", {place(node.line)}" if node.line is not None else ""
        yield f"({count}) `{node.label}` of {_of(inputs[number], names)}{where}{lost}."


def _of(given: Sequence[int], names: Mapping[int, str]) -> str:
    return listing([names[number] for number in given if number in names]) or "nothing that was seen"


def _in_order(inputs: Inputs) -> list[int]:
    """What went in first, and each node after its inputs."""
    order: list[int] = []
    seen: set[int] = set()
    first = next(iter(inputs))
    stack = [(first, False)]
    while stack:
        number, is_ready = stack.pop()
        if is_ready:
            order.append(number)
        elif number not in seen:
            seen.add(number)
            stack.append((number, True))
            stack += [(given, False) for given in reversed(inputs[number])]
    return order
