"""The page of one result, read as a machine reads it; test_browser.py looks at it."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.pitfall import pitfall
from grader.records import Experiment, Limits, Result
from grader.report.chart import chart, in_words
from grader.report.html import html_report
from grader.report.json_text import result_json
from grader.report.ran import ran, repeat_command
from grader.report.reference_page import reference_page
from grader.report.wording import coefficient, evidence_name, evidence_value, number, source_lines, spans
from tests import handmade

INLINE = {"code", "b", "span", "a"}
VOID = {"meta", "link", "br", "hr", "img", "input", "line", "polyline", "path", "rect"}


class Page(HTMLParser):
    """Collects tags, attributes and text, and that every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag
        self.text += "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        self.text += data

    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


def text_of(html: str) -> str:
    return " ".join(Page(html).text.split())


def test_the_cause_comes_first_with_its_words_and_numbers() -> None:
    text = text_of(html_report(handmade.failed()))
    assert "Not passed yet. Begin with line 12." in text
    for part in (handmade.STALE.title, handmade.STALE.message, handmade.STALE.why):
        assert part.replace("`", "") in text
    assert text.index("Mend this first") < text.index("Rubric") < text.index("Also found")
    assert "consumed -10.31" in text
    assert "grader check class/alice.py --exercise quadratic --seed 101 --seed 102" in text


def test_the_marked_line_is_marked_above_and_in_the_whole_file() -> None:
    html = html_report(handmade.failed())
    marked = re.findall(r'<div class="line marked[^"]*"[^>]*>.*?<code>(.*?)</code>', html)
    assert [line.strip() for line in marked[:2]] == ["a -= lr * a.grad"] * 2
    assert 'id="L12"' in html
    assert 'href="#L12"' in html


def explained() -> str:
    """A pitfall's page, whose every link would have to lead somewhere in it."""
    return reference_page(pitfall("stale-gradient"))


@pytest.mark.parametrize(
    "html",
    [
        html_report(handmade.failed()),
        html_report(handmade.result()),
        html_report(handmade.ungraded()),
        explained(),
    ],
    ids=["failed", "passed", "ungraded", "pitfall"],
)
def test_every_page_is_self_contained_and_accessible(html: str) -> None:
    page = Page(html)
    assert not page.names() & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert {"main", "header", "footer", "h1", "title"} <= page.names()
    for tag, attributes in page.tags:
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
        if tag == "svg":
            assert attributes["aria-label"]
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert sum(tag == "caption" for tag, _ in page.tags) == tables
    policies = [a["content"] or "" for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


EVIL = "</pre><script>alert(1)</script>\"' onload=x \x1b[2J\u202e{{ 7*7 }}{% raw %}"


def evil_result(text: str) -> Result:
    finding = handmade.STALE.model_copy(
        update={
            "message": text, "title": text, "why": text, "fix": text, "device": text,
            "evidence": {text: [text, {"k": text}]},
        }
    )  # fmt: skip
    run = handmade.run(stdout=text, stderr=text, names=(text, "b", "c"), device=text, status="raised")
    return handmade.failed(
        findings=(finding, handmade.ITEM), runs=(run,), source=f"{text}\n" * 20, name=text,
        reason=text, submission=handmade.result(name=text).submission,
        rubric=handmade.rubric(no_grad=("failed", text)),
    )  # fmt: skip


def test_hostile_text_stays_text() -> None:
    html = html_report(evil_result(EVIL))
    page = Page(html)
    assert "script" not in page.names()
    assert not set("\x1b\u202e") & set(html)
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_makes_a_well_formed_page(text: str) -> None:
    Page(html_report(evil_result(text)).encode("utf-8").decode("utf-8"))


def test_a_value_that_is_missing_is_an_error_of_ours_not_a_blank() -> None:
    from jinja2 import UndefinedError

    from grader.report.page import render

    with pytest.raises(UndefinedError):
        render("result.html.j2", page=object())


def test_long_files_and_outputs_are_capped_and_it_is_said() -> None:
    run = handmade.run(stdout="x" * 10**6)
    html = html_report(handmade.failed(source="y = 1\n" * 5000, runs=(run,), findings=()))
    assert len(html) < 600_000
    assert "3500 lines are not shown here." in html
    assert "… the first 996000 characters are not shown …" in html


def test_the_same_output_is_shown_once() -> None:
    text = text_of(html_report(handmade.result()))
    assert text.count("step 500: loss 0.0026") == 1
    assert "It printed the same as the run on cpu, seed 101." in text


@pytest.mark.parametrize("loss", [(), ((1, 2.0),), ((1, math.nan), (2, math.inf))])
def test_no_curve_is_drawn_through_less_than_two_points(
    loss: tuple[tuple[int, float], ...],
) -> None:
    assert chart(loss) is None
    assert in_words(loss)


@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.floats(allow_nan=True, allow_infinity=True)),
        max_size=300,
    )
)
def test_any_loss_makes_a_curve_inside_its_picture(loss: list[tuple[int, float]]) -> None:
    drawn = chart(sorted(loss, key=lambda pair: pair[0]))
    if drawn is None:
        return
    for point in drawn.points.split():
        x, y = map(float, point.split(","))
        assert drawn.left <= x <= drawn.right
        assert drawn.top <= y <= drawn.bottom
    assert 2 <= len(drawn.ticks) <= 6


