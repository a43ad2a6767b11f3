"""The class's page in a real browser: two thousand are sorted and found, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import classroom
from tests.test_browser import CHROMIUM, CONTRAST, FLAGS, Opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZE = 2000
SHOWN = "Array.from(document.querySelectorAll('.students tbody tr:not([hidden])'))"

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


@pytest.fixture(scope="module")
def large(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
    file = tmp_path_factory.mktemp("large") / "index.html"
    return Opened(page, classroom.page(classroom.classroom(SIZE)), file)


@pytest.fixture
def page(large: Opened) -> Page:
    large.page.locator("#reset").click()
    return large.page


def ids(page: Page) -> list[str]:
    found: list[str] = page.evaluate(f"{SHOWN}.map(r => r.querySelector('.id').textContent)")
    return found


def column(page: Page, index: int) -> list[str]:
    found: list[str] = page.evaluate(f"{SHOWN}.map(r => r.cells[{index}].textContent.trim())")
    return found


def shown(page: Page, count: int) -> list[str]:
    """The ids that are shown, when as many are as the page says."""
    from playwright.sync_api import expect

    expect(page.locator("#shown")).to_have_text(f"{count} of {SIZE} shown")
    found = ids(page)
    assert len(found) == count
    return found


def scores(page: Page) -> list[float]:
    return [-1.0 if text == "–" else float(text.split(" ")[0]) for text in column(page, 3)]


def test_nothing_is_fetched_and_no_name_is_obeyed(large: Opened) -> None:
    assert len(large.requests) == 1 and large.errors == []
    title = "line, quadratic: 2000 submissions: 960 passed, 1000 not passed, 40 not graded"
    assert large.page.title() == title
    assert large.page.locator("script").count() == 1 and large.page.locator("img").count() == 0
    assert large.overflow <= 0


def test_a_header_sorts_up_and_down_and_says_so(page: Page) -> None:
    came = ids(page)
    header = page.locator(".students th", has_text="Score")
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert scores(page) == sorted(scores(page)) and len(ids(page)) == SIZE
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "descending"
    assert scores(page) == sorted(scores(page), reverse=True)
    page.locator(".students th", has_text="Name").locator("button").click()
    assert header.get_attribute("aria-sort") is None
    assert column(page, 0)[1:8] == [f"Émile {7 * i:04} {9000 + 7 * i}" for i in range(1, 8)]
    page.locator("#reset").click()
    assert ids(page) == came


def test_the_keyboard_alone_sorts_and_finds(page: Page) -> None:
    page.locator("#find").focus()
    page.keyboard.type("emile 0014")
    assert shown(page, 1) == ["9014"]
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('th')?.textContent") == "Outcome":
            break
    page.keyboard.press("Enter")
    focused = page.evaluate("document.activeElement.closest('th').getAttribute('aria-sort')")
    assert focused == "ascending", "the focus stays where it was"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert page.locator(".students th[aria-sort]").inner_text() == "Exercise"
    page.locator("#show-failed").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#show-passed").is_checked()


def test_whom_to_show_is_asked_in_every_way_at_once(page: Page) -> None:
    page.locator("label[for=show-failed]").click()
    assert set(column(page, 2)) == {"✗ not passed"} and len(shown(page, 1000)) == 1000
    page.locator("#by-pitfall").select_option("wrong-update")
    page.locator("#by-exercise").select_option("line")
    assert {text.split(" ")[-1] for text in column(page, 5) if "Late" not in text} == {"wrong-update"}
    assert set(column(page, 1)) == {"line"}
    page.locator("#find").fill("another's  STUDENT 0100 9100")
    assert shown(page, 1) == ["9100"]
    page.locator("#find").fill("nobody")
    assert shown(page, 0) == []


def test_only_what_changed_or_was_decided_by_hand(page: Page) -> None:
    page.locator("#by-mark").select_option("hand")
    assert all("taken off, grader" in text for text in column(page, 3)) and len(ids(page)) == 50
    page.locator("#by-mark").select_option("changed")
    assert all(column(page, 4)) and "up" in "".join(column(page, 4)) and len(ids(page)) < SIZE


def test_a_count_shows_whom_it_counts(page: Page) -> None:
    count = page.locator(".items .count[data-pitfall=diverged][data-exercise=quadratic] button")
    number = int(count.inner_text())
    count.click()
    assert len(shown(page, number)) == number
    assert {text.split(" ")[-1] for text in column(page, 5) if "Late" not in text} == {"diverged"}
    assert page.evaluate("document.activeElement.id") == "students"


# --- in every dress: few students, for axe looks at each ------------------------------------------


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (360, "light")])
def test_nobody_is_kept_out(browser: Browser, tmp_path: Path, width: int, scheme: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    opened = Opened(context.new_page(), classroom.page(classroom.classroom(60)), tmp_path / "index.html")
    opened.page.locator(".students tbody").scroll_into_view_if_needed()
    found = Axe().run(opened.page)
    assert found.violations_count == 0, found.generate_report()
    assert opened.page.evaluate(CONTRAST) == []
    assert opened.overflow <= 0
    if width == 360:
        opened.page.locator("#sort").select_option("3 descending")
        assert scores(opened.page) == sorted(scores(opened.page), reverse=True)
    context.close()


def test_without_a_script_the_page_reads_and_chooses(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1200, "height": 900}, java_script_enabled=False)
    opened = Opened(context.new_page(), classroom.page(classroom.classroom(60)), tmp_path / "index.html")
    rows = opened.page.locator(".students tbody tr:visible")
    assert rows.count() == 60
    opened.page.locator("label[for=show-passed]").click()
    assert rows.count() == 28
    assert not opened.page.locator("#find").is_visible()
    assert opened.page.locator("button:visible").count() == 0
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".filter").is_visible() and rows.count() == 28
    context.close()


def test_a_script_that_got_in_does_not_run(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    html = classroom.page(classroom.classroom(5)).replace("</main>", f"{classroom.EVIL}</main>")
    opened = Opened(context.new_page(), html, tmp_path / "index.html")
    opened.page.wait_for_timeout(200)
    assert opened.page.title() != "owned" and opened.refused == ["csp"]
    assert opened.page.locator("#shown").inner_text() == "5 of 5 shown", "ours does"
    context.close()
