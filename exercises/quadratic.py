"""Fit a quadratic: the lesson's task, on data whose three coefficients are drawn anew per seed."""

from grader.curve import CurveFit, Polynomial, Schedule
from grader.exercise import EntryPoint, RubricItem

EXERCISE = CurveFit(
    id="quadratic",
    place=9,
    title="Fit y = a·x² + b·x + c with raw autograd",
    section="Your task: fit a quadratic",
    task=(
        "Recover the three coefficients of a noisy quadratic by gradient descent on the mean"
        " squared error, with tensors and autograd alone."
    ),
    entry=EntryPoint("fit", ("x", "y", "lr", "steps")),
    names=("a", "b", "c"),
    model=Polynomial(powers=(2, 1, 0)),
    points=200,
    interval=(-2.0, 2.0),
    noise=0.05,
    schedules=(
        Schedule(seed=0, lr=0.05, steps=2000),
        Schedule(seed=1, lr=0.2, steps=80),
        Schedule(seed=1, lr=0.2, steps=80),
        Schedule(seed=2, lr=0.1, steps=300),
    ),
    rubric=(
        RubricItem("coefficients", "Recovers a, b and c", 30),
        RubricItem("shapes-and-dtypes", "Shapes and dtypes", 10),
        RubricItem("leaf-status", "Parameters are leaves that require grad", 10),
        RubricItem("gradient-zeroing", "Gradients are zeroed each step", 20),
        RubricItem("no-grad", "Updates happen under no_grad", 20),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    script_truth=(1.5, -2.0, 0.5),
)
