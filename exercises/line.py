"""Fit a line: the lesson's capstone, on data whose slope and intercept are drawn anew per seed."""

from grader.curve import CurveFit, Polynomial, Schedule
from grader.exercise import EntryPoint, RubricItem

EXERCISE = CurveFit(
    id="line",
    place=8,
    title="Fit y = w·x + b with raw autograd",
    section="Capstone: fitting y = wx + b with raw autograd",
    task=(
        "Recover the slope w and the intercept b of a noisy line by gradient descent on the mean"
        " squared error, with tensors and autograd alone."
    ),
    entry=EntryPoint("fit", ("x", "y", "lr", "steps")),
    names=("w", "b"),
    model=Polynomial(powers=(1, 0)),
    points=100,
    interval=(-1.0, 1.0),
    noise=0.1,
    schedules=(
        Schedule(seed=0, lr=0.5, steps=101),
        Schedule(seed=1, lr=0.2, steps=80),
        Schedule(seed=1, lr=0.2, steps=80),
        Schedule(seed=2, lr=0.8, steps=60),
    ),
    rubric=(
        RubricItem("coefficients", "Recovers w and b", 30),
        RubricItem("shapes-and-dtypes", "Shapes and dtypes", 10),
        RubricItem("leaf-status", "Parameters are leaves that require grad", 10),
        RubricItem("gradient-zeroing", "Gradients are zeroed each step", 20),
        RubricItem("no-grad", "Updates happen under no_grad", 20),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    script_truth=(2.5, -0.9),
)
