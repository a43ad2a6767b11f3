"""The pages in a real browser: nothing leaves the file, nothing of the submission runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from grader.pitfall import pitfall
from grader.records import Picture, Result
from grader.report.html import html_report
from grader.report.reference_page import reference_page
from tests import handmade
from tests.test_report_html import evil_result

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = (
    '</pre></code></style><script>document.title="owned"</script>'
    '<img src="http://127.0.0.1:9/x" onerror="document.title=\'owned\'">'
    '"><svg onload="document.title=\'owned\'">'
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Opened:
    """A page and what it asked for beyond its own file."""

    def __init__(self, page: Page, html: str, file: Path) -> None:
        self.page = page
        self.requests: list[str] = []
        self.refused: list[str | None] = []
        self.errors: list[str] = []
        file.write_text(html, "utf-8")
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.refused.append(request.failure))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(file.as_uri())

    @property
    def overflow(self) -> int:
        """How many pixels are to be found only by scrolling sideways."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    yield context.new_page()
    context.close()


def test_the_marked_line_is_seen_and_no_request_leaves(page: Page, tmp_path: Path) -> None:
    opened = Opened(page, html_report(handmade.failed()), tmp_path / "report.html")
    marked = page.locator(".cause .line.marked")
    assert marked.is_visible()
    assert "a -= lr * a.grad" in marked.inner_text()
    box = marked.bounding_box()
    assert box is not None and box["y"] < 800, "it can be seen without scrolling, on a phone"
    assert page.locator("h1").inner_text() == "✗ Not passed yet. Begin with line 12."
    assert opened.requests == [(tmp_path / "report.html").as_uri()]
    assert opened.errors == []


def test_nothing_of_the_submission_runs(page: Page, tmp_path: Path) -> None:
    opened = Opened(page, html_report(evil_result(EVIL)), tmp_path / "report.html")
    page.wait_for_timeout(200)
    assert page.title() != "owned"
    assert len(opened.requests) == 1
    assert page.locator("script, img, iframe").count() == 0
    assert opened.overflow <= 0


def test_even_a_script_that_got_in_would_not_run(page: Page, tmp_path: Path) -> None:
    html = html_report(handmade.result()).replace("</main>", f"{EVIL}</main>")
    opened = Opened(page, html, tmp_path / "report.html")
    page.wait_for_timeout(200)
    assert page.title() != "owned"
    assert opened.refused == ["csp"], "the policy of the page lets nothing be fetched"


