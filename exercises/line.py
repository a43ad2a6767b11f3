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
    hints=(
        "The function has two parts: the two parameters, made once, and a loop that repeats one step `steps`"
        " times. A step is always the same four: forward, backward, update, zero. Write these four words as"
        " comments first.",
        "The parameters are tensors of your own making, one number each, on the device that `x` is on."
        " Autograd follows only what it was told to follow: which argument of `torch.zeros` tells it?",
        "Forward: work out from `x` and the two parameters what the line says `y` should be, then the mean of"
        " the squared differences. The loss must be one number, so look at its `.shape`: it has to be `()`."
        " Backward is then one call on the loss, and it fills the `.grad` of both parameters.",
        "Update: each parameter goes down its own gradient, `lr` times as far. It must stay the very tensor"
        " that you made, so change it in place (`-=`); and autograd must not record it as a part of the"
        " model, so do it under `torch.no_grad()`.",
        "Zero: `backward()` adds to what is in `.grad`, it does not replace it. Before the next step both"
        " gradients have to be clear, which is one line for each parameter.",
        "Return the two tensors themselves after the loop, the slope first: no `.item()`, no `.detach()`."
        " They are what you made before the loop, moved `steps` times.",
    ),
    script_truth=(2.5, -0.9),
)