def test_the_curve_in_words() -> None:
    words = in_words(((1, 4.0), (2, 1.0), (3, 9.0), (4, math.nan)))
    assert words == "Loss 4 at step 1, nan at step 4. It was no finite number at step 4."
    assert "Its least was 1, at step 2." in in_words(((1, 4.0), (2, 1.0), (3, 9.0)))


@pytest.mark.parametrize(
    ("value", "text"),
    [(40.0, "40"), (0.00031, "0.00031"), (-7.0912, "-7.091"), (1e30, "1e+30"), (0.0, "0"),
     (math.nan, "nan"), (-math.inf, "-inf")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_coefficients_stand_in_columns() -> None:
    assert [coefficient(v) for v in (1.5, -0.0, -1e-9, math.inf)] == [
        "1.5000", "0.0000", "0.0000", "inf",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "name"),
    [("steps_with_stale_gradient", "steps with stale gradient"), ("loss_grad_fn", "loss grad_fn"),
     ("requires_grad", "requires_grad"), ("left over", "left over")],
)  # fmt: skip
def test_evidence_has_plain_names_but_torchs_own(key: str, name: str) -> None:
    assert evidence_name(key) == name


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [("left", [200], "(200,)"), ("result", [200, 200], "(200, 200)"), ("shape", [], "()"),
     ("shapes", {"w": [1], "b": [2, 1]}, "w: (1,), b: (2, 1)"), ("stack", [12, 3], "12, 3"),
     ("left", [0.5], "0.5"), ("answers", [[1.5, 2.0], [1.5, 2.0]], "(1.5, 2), (1.5, 2)"),
     ("fresh", [-3.22], "-3.22"), ("requires_grad", {"after": False}, "after: no")],
)  # fmt: skip
def test_evidence_values_can_be_read(key: str, value: object, text: str) -> None:
    assert evidence_value(value, key) == text


def test_every_finding_links_to_its_pitfall_at_the_end_of_the_same_file() -> None:
    html = html_report(handmade.failed(findings=(handmade.STALE, handmade.ITEM, handmade.STALE)))
    page = Page(html)
    ids = [attributes["id"] for tag, attributes in page.tags if tag == "details" and "id" in attributes]
    assert ids == ["about-stale-gradient", "about-item-every-step"]
    targets = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    assert {f"#{name}" for name in ids} <= targets
    assert page.text.index("The runs") < page.text.index("More about these pitfalls")
    every_id = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(every_id) == len(set(every_id))
    assert {target[1:] for target in targets if target} <= set(every_id)


def test_a_pitfall_that_is_not_known_here_has_no_link() -> None:
    finding = handmade.STALE.model_copy(update={"pitfall": EVIL})
    page = Page(html_report(handmade.failed(findings=(finding,))))
    assert "script" not in page.names()
    assert "More about" not in page.text


