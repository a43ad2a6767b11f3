"""``grader.check`` in a notebook: what is taken from the cells, what is said, and how it is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader import interactive
from grader.errors import NoSource
from grader.grade import ungraded
from grader.report.checked import Checked
from grader.sandbox import Sandbox
from tests.command import ROOT, environment
from tests.grading import Grading, submission_of

FIT = """\
def fit(x, y, lr, steps):
    w = torch.zeros(1, device=x.device, requires_grad=True)
    b = torch.zeros(1, device=x.device, requires_grad=True)
    for _ in range(steps):
        loss_of(w * x + b, y).backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = None
        b.grad = None
    return w, b
"""
LOSS = "def loss_of(prediction, y):\n    return ((prediction - y) ** POWER).mean()\n"


class Notebook:
    """Runs cells as a kernel does, and says what they came to."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def run(self, cell: str) -> Any:
        """The value of the cell's last expression."""
        ran = self._shell.run_cell(cell, store_history=True)  # type: ignore[no-untyped-call]
        ran.raise_error()
        return ran.result

    def checked(self, call: str) -> Checked:
        result = self.run(f"import grader\ngrader.check({call})")
        assert isinstance(result, Checked)
        return result

    def refused(self, call: str) -> str:
        with pytest.raises(NoSource) as caught:
            self.checked(call)
        return str(caught.value)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """What a kernel runs cells with, but for the kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setattr(sys, "displayhook", sys.displayhook)
        yield InteractiveShell.instance()
        InteractiveShell.clear_instance()


@pytest.fixture
def notebook(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, tmp_path: Path, shell: InteractiveShell
) -> Notebook:
    """A new one, whose checks share the tests' sandbox."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(interactive, "_sandbox", lambda: sandbox)
    shell.reset(new_session=True)  # type: ignore[no-untyped-call]
    return Notebook(shell)


