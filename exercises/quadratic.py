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
    hints=(
        "Nothing is new but the model: it is the loop that fits a line (forward, backward, update, zero),"
        " with three parameters. If you have solved `line`, begin with a copy of it.",
        "Make the three parameters one way, on the device of `x`, each a leaf that autograd follows. A"
        " number, or a tensor that came out of an operation, is none.",
        "Forward: the prediction is a sum of three terms, one for each coefficient. It must have the shape of"
        " `y`: print both `.shape`s before you subtract. The loss is the mean of the squared differences.",
        "Update, under `torch.no_grad()`: all three move, each by its own gradient. In a loop over the three,"
        " `p = p - ...` gives only the name `p` another tensor: what is there has to be changed in place.",
        "Zero all three gradients in every step. If two coefficients come out right and one is off, look for"
        " the one that you left out of the update or of the zeroing.",
        "Return the three tensors in the order a, b, c, as they are. If they are near but not near enough,"
        " look whether the loop takes all the `steps` with the `lr` that it was given.",
    ),
    script_truth=(1.5, -2.0, 0.5),
)