@pytest.fixture
def page_without_script(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_finding_leads_to_its_pitfall_without_a_script(page_without_script: Page, tmp_path: Path) -> None:
    page = page_without_script
    opened = Opened(page, html_report(handmade.failed()), tmp_path / "report.html")
    part = page.locator("#about-stale-gradient")
    assert not part.locator("figure").first.is_visible(), "closed, until it is asked for"
    page.locator(".cause a", has_text="More about it").click()
    assert part.locator("figure").first.is_visible()
    assert part.locator(".wrong .line.marked").first.is_visible()
    box = part.bounding_box()
    assert box is not None and -1 <= box["y"] < 400, "it was scrolled to"
    assert not page.locator("#about-item-every-step figure").first.is_visible()
    page.locator("#about-item-every-step summary").click()
    assert page.locator("#about-item-every-step figure").first.is_visible()
    assert opened.requests[0] == (tmp_path / "report.html").as_uri()
    assert {url.split("#")[0] for url in opened.requests} == {opened.requests[0]}


def test_on_paper_every_pitfall_is_open(page: Page, tmp_path: Path) -> None:
    Opened(page, html_report(handmade.failed()), tmp_path / "report.html")
    page.emulate_media(media="print")
    assert page.locator("#about-stale-gradient figure").first.is_visible()
    assert page.locator("#about-item-every-step figure").first.is_visible()


@pytest.mark.parametrize("name", ["stale-gradient", "hardcoded-answer", "runtime-error"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_pitfall_fits_a_phone(page: Page, tmp_path: Path, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened = Opened(page, reference_page(pitfall(name)), tmp_path / "pitfall.html")
    assert opened.overflow <= 0
    assert page.evaluate(CONTRAST) == []
    assert len(opened.requests) == 1
    assert opened.errors == []


@pytest.mark.parametrize("make", [handmade.failed, handmade.result, handmade.ungraded])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_fits_a_phone(
    browser: Browser, tmp_path: Path, make: Callable[[], Result], scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    opened = Opened(page, html_report(make()), tmp_path / "report.html")
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert opened.overflow <= 0
    assert page.evaluate(CONTRAST) == []
    context.close()


def long_source() -> str:
    return "\n".join([*handmade.SOURCE.splitlines(), *(f"x{number} = {number}" for number in range(200))])


def right() -> Result:
    return handmade.result(source=long_source(), runs=(handmade.pictured_run(), handmade.run(seed=102)))


def wrong() -> Result:
    sure = handmade.STALE.model_copy(update={"confirmed": True, "proof": "Without it, `a` = 1.5."})
    return handmade.failed(findings=(sure, handmade.ITEM), runs=(handmade.pictured_run(),))


def crashed() -> Result:
    cut = handmade.node(9, "cut", "item", 1, line=8, tracked=False)
    missing = handmade.node(7, "missing", "c")
    loss = handmade.FORWARD[0].model_copy(update={"inputs": (9,)})
    picture = Picture(graph=(loss, cut, *handmade.FORWARD[1:], missing))
    run = handmade.run(status="raised", recovered=None, loss=(), picture=picture, stderr="RuntimeError\n")
    rubric = handmade.rubric(coefficients=("failed", "off"), no_grad=("blocked", "Not judged"))
    return handmade.failed(runs=(run,), rubric=rubric)


def hostile() -> Result:
    drawn = handmade.pictured_run().picture
    assert drawn is not None
    graph = tuple(node.model_copy(update={"label": EVIL, "note": EVIL}) for node in drawn.graph)
    numbers = tuple(number.model_copy(update={"name": EVIL}) for number in drawn.numbers)
    picture = drawn.model_copy(update={"graph": graph, "numbers": numbers})
    result = evil_result(EVIL)
    return result.model_copy(update={"runs": (result.runs[0].model_copy(update={"picture": picture}),)})


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def axe(page: Page, **options: object) -> None:
    """No rule of axe is violated."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"], **options})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("make", [right, wrong, crashed, hostile])
def test_axe_finds_nothing_to_mend(browser: Browser, tmp_path: Path, make: Callable[[], Result]) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    opened = Opened(page, html_report(make()), tmp_path / "report.html")
    assert opened.overflow <= 0
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        axe(page, runOnly=["color-contrast"])
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    axe(page, rules={"color-contrast": {"enabled": False}})  # of everything it takes axe too long
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(CONTRAST) == []
    assert opened.overflow <= 0
    assert page.title() != "owned"
    assert len(opened.requests) == 1
    context.close()


def test_a_link_to_a_folded_line_unfolds_it(page: Page, tmp_path: Path) -> None:
    Opened(page, html_report(right()), tmp_path / "report.html")
    assert not page.locator("#L150").is_visible()
    page.goto(f"{(tmp_path / 'report.html').as_uri()}#L150")
    assert page.locator("#L150").is_visible()


CONTRAST = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const color = rgb(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length || e.tagName === 'title') continue;
    const drawn = e.closest('svg');
    const box = drawn && e.parentElement.querySelector(':scope > rect');
    const fore = drawn ? getComputedStyle(e).fill : getComputedStyle(e).color;
    const back = box && drawn.closest('.graph') ? rgb(getComputedStyle(box).fill) : behind(e);
    const [a, b] = [light(rgb(fore)), light(back)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(e.className + ' ' + e.textContent.slice(0, 30) + ' ' + ratio);
  }
  return poor;
}"""
