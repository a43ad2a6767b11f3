"""Where tensors came from and what became of them, in stories told by hand."""

from __future__ import annotations

import pytest

from grader.lineage import Lineage, source_of_dtype
from grader.records import Event
from tests.traces import Story, leaf, state, view

READ, SET, DELETED = "Tensor.grad.__get__", "Tensor.grad.__set__", "Tensor.grad.__delete__"


def lineage(story: Story) -> Lineage:
    return Lineage(story.events, story.backwards)


def ops(events: object) -> list[str]:
    assert isinstance(events, (list, tuple)) or hasattr(events, "__iter__")
    return [event.op for event in events if isinstance(event, Event)]


def test_nothing_has_no_lineage() -> None:
    empty = Lineage((), ())
    assert empty.birth(view(1, 0.0)) is None and empty.updates() == ()
    assert empty.ancestors(view(1, 0.0)) == () and list(empty.idle_clearings()) == []


def test_a_tensor_is_born_where_it_first_comes_out_of_a_call_that_did_not_take_it() -> None:
    story = Story()
    w = leaf(1, 0.0)
    made = story.call("torch.zeros", (), (w,))
    story.call("Tensor.requires_grad_", (w,), (w,))
    found = lineage(story)
    assert found.birth(w) == made == found.birth_of(1)
    assert found.birth_of(9) is None


def test_a_tensor_that_torch_made_unseen_is_taken_back_to_its_memory() -> None:
    story = Story()
    made = story.call("torch.ones", (), (view(1, 1.0, storage=7),))
    assert lineage(story).birth(leaf(2, 1.0, storage=7)) == made


def test_a_tensor_that_a_call_only_changed_was_not_born_in_it() -> None:
    story = Story()
    w = leaf(1, 0.0)
    story.call("Tensor.requires_grad_", (w,), (w,))
    assert lineage(story).birth_of(1) is None
    assert lineage(story).ancestors(w) == ()


def test_uses_and_ancestors() -> None:
    story = Story()
    w, x, product, total = leaf(1, 0.0), view(2), view(3), view(4, 0.0)
    story.call("torch.zeros", (), (w,))
    story.call("Tensor.mul", (w, x), (product,))
    story.call("Tensor.mean", (product,), (total,))
    story.call("Tensor.add", (w, w), (view(5, 0.0),))
    found = lineage(story)
    assert ops(found.uses(w)) == ["Tensor.mul", "Tensor.add"]
    assert ops(found.uses(w, after=1)) == ["Tensor.add"]
    assert ops(found.ancestors(total)) == ["Tensor.mean", "Tensor.mul", "torch.zeros"]


def test_ancestors_of_a_circle_come_to_an_end() -> None:
    story = Story()
    story.call("a", (view(1, 0.0),), (view(2, 0.0),))
    story.call("b", (view(2, 0.0),), (view(1, 0.0),))
    assert len(lineage(story).ancestors(view(2, 0.0))) == 2


def updated(*spelling: tuple[str, tuple[int, ...], int]) -> Lineage:
    """w (1) has a gradient (2); then calls on numbered tensors, each with what came out."""
    story = Story()
    story.call("torch.zeros", (), (leaf(1, 0.0),))
    story.backward(state(tensor=1))
    story.call(READ, (leaf(1, 0.0),), (view(2, 1.0),))
    for op, taken, made in spelling:
        story.call(op, tuple(view(n, 1.0) for n in taken), (view(made, 1.0),))
    return lineage(story)


@pytest.mark.parametrize(
    ("spelling", "parameter"),
    [
        ((("Tensor.mul", (2,), 3), ("Tensor.sub_", (1, 3), 1)), 1),
        ((("Tensor.add_", (1, 2), 1),), 1),
        ((("Tensor.mul", (2,), 3), ("Tensor.sub", (1, 3), 4)), 1),
        ((("Tensor.clone", (2,), 3), ("Tensor.neg", (3,), 4), ("Tensor.add_", (1, 4), 1)), 1),
        ((("Tensor.addcmul_", (1, 2, 9), 1),), 1),
    ],
)
def test_an_update_is_where_a_parameter_meets_a_gradient(
    spelling: tuple[tuple[str, tuple[int, ...], int], ...], parameter: int
) -> None:
    found = updated(*spelling)
    (update,) = found.updates()
    assert update.op == spelling[-1][0]
    assert found.parameter_in(update).id == parameter
    assert len(found.gradients_in(update)) == 1