def test_evidence_is_abbreviated() -> None:
    assert evidence_value({"a": [1.0, None], "b": True}) == "a: (1, none), b: yes"
    assert evidence_value(list(range(20))) == "0, 1, 2, 3, 4, 5, 6, 7, …"


def test_backticks_are_code_and_a_lone_one_is_a_backtick() -> None:
    assert [(s.text, s.code) for s in spans("see `x` and `")] == [
        ("see ", False), ("x", True), (" and `", False),
    ]  # fmt: skip


def test_lines_are_counted_as_python_counts_them() -> None:
    assert source_lines("a\r\nb\rc\x0cd\u2028e\n") == ("a", "b", "c\x0cd\u2028e")
    assert source_lines("") == ()


def test_json_is_valid_whatever_the_file_is_called() -> None:
    result = handmade.failed(reason="\ud800", score=math.nan)
    assert '"reason":"\\\\ud800"' in result_json(result).replace('": ', '":')
    assert result_json(result).isprintable()


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("class/ada.py", "grader check class/ada.py"),
        ("subs.zip/doe_1_2_line.py", "grader check doe_1_2_line.py"),
        ("a/subs.tar.gz/doe/hand in.zip/x/line.py", "grader check line.py"),
    ],
)
def test_the_command_names_a_file_that_can_be_there(path: str, command: str) -> None:
    result = handmade.failed()
    info = result.submission.model_copy(update={"path": path})
    again = repeat_command(result.model_copy(update={"submission": info}))
    assert again.startswith(f"{command} --exercise")


def test_the_page_says_what_was_run_and_within_which_limits() -> None:
    base = handmade.failed()
    limits = Limits(seconds=30, memory_bytes=2**31)
    environment = base.environment.model_copy(update={"devices": ("cpu", "sim"), "limits": limits})
    rows = {row.name: row.value for row in ran(base.model_copy(update={"environment": environment}))}
    assert rows["Devices"] == "cpu, sim (simulated)"
    assert rows["Data"] == "made by the grader from the seeds 101 and 102"
    assert rows["Limits of a run"].startswith("30 s, 2048 MiB of memory beyond torch's own, 1 MiB printed")
    assert rows["Isolation"] == "Landlock and seccomp"


def test_the_rubric_is_counted() -> None:
    items = handmade.rubric(coefficients=("failed", "off"), no_grad=("blocked", "Not judged"))
    text = text_of(html_report(handmade.failed(rubric=items)))
    assert "3 of 5 items passed, 1 did not, 1 could not be judged." in text
    assert "5 of 5 items passed." in text_of(html_report(handmade.result()))


def test_what_was_proved_of_a_finding_stands_beside_it() -> None:
    words = "With only this neutralised, your unchanged code comes to `a` = 1.5."
    sure = handmade.STALE.model_copy(update={"confirmed": True, "proof": words})
    unsure = handmade.ITEM.model_copy(update={"confirmed": False, "proof": "It still does what it did."})
    text = text_of(html_report(handmade.failed(findings=(sure, unsure))))
    assert f"Confirmed. {words.replace('`', '')} Why it bites" in text
    assert "Not confirmed. It still does what it did." in text


def test_what_comes_next_and_what_a_mistake_stood_in_the_way_of_is_told() -> None:
    items = [
        item.model_copy(update={"because_of": ("stale-gradient",)}) if item.id == "coefficients" else item
        for item in handmade.rubric(coefficients=("failed", "off"))
    ]
    following = handmade.ITEM.model_copy(update={"pitfall": "diverged", "title": "The loss ran away"})
    tried = Experiment(neutralised=(0,), device="cpu", seed=1, works=False, helped=True, next=(following,))
    result = handmade.failed(rubric=tuple(items), experiments=(tried,))
    text = text_of(html_report(result))
    assert "Passes once stale-gradient is mended." in text
    assert text.index("Also found") < text.index("Next, once that is mended") < text.index("Your code")
    assert "The loss ran away" in text
    assert "Mend this first" in text
    idle = tried.model_copy(update={"helped": False, "next": ()})
    assert "Look here first" in text_of(html_report(handmade.failed(experiments=(idle,))))