@pytest.fixture
def gathered(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """The text that would be graded; it is not run."""

    def grade(submission: Any, *_: object) -> Any:
        return ungraded(submission, SimpleNamespace(id="line", rubric=(), max_score=0), "not run")  # type: ignore[arg-type]

    monkeypatch.setattr(interactive, "grade", grade)
    return lambda call: notebook.checked(call).result.source


def test_a_function_of_several_cells_is_graded(notebook: Notebook) -> None:
    notebook.run("import torch\nPOWER = 2\nx = y = w = 'of the notebook'")
    notebook.run(LOSS)
    notebook.run("print('not taken')\n" + FIT.replace("        w.grad = None\n", ""))
    checked = notebook.checked("'line'")
    assert not checked.passed and checked.score == 50
    assert checked.result.findings[0].pitfall == "stale-gradient"
    assert checked.result.submission.form == "function"
    assert checked.place == "In [3], line 10"
    assert "That line is In [3], line 10." in repr(checked)
    assert "In [3], line 10" in checked._repr_html_()
    notebook.run(FIT)
    assert notebook.checked("'line'").passed


def test_what_is_taken_is_what_is_needed_in_its_order(
    notebook: Notebook, gathered: Callable[[str], str]
) -> None:
    notebook.run(FIT)
    notebook.run("print('a side effect'); seen = []")
    notebook.run("import torch")
    notebook.run("POWER = 3\n" + LOSS + "unrelated = loss_of")
    notebook.run("POWER = 2")
    assert gathered("'line'") == f"import torch\nPOWER = 2\n\n# In [4]\n{LOSS}\n# In [1]\n{FIT}"


def test_the_last_definition_counts(notebook: Notebook, gathered: Callable[[str], str]) -> None:
    notebook.run("def fit(x, y, lr, steps):\n    return 1")
    notebook.run("def fit(x, y, lr, steps):\n    return 2")
    assert gathered("'line'") == "# In [2]\ndef fit(x, y, lr, steps):\n    return 2\n"


def test_a_cell_that_failed_defines_nothing(notebook: Notebook, gathered: Callable[[str], str]) -> None:
    notebook.run("def fit(x, y, lr, steps):\n    return 1")
    with pytest.raises(ZeroDivisionError):
        notebook.run("1 / 0\ndef fit(x, y, lr, steps):\n    return 2")
    assert "return 1" in gathered("'line'")


def test_the_cell_that_checks_may_define(notebook: Notebook) -> None:
    source = notebook.run("import grader\nimport torch\nPOWER = 2\n" + LOSS + FIT + "grader.check('line')")
    assert source.passed
    assert "check" not in source.result.source


@pytest.mark.parametrize(
    ("cell", "use", "taken"),
    [
        ("import math", "math.pi", "import math\n"),
        ("import xml.dom as dom", "dom", "import xml.dom as dom\n"),
        ("from math import tau", "tau", "tau = 6.28"),
        ("from math import (\n    floor,\n)", "floor", "from math import (\n    floor,\n)"),
        ("n = 2", "n", "n = 2\n"),
        ("n = [1]\nn += [2]", "n", "n = [1]\nn += [2]\n"),
        ("n = float('inf')", "n", "n = float('inf')\n"),
        ("a, n = 1, [2]; m = 3", "n", "a, n = 1, [2]; m = 3\n"),
        ("class N:\n    size = 2", "N", "class N:\n    size = 2\n"),
        ("class N:\n    def m(self):\n        pass", "N()", "class N:\n    def m(self):\n"),
        ("import functools\n@functools.cache\ndef n(): return 1", "n()", "@functools.cache\ndef n()"),
        ("def make():\n    def inner(): return 1\n    return inner\nn = make()", "n()", "n = make()\n"),
        ("def sum(values):\n    return 1", "sum(x for x in [2])", "def sum(values):"),
        ("n = lambda: m\nm = {}", "n()", "m = {}\n"),
        ("if True:\n    n = {}\nelse:\n    n = []", "n", "if True:\n    n = {}\nelse:\n    n = []\n"),
        ("class N:\n    pass\ndef n() -> N: return N()", "n()", "class N:\n    pass\n"),
    ],
)
def test_whatever_a_function_uses_is_taken(
    notebook: Notebook, gathered: Callable[[str], str], cell: str, use: str, taken: str
) -> None:
    notebook.run(cell)
    notebook.run(f"def fit(x, y, lr, steps):\n    return {use}")
    source = gathered("'line'")
    assert taken in source
    compile(source, "gathered", "exec")
    space: dict[str, Any] = {}
    exec(source, space)  # noqa: S102 - what was just put together
    space["fit"](1, 2, 3, 4)


def test_names_of_its_own_are_not_taken(notebook: Notebook, gathered: Callable[[str], str]) -> None:
    notebook.run("x = y = w = grad = object()")
    notebook.run("def fit(x, y, lr, steps):\n    w = x\n    return w.grad, [y for y in w], missing")
    assert gathered("'line'").startswith("# In [2]\n")


def test_a_function_of_another_name(notebook: Notebook, gathered: Callable[[str], str]) -> None:
    notebook.run("def mine(x, y, lr, steps):\n    return 1")
    assert gathered("'line', fit=mine").endswith("    return 1\nfit = mine\n")


def test_a_function_of_a_file_beside_the_notebook(
    notebook: Notebook, gathered: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_solution.py").write_text("import math\ndef fit(x, y, lr, steps):\n    return math.pi\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    notebook.run("import own_solution")
    source = gathered("'line', fit=own_solution.fit")
    assert source == ("import math\n\n# own_solution.py\ndef fit(x, y, lr, steps):\n    return math.pi\n")
    notebook.run("from own_solution import fit as other\ndef fit(x, y, lr, steps):\n    return other(x)")
    assert "`own_solution` is a file of your own" in notebook.refused("'line'")


@pytest.mark.parametrize(
    ("cells", "call", "said"),
    [
        ([], "'line'", "no function `fit` is defined here. Define fit(x, y, lr, steps) in a cell"),
        (["def fit(): pass"], "'line', fot=fit", "line has no function `fot`: it asks for fit."),
        ([], "'line', fit=lambda: 1", "has no name at the top level"),
        (["exec('def fit(x, y, lr, steps): return 1')"], "'line'", "The text of `fit` cannot be had"),
        (["exec('n = {}')", "def fit(x, y, lr, steps): return n"], "'line'", "The text of `n` cannot be had"),
        (["n = %who_ls", "def fit(x, y, lr, steps): return n"], "'line'", "uses a magic of IPython's"),
    ],
)
def test_what_cannot_be_had_is_told(
    notebook: Notebook, cells: list[str], call: str, said: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("gathered")
    for cell in cells:
        notebook.run(cell)
    assert said in notebook.refused(call)


def test_ipython_shows_one_line_in_place_of_a_traceback() -> None:
    assert NoSource("No \x1b[2J text.")._render_traceback_() == ["grader: No \\x1b[2J text."]


def test_a_file_is_graded_too(notebook: Notebook, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text((ROOT / "reference" / "line.py").read_text("utf-8"), "utf-8")
    checked = notebook.checked("'mine.py', exercise='line'")
    assert checked.passed and checked.place == ""
    assert "Passed" in repr(checked)


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.open = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open += 1

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1


HOSTILE = (
    "import torch\ndef fit(x, y, lr, steps):\n    raise ValueError('<script>alert(1)</script>\\x1b[2J')\n"
)


def test_the_html_needs_nothing_and_runs_nothing(grading: Grading) -> None:
    html = Checked(grading.result(HOSTILE), ("", "<img src=x>", "<img src=x>"))._repr_html_()
    tags = Tags(html)
    assert tags.open == 0
    assert not tags.seen & {"script", "img", "link", "iframe", "object", "svg"}
    assert not {name for name in tags.attributes if name.startswith("on") or name in ("src", "href")}
    assert "http" not in html and "url(" not in html and "@import" not in html
    assert "&lt;script&gt;" in html and "&lt;img" in html and "\x1b" not in html
    selectors = re.findall(r"(?m)^([^@{}\n]+)\{", html)
    assert selectors and all(s.strip().startswith(".grader-checked") for s in selectors)


def test_every_state_is_shown(grading: Grading) -> None:
    passed = Checked(grading.result((ROOT / "reference" / "line.py").read_text("utf-8")))
    assert "least-squares answer" in passed._repr_html_()
    exercise = grading.course.exercise("line")
    lost = Checked(ungraded(submission_of("", exercise), exercise, "torch is <missing>"))
    assert "torch is &lt;missing&gt;" in lost._repr_html_() and "torch is <missing>" in repr(lost)


def test_the_bundle_gives_what_is_asked_for(grading: Grading) -> None:
    checked = Checked(grading.result(HOSTILE))
    assert set(checked._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert set(checked._repr_mimebundle_(include={"text/html"})) == {"text/html"}
    assert set(checked._repr_mimebundle_(exclude={"text/html"})) == {"text/plain"}
    assert "\x1b" not in checked._repr_mimebundle_()["text/plain"]


def test_import_grader_stays_instant() -> None:
    code = (
        "import sys, grader\n"
        "assert not {'torch', 'pydantic', 'rich', 'numpy', 'typer'} & set(sys.modules), 'import'\n"
        "from grader import check\n"
        "assert 'pydantic' in sys.modules and 'torch' not in sys.modules\n"
        "assert not hasattr(grader, 'chek')"
    )
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True)


def test_a_script_of_ones_own_may_check_itself(tmp_path: Path) -> None:
    own = (
        "POWER = 2\n"
        + LOSS
        + FIT
        + "if __name__ == '__main__':\n    import grader\n    print(grader.check('line'))\n"
    )
    (tmp_path / "mine.py").write_text("import torch\n" + own)
    ran = subprocess.run(
        [sys.executable, "mine.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "100 of 100 points. Passed" in ran.stdout