def test_what_is_made_of_a_gradient_alone_is_a_gradient() -> None:
    found = updated(("Tensor.mul", (2,), 3))
    assert found.is_gradient(view(2, 0.0)) and found.is_gradient(view(3, 0.0))
    assert not found.is_gradient(view(1, 0.0)) and found.updates() == ()
    assert found.is_parameter(view(1, 0.0)) and not found.is_parameter(view(3, 0.0))


def test_what_looks_at_a_parameters_memory_is_the_parameter() -> None:
    story = Story()
    w, data = leaf(1, 0.0, storage=7), view(3, 0.0, storage=7)
    story.backward(state(tensor=1))
    story.call(READ, (w,), (view(2, 1.0),))
    story.call("Tensor.data.__get__", (w,), (data,))
    story.call("Tensor.sub_", (data, view(2, 1.0)), (data,))
    (update,) = lineage(story).updates()
    assert lineage(story).parameter_in(update).id == 3


def test_the_gradients_that_grad_returned_are_gradients() -> None:
    story = Story()
    story.backward(state(tensor=1), kind="grad", gradients=(5,))
    story.call("Tensor.sub_", (leaf(1, 0.0), view(5, 1.0)), (leaf(1, 0.0),))
    assert ops(lineage(story).updates()) == ["Tensor.sub_"]


def test_an_update_at_import_is_none_of_the_functions() -> None:
    story = Story()
    story.call(READ, (leaf(1, 0.0),), (view(2, 1.0),), stage="import")
    story.call("Tensor.sub_", (leaf(1, 0.0), view(2, 1.0)), (leaf(1, 0.0),), stage="import")
    assert lineage(story).updates() == ()


@pytest.mark.parametrize(
    ("op", "inputs", "outputs"),
    [
        (SET, (leaf(1, 0.0),), ()),
        (SET, (leaf(1, 0.0), view(5, 0.0)), ()),
        (DELETED, (leaf(1, 0.0),), ()),
        ("Tensor.zero_", (view(2, 1.0),), (view(2, 0.0),)),
        ("Tensor.mul_", (view(2, 1.0),), (view(2, 0.0),)),
        ("Tensor.zero_", (view(6, 1.0, storage=102),), (view(6, 0.0, storage=102),)),
    ],
)
def test_a_gradient_is_cleared(op: str, inputs: tuple[object, ...], outputs: tuple[object, ...]) -> None:
    story = Story()
    story.call(READ, (leaf(1, 0.0),), (view(2, 1.0),))
    story.call(op, inputs, outputs)  # type: ignore[arg-type]
    found = lineage(story)
    assert ops(found.clearings(1)) == [op] == ops(found.clearings(leaf(1, 0.0)))
    assert list(found.clearings(9)) == []


@pytest.mark.parametrize(
    ("op", "inputs", "outputs"),
    [
        (SET, (leaf(1, 0.0), view(5, 3.0)), ()),
        (SET, (leaf(8, 0.0),), ()),
        ("Tensor.mul_", (view(2, 1.0),), (view(2, 0.5),)),
        ("Tensor.zero_", (view(6, 1.0),), (view(6, 0.0),)),
    ],
)
def test_a_gradient_is_not_cleared(op: str, inputs: tuple[object, ...], outputs: tuple[object, ...]) -> None:
    story = Story()
    story.call(READ, (leaf(1, 0.0),), (view(2, 1.0),))
    story.call(op, inputs, outputs)  # type: ignore[arg-type]
    assert list(lineage(story).clearings(1)) == []


def test_clearing_a_copy_is_idle() -> None:
    story = Story()
    story.call(READ, (leaf(1, 0.0),), (view(2, 1.0),))
    story.call("Tensor.clone", (view(2, 1.0),), (view(3, 1.0),))
    story.call("Tensor.zero_", (view(3, 1.0),), (view(3, 0.0),))
    story.call(SET, (view(9, 4.0),))
    assert ops(lineage(story).idle_clearings()) == ["Tensor.zero_", SET]


def test_a_dtype_came_in_where_it_was_made_of_something_that_had_it_not() -> None:
    story = Story()
    first, second, third = view(1, 0.0), view(2, 0.0, dtype="float64"), view(3, 0.0, dtype="float64")
    story.call("torch.zeros", (), (first,))
    story.call("Tensor.double", (first,), (second,))
    story.call("Tensor.mul", (second,), (third,))
    source = source_of_dtype(lineage(story), third, "float64")
    assert source is not None and source.op == "Tensor.double"
    birth = source_of_dtype(lineage(story), first, "int64")
    assert birth is not None and birth.op == "torch.zeros"
