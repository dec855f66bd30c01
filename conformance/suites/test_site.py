"""The report site in a real browser, opened from files: clicks through it and looks for errors."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browser import chromium
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "conformance/evidence/sample"
GENERATE = ROOT / "conformance/evidence/generate.py"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


def built(folder, evidence, files):
    command = [sys.executable, str(GENERATE), "site", "--evidence", str(evidence), "--into", str(folder)]
    subprocess.run([*command, "--files", str(files)], check=True)
    return folder / "site"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of the committed sample: every kind of page has something to show."""
    folder = tmp_path_factory.mktemp("report")
    run = json.loads((SAMPLE / "evidence.json").read_text())
    run.setdefault("bench", json.loads((SAMPLE / "files/bench.json").read_text()))
    (folder / "evidence.json").write_text(json.dumps(run))
    return built(folder, folder / "evidence.json", SAMPLE / "files")


@pytest.fixture
def visit(browser, site):
    """visit("index.html") opens a page; afterwards the browser's console must be empty."""

    def opened(page, folder=site):
        browser.get(f"file://{folder}/{page}")
        return browser

    browser.get_log("browser")
    yield opened
    assert browser.get_log("browser") == []


def texts(browser, selector):
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def until_listed(browser, selector, text):
    """A form's page may still be loading when its button is pressed."""
    WebDriverWait(browser, 30, ignored_exceptions=[StaleElementReferenceException]).until(
        lambda _: text in texts(browser, selector)
    )


def click(browser, selector):
    browser.find_element(By.CSS_SELECTOR, selector).click()


def test_the_matrix_leads_to_an_area(visit):
    browser = visit("index.html")
    assert "client-protocol" in texts(browser, "#matrix tbody td:first-child")
    browser.find_element(By.LINK_TEXT, "client-protocol").click()
    assert texts(browser, "h1") == ["client-protocol"]
    assert "go:TestClientNoResponderSupport" in texts(browser, "#rows td:first-child")


def test_an_area_can_be_narrowed_to_what_is_proven(visit):
    browser = visit("areas/client-protocol.html")
    for status in ("unproven", "differing", "internal"):
        click(browser, f"input[value={status}]")
    shown = [row for row in browser.find_elements(By.CSS_SELECTOR, "#rows tbody tr") if row.is_displayed()]
    assert [row.get_attribute("id") for row in shown] == ["go:TestClientNoResponderSupport"]


def test_a_row_leads_to_the_scenario_that_proves_it(visit):
    browser = visit("areas/client-protocol.html")
    browser.find_element(By.LINK_TEXT, "core/no-responders").click()
    assert texts(browser, "h1") == ["core/no-responders"]


def test_verdict_tiles_open_the_scenarios_of_that_verdict(visit):
    browser = visit("index.html")
    click(browser, "a.tile.UNSUPPORTED")
    shown = [row.text for row in browser.find_elements(By.CSS_SELECTOR, "#scenarios tbody tr") if row.is_displayed()]
    assert len(shown) == 1 and shown[0].startswith("auth/token")


def test_a_differing_scenario_shows_both_traces_and_marks_the_first_divergence(visit):
    browser = visit("scenarios/core--pub-max-payload.html")
    click(browser, "#to-first")
    golden, replay = texts(browser, "#first td.text")
    assert "Maximum Payload Violation" in golden
    assert "maximum payload violation" in replay
    missing = browser.find_element(By.CSS_SELECTOR, "tr.missing")
    assert "CLOSED" in missing.text


def test_search_finds_rows_and_scenarios(visit):
    browser = visit("index.html")
    box = browser.find_element(By.CSS_SELECTOR, "header input[name=q]")
    box.send_keys("no-responders")
    box.submit()
    until_listed(browser, "#results a", "core/no-responders")
    query = browser.find_element(By.ID, "query")
    query.clear()
    query.send_keys("op:PUB")
    until_listed(browser, "#results a", "op:PUB")
    browser.find_element(By.LINK_TEXT, "op:PUB").click()
    assert browser.find_element(By.CSS_SELECTOR, "tr:target code").text == "op:PUB"


@pytest.mark.parametrize(
    ("link", "table"),
    [("Mask budget", "mask"), ("Mutation", "mutants"), ("Controls", "controls"), ("Bench", "bench")],
)
def test_the_measures_have_their_pages(visit, link, table):
    browser = visit("index.html")
    browser.find_element(By.LINK_TEXT, link).click()
    assert len(browser.find_elements(By.CSS_SELECTOR, f"#{table} tbody tr")) > 0


def pages(site):
    return sorted(str(path.relative_to(site)) for path in site.rglob("*.html"))


def check_links(browser, site, page):
    """Links stay inside the site and lead to a page."""
    targets = [link.get_attribute("href") for link in browser.find_elements(By.CSS_SELECTOR, "a[href]")]
    for target in set(targets):
        assert target.startswith(f"file://{site}/"), f"{page} leads outside: {target}"
        path = target.removeprefix("file://").split("#")[0].split("?")[0]
        assert Path(path).is_file(), f"{page} leads nowhere: {target}"


def test_every_page_opens_without_errors_and_leads_to_pages(visit, site):
    for page in pages(site):
        browser = visit(page)
        assert texts(browser, "h1") != [], page
        if not page.startswith("areas/"):
            check_links(browser, site, page)


def real_run():
    """The evidence of the last run here, if there was one."""
    path = Path(os.environ.get("NATSTWIN_EVIDENCE", ROOT / "out/evidence.json"))
    return path if path.is_file() else None


@pytest.mark.skipif(real_run() is None, reason="no run here yet (ci/parity)")
def test_the_report_of_the_last_run_opens(visit, tmp_path):
    run = json.loads(real_run().read_text())
    site = built(tmp_path, real_run(), ROOT)
    browser = visit("index.html", site)
    assert texts(browser, "footer")[0].startswith(run["reference"])
    for page in ("scenarios.html", "mask.html", "mutation.html", "controls.html", "bench.html"):
        visit(page, site)
        check_links(browser, site, page)
    worst = sorted(run["scenarios"], key=lambda scenario: scenario["verdict"] == "PASS")[:20]
    for scenario in worst:
        visit(f"scenarios/{scenario['name'].replace('/', '--')}.html", site)
        assert texts(browser, "h1") == [scenario["name"]]
        assert len(browser.find_elements(By.CSS_SELECTOR, "#traces tbody tr")) > 0
    shutil.rmtree(site)
