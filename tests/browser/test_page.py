"""The page in a real browser: what it shows is what the model says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.cli.main import main as command_line
from experiments.report.story import TOLD
from model import Ensemble, Market, Scenario
from model.observe import INDICATORS
from page.views import PANELS
from tests.browser.conftest import Tab, month_name

pytestmark = pytest.mark.browser

UNITS = {c.name: c.unit for c in INDICATORS}
SCALES = {"tn": 1e12, "bn": 1e9, "M": 1e6, "k": 1e3}


def shown(text: str) -> float:
    """The number that a figure on the page stands for."""
    found = re.search(r"\$?(-?[\d.]+(?:e-?\d+)?) ?(tn|bn|M|k|%)?", text)
    assert found, text
    return float(found[1]) * SCALES.get(found[2] or "", 0.01 if found[2] == "%" else 1.0)


def panels(tab: Tab) -> dict[str, float]:
    """The value each picture gives for its first indicator."""
    found = {}
    for title, names, _ in PANELS:
        head = f"{title}: {names[0].replace('_', ' ')} "
        said = tab.panel(title)
        assert said.startswith(head)
        found[names[0]] = shown(said[len(head) :])
    return found


def agrees(tab: Tab, row: Any) -> None:
    """Every picture's value is the model's own, to the digits that are shown."""
    for name, value in panels(tab).items():
        assert value == pytest.approx(float(row[name]), rel=6e-3, abs=6e-3), name


def nodes(tab: Tab) -> set[str]:
    return set(tab.page.eval_on_selector_all("path[data-agent]", "a => a.map(e => e.dataset.agent)"))


def present(market: Market) -> set[str]:
    return {data["name"] for _, data in market.graph.nodes(data=True)}


@pytest.fixture(scope="module")
def baseline() -> Market:
    """The history the page begins with, run for three years."""
    return Market(Scenario.load("baseline"), seed=0).run_until("2027-12")


def test_it_opens_before_the_first_month(tab: Tab) -> None:
    assert tab.text("date") == "Start of January 2025"
    assert nodes(tab) == present(Market(Scenario.load("baseline"), seed=0))


def test_steps(tab: Tab, baseline: Market) -> None:
    for month in range(3):
        tab.click("step")
        assert tab.text("date") == month_name(f"2025-{month + 1:02d}")
        agrees(tab, baseline.frame().iloc[month])


def test_the_news_is_the_rarest_event_of_the_month(tab: Tab, baseline: Market) -> None:
    tab.click("step")
    story = baseline.story()
    story = story[(story["date"] == "2025-01") & story["event"].isin(TOLD)]
    counts = story["event"].map(story["event"].value_counts())
    news = tab.text("news")
    assert any(news.startswith(said) for said in story["sentence"][counts == counts.min()])
    assert f"and {len(story) - 1} more" in news


def test_the_right_arrow_steps_and_the_space_bar_plays(tab: Tab, baseline: Market) -> None:
    tab.page.click("h1")
    tab.act(lambda: tab.page.keyboard.press("ArrowRight"))
    assert tab.text("date") == "January 2025"
    tab.page.select_option("[data-test=speed]", "10")
    tab.page.click("h1")
    tab.page.keyboard.press(" ")
    tab.page.wait_for_function(
        "document.querySelector('[data-test=date]').innerText === 'June 2025'", timeout=60_000
    )
    tab.page.keyboard.press(" ")
    tab.page.wait_for_function("document.querySelector('[data-test=play]').innerText === 'Play'")
    tab.jump("2026-12")
    agrees(tab, baseline.frame().loc["2026-12"])
    tab.act(lambda: tab.page.keyboard.press("ArrowRight"))
    assert tab.text("date") == "January 2027"  # it stays paused


def test_play_and_pause_by_button(tab: Tab) -> None:
    tab.page.select_option("[data-test=speed]", "0")
    tab.click("play")
    assert tab.text("play") == "Pause"
    tab.page.wait_for_function("document.querySelector('[data-test=date]').innerText.endsWith('2026')")
    tab.page.click("[data-test=play]")
    assert tab.text("play") == "Play"


def test_it_stops_at_the_end(tab: Tab) -> None:
    tab.page.fill("[data-test=until]", "2025-04")
    tab.act(lambda: tab.page.press("[data-test=until]", "Enter"))
    tab.page.select_option("[data-test=speed]", "0")
    tab.click("play")
    tab.page.wait_for_function("document.querySelector('[data-test=play]').innerText === 'Play'")
    assert tab.text("date") == "April 2025"


def test_jumps_and_looks_back(tab: Tab, baseline: Market) -> None:
    tab.jump("2027-12")
    agrees(tab, baseline.frame().loc["2027-12"])
    assert nodes(tab) == present(baseline)
    tab.act(lambda: tab.page.fill("[data-test=scrub]", "9"))
    assert tab.text("date") == "October 2025"
    assert "looking back" in tab.page.inner_text(".time")
    agrees(tab, baseline.frame().loc["2025-10"])
    then = Market(Scenario.load("baseline"), seed=0).run_until("2025-10")
    assert nodes(tab) == present(then)
    tab.click("latest")
    assert tab.text("date") == "December 2027"


def test_marks_stand_for_the_events(tab: Tab, baseline: Market) -> None:
    tab.jump("2027-12")
    story = baseline.story()
    tab.page.select_option("[data-test=story-filter]", "round_failed")
    failed = story[story["event"] == "round_failed"]
    lines = tab.page.locator(".sentences li > span").all_inner_texts()
    said = [" ".join(line.split()) for line in lines]
    assert said == list(failed["sentence"])[::-1][:60]
    place = "document.querySelectorAll('.marks g path')[3].getAttribute('d').split('M').length - 1"
    assert tab.page.evaluate(place) == failed["date"].nunique()


def test_the_story_links_to_agent_and_month(tab: Tab) -> None:
    tab.jump("2025-12")
    tab.page.select_option("[data-test=story-filter]", "frontier_release")
    first = tab.page.locator(".sentences li").first
    when, who = first.locator("button").all_inner_texts()[:2]
    tab.act(lambda: first.locator("button").nth(0).click())
    assert tab.text("date") == month_name(when)
    tab.act(lambda: tab.page.locator(".sentences li").first.locator("button").nth(1).click())
    assert tab.text("agent-name") == who


def test_the_regime_and_its_evidence(tab: Tab, baseline: Market) -> None:
    tab.jump("2027-12")
    regime = baseline.regime()
    assert tab.text("regime").startswith(regime.kind)
    tab.page.click("[data-test=regime] summary")
    figures = [shown(text) for text in tab.page.locator("[data-test=regime] td.n").all_inner_texts()]
    assert figures == pytest.approx(list(regime.evidence.values()), rel=6e-3, abs=6e-3)


def test_the_money_balances(tab: Tab, baseline: Market) -> None:
    tab.jump("2027-12")
    tab.page.click("[data-test=tab-Money]")
    assert tab.text("balances").startswith("It balances")
    ledger = baseline.ledger
    code = np.array(ledger.sectors)
    paid = 0.0
    for month in range(24, 36):
        entries = ledger.entries[month]
        ours = (code[entries["payer"]] == "developers") & (code[entries["payee"]] != "developers")
        paid += entries["amount"][ours].sum()
    row = tab.page.locator("[data-test=balance] tr", has_text="developers").locator("td")
    assert shown(row.nth(2).inner_text()) == pytest.approx(paid, rel=6e-3)
    assert tab.page.locator("path.ribbon").count() > 8


def test_a_moved_lever_acts_from_the_next_month(tab: Tab) -> None:
    tab.jump("2025-06")
    box = '[data-parameter=public_extra] input[type="number"]'
    tab.page.fill(box, "2e11")
    tab.act(lambda: tab.page.press(box, "Enter"))
    tab.jump("2026-06")
    market = Market(Scenario.load("baseline"), seed=0).run_until("2025-06")
    market.intervene("lever", name="public_extra", value=2e11)
    market.run_until("2026-06")
    agrees(tab, market.frame().iloc[-1])
    tab.page.select_option("[data-test=story-filter]", "intervention")
    assert "2e+11" in tab.page.locator(".sentences li").first.inner_text()


def test_an_uncertainty_waits_for_a_restart(tab: Tab) -> None:
    tab.click("step")
    tab.page.fill("[data-test=search]", "imitation lag")
    box = '[data-parameter=imitation_lag] input[type="number"]'
    tab.page.fill(box, "8")
    tab.act(lambda: tab.page.press(box, "Enter"))
    assert "restart" in tab.text("pending")
    tab.click("apply")
    tab.jump("2025-12")
    market = Market(Scenario.load("baseline").with_(imitation_lag=8), seed=0).run_until("2025-12")
    agrees(tab, market.frame().iloc[-1])


def test_a_value_out_of_range_is_refused_as_on_the_command_line(tab: Tab) -> None:
    box = '[data-parameter=export_control] input[type="number"]'
    tab.page.fill(box, "7")
    tab.act(lambda: tab.page.press(box, "Enter"))
    with pytest.raises(ValueError, match="export_control") as refused:
        Scenario.load("baseline").with_(export_control=7)
    assert tab.text("error").removesuffix(" Close").split(": ")[1] == str(refused.value).split(": ")[1]
    assert float(tab.page.input_value(box)) == Scenario.load("baseline").parameters["export_control"]


def test_every_parameter_has_a_control_with_its_words(tab: Tab) -> None:
    from world.parameters import PARAMETERS

    names = tab.page.eval_on_selector_all(
        "[data-parameter]", "a => a.map(e => e.dataset.parameter)"
    )
    assert sorted(names) == sorted(p.name for p in PARAMETERS)
    lever = next(p for p in PARAMETERS if p.role == "lever")
    tab.page.hover(f"[data-parameter={lever.name}]")
    note = tab.page.inner_text("#moat-tip")
    for words in (lever.meaning, lever.source, lever.unit):
        assert words in note


def test_presets_and_worlds(tab: Tab) -> None:
    tab.act(lambda: tab.page.select_option("[data-test=scenario]", "imitation"))
    tab.jump("2025-06")
    agrees(tab, Market(Scenario.load("imitation"), seed=0).run_until("2025-06").frame().iloc[-1])
    tab.act(lambda: tab.page.select_option("[data-test=world]", "synthetic scale_free"))
    tab.click("step")
    from world.files.read import read_world

    world = read_world("synthetic scale_free")
    market = Market(Scenario.load("imitation"), seed=0, graph=world)
    market.step()
    agrees(tab, market.frame().iloc[-1])


def test_restart_keeps_or_renews_the_seed(tab: Tab, baseline: Market) -> None:
    tab.jump("2025-03")
    tab.click("restart")
    assert tab.page.input_value("[data-test=seed]") == "0"
    tab.jump("2025-03")
    agrees(tab, baseline.frame().loc["2025-03"])
    tab.click("new-seed")
    seed = int(tab.page.input_value("[data-test=seed]"))
    tab.jump("2025-03")
    agrees(tab, Market(Scenario.load("baseline"), seed=seed).run_until("2025-03").frame().iloc[-1])


def test_a_twin_on_the_same_noise(tab: Tab) -> None:
    tab.jump("2027-06")
    tab.page.click("details.what-if summary")
    tab.page.select_option("[data-test=twin-lever]", "public_extra")
    tab.page.fill("[data-test=twin-value]", "3e11")
    tab.page.fill("[data-test=twin-from]", "2026-01")
    tab.click("run-twin")
    assert "2026-01" in tab.text("twin-note")
    assert tab.page.locator('[data-panel="Public share"] path.difference').count() == 1
    tab.click("step")  # the twin keeps pace
    market = Market(Scenario.load("baseline"), seed=0).run_until("2025-12")
    market.intervene("lever", name="public_extra", value=3e11)
    market.run_until("2027-07")
    panel = tab.page.locator('[data-panel="Public share"]')
    panel.scroll_into_view_if_needed()
    box = panel.bounding_box()
    panel.hover(position={"x": box["width"] - 3, "y": 50})  # ahead of the latest month: the latest
    note = tab.page.inner_text("#moat-tip")
    assert note.startswith("July 2027")
    said = re.search(r"twin: (.*)", note)
    assert said
    assert shown(said[1]) == pytest.approx(market.frame()["public_share"].iloc[-1], rel=6e-3)
    tab.click("drop-twin")
    assert tab.page.locator("path.difference").count() == 0


def test_a_fan_behind_the_history(tab: Tab) -> None:
    tab.jump("2025-12")
    tab.page.fill("[data-test=fan] input", "24")
    tab.page.click("[data-test=run-fan]")
    tab.page.wait_for_selector("[data-test=shares]", timeout=180_000)
    runs = Ensemble(Scenario.load("baseline"), range(24)).run()
    said = dict(re.findall(r"([a-z ]+?) (\d+) %", tab.text("shares")))
    expected = {name: round(100 * share) for name, share in runs.shares().items() if share > 0}
    assert {name.strip(): int(share) for name, share in said.items()} == expected
    assert tab.page.locator("path.fanband").count() >= len(PANELS)
    panel = tab.page.locator('[data-panel="Public share"]')
    panel.scroll_into_view_if_needed()
    panel.hover(position={"x": 40, "y": 50})
    found = re.search(r"fan, 5–95 %: (.*) to (.*)", tab.page.inner_text("#moat-tip"))
    assert found
    band = runs.quantiles()["public_share"].iloc[0]
    assert [shown(found[1]), shown(found[2])] == pytest.approx([band[0.05], band[0.95]], rel=6e-3)


def test_a_fan_can_be_cancelled_while_the_market_plays(tab: Tab) -> None:
    tab.page.fill("[data-test=fan] input", "5000")
    tab.act(lambda: tab.page.click("[data-test=run-fan]"))
    tab.click("step")
    tab.page.click("[data-test=cancel-fan]")
    tab.page.wait_for_selector("[data-test=run-fan]")
    assert tab.text("date") == "January 2025"


def test_hover_and_pin(tab: Tab) -> None:
    tab.jump("2026-03")
    market = Market(Scenario.load("baseline"), seed=0).run_until("2026-03")
    agent = market.agent("OpenAI")
    tab.page.hover("[data-agent=OpenAI]", force=True)
    card = tab.page.wait_for_selector("[data-test=hover] table")
    rows = dict(line.split("\t") for line in card.inner_text().split("\n") if "\t" in line)
    assert shown(rows["valuation"]) == pytest.approx(agent.valuation, rel=6e-3)
    assert shown(rows["cash"]) == pytest.approx(agent.cash, rel=6e-3)
    tab.act(lambda: tab.page.click("[data-agent=OpenAI]", force=True))
    assert tab.text("agent-name") == "OpenAI"
    whole = dict(
        line.split("\t") for line in tab.page.inner_text("[data-test=figures]").split("\n")
        if "\t" in line
    )  # fmt: skip
    assert shown(whole["researchers"]) == pytest.approx(agent.researchers, rel=6e-3)
    stakes = [
        data for _, target, data in market.graph.edges(data=True)
        if target == agent.unique_id and data["kind"] == "stake"
    ]  # fmt: skip
    assert f"stake (owns a share), from ({len(stakes)})" in tab.text("agent")
    tab.click("unpin")
    assert "Click an agent" in tab.text("agent")


def test_the_map_stands_still_and_zooms(tab: Tab) -> None:
    where = "document.querySelector('[data-agent=OpenAI]').getAttribute('transform')"
    before = tab.page.evaluate(where)
    tab.jump("2027-01")
    assert tab.page.evaluate(where) == before
    tab.page.click('[aria-label="Zoom in"]')
    assert tab.page.evaluate(where) != before
    tab.page.click('[aria-label="Whole map"]')
    assert tab.page.evaluate(where) == before


def test_the_scenario_file_is_what_moat_run_accepts(tab: Tab, tmp_path: Path) -> None:
    tab.act(lambda: tab.page.select_option("[data-test=scenario]", "cleverness"))
    box = '[data-parameter=export_control] input[type="number"]'
    tab.page.fill(box, "0.7")
    tab.act(lambda: tab.page.press(box, "Enter"))
    saved = tab.save("save-scenario", tmp_path)
    expected = Scenario.load("cleverness").with_(export_control=0.7)
    assert Scenario.load(saved).parameters == expected.parameters
    done = subprocess.run(
        [sys.executable, "-m", "experiments.cli.main", "run", str(saved), "--until", "2025-02"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tab.act(lambda: tab.page.select_option("[data-test=scenario]", "baseline"))
    tab.load(saved)
    assert float(tab.page.input_value(box)) == 0.7


def test_a_saved_screen_and_a_link_restore_it(
    tab: Tab, open_tab: Callable[..., Tab], tmp_path: Path
) -> None:
    tab.act(lambda: tab.page.select_option("[data-test=scenario]", "imitation"))
    tab.click("new-seed")
    tab.jump("2025-08")
    box = '[data-parameter=export_control] input[type="number"]'
    tab.page.fill(box, "0.9")
    tab.act(lambda: tab.page.press(box, "Enter"))
    tab.jump("2026-05")
    tab.act(lambda: tab.page.click("[data-agent=Anthropic]", force=True))
    saved = tab.save("save-page", tmp_path)
    tab.page.click("[data-test=menu] summary")
    tab.click("link")
    code = tab.page.url.partition("#")[2]
    assert code.startswith("m=")
    by_file, by_link = open_tab(), open_tab("#" + code)
    by_file.load(saved)
    for other in (by_file, by_link):
        other.page.wait_for_function(
            "document.querySelector('[data-test=date]').innerText === 'May 2026'"
        )
        assert panels(other) == panels(tab)
        assert other.page.input_value("[data-test=seed]") == tab.page.input_value("[data-test=seed]")
        assert other.page.input_value(box) == "0.9"
        other.page.click("[data-test=tab-Agent]")
        assert other.text("agent-name") == "Anthropic"


def test_exports_of_what_is_seen(tab: Tab, baseline: Market, tmp_path: Path) -> None:
    tab.jump("2027-12")
    csv = pd.read_csv(tab.save("save-csv", tmp_path), index_col="date")
    pd.testing.assert_frame_equal(csv, baseline.frame())
    parquet = pd.read_parquet(tab.save("save-parquet", tmp_path))
    pd.testing.assert_frame_equal(parquet, baseline.frame())
    story = pd.read_csv(tab.save("save-story", tmp_path))
    assert story["sentence"].tolist() == baseline.story()["sentence"].tolist()
    svg = tab.save("graph-svg", tmp_path).read_text()
    assert svg.startswith("<svg")
    assert svg.count("<path") > len(present(baseline))
    assert "var(" not in svg
    tab.page.click("[data-test=tab-Money]")
    ribbons = tab.page.locator("path.ribbon").count()
    flows = tab.save("tab-svg", tmp_path)
    assert flows.name == "moat_money_2027-12.svg"
    assert flows.read_text().count("<path") == ribbons
    png = tab.save("charts-png", tmp_path).read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(png) > 20_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.yaml", "parameters: {imitation_lagg: 3}"),
        ("bad.yaml", "parameters: {imitation_lag: 99}"),
        ("bad.yaml", "name: [unclosed"),
        ("bad.yaml", "- a list"),
    ],
)
def test_a_bad_file_is_answered_as_on_the_command_line(
    tab: Tab, tmp_path: Path, name: str, content: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / name).write_text(content)
    tab.click("step")
    tab.load(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["moat", "run", name])
    with pytest.raises(SystemExit) as left:
        command_line()
    assert left.value.code == 2
    assert "moat: " + tab.text("error").removesuffix(" Close") == capsys.readouterr().err.strip()
    assert tab.text("date") == "January 2025"  # nothing was lost


def test_a_port_in_use_is_one_sentence(address: str) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    said = subprocess.run(
        [sys.executable, "-m", "experiments.cli.main", "view", "--no-open", "--port", port],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert said.returncode == 2
    assert re.fullmatch(rf"moat: view: cannot serve at localhost, port {port}: .*\n", said.stderr)


def test_two_tabs_are_two_markets(open_tab: Callable[..., Tab], baseline: Market) -> None:
    one, other = open_tab(), open_tab()
    other.act(lambda: other.page.select_option("[data-test=scenario]", "cleverness"))
    one.jump("2025-04")
    other.jump("2025-02")
    assert one.text("date") == "April 2025"
    assert other.text("date") == "February 2025"
    agrees(one, baseline.frame().loc["2025-04"])
    market = Market(Scenario.load("cleverness"), seed=0).run_until("2025-02")
    agrees(other, market.frame().iloc[-1])


CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 10 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > .9) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  document.querySelectorAll('.moat *').forEach(e => {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.disabled) return;
    const style = getComputedStyle(e), ink = parse(e instanceof SVGElement ? style.fill : style.color);
    const a = light(ink), b = light(behind(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push([e.textContent.trim().slice(0, 30), ratio.toFixed(2)]);
  });
  return poor;
}"""


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_text_has_contrast_in_both_colours(open_tab: Callable[..., Tab], colours: str) -> None:
    tab = open_tab(color_scheme=colours)
    assert tab.page.get_attribute("html", "data-theme") == colours
    tab.jump("2026-01")
    box = '[data-parameter=export_control] input[type="number"]'
    tab.page.fill(box, "7")
    tab.act(lambda: tab.page.press(box, "Enter"))  # a refusal, in its colours
    assert tab.page.locator("[data-test=error]").is_visible()
    for name in ("Story", "Money", "Beliefs", "Agent"):
        tab.page.click(f"[data-test=tab-{name}]")
        assert tab.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("width", [400, 1280, 1920])
def test_nothing_is_wider_than_the_window(tab: Tab, width: int) -> None:
    tab.page.set_viewport_size({"width": width, "height": 900})
    tab.jump("2025-06")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.page.click("[data-test=step]")
    assert tab.page.locator("[data-agent=OpenAI]").is_visible()


def test_controls_are_reached_by_tab(tab: Tab) -> None:
    reached = []
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        reached.append(tab.page.evaluate(
            "document.activeElement.dataset.test || document.activeElement.closest('[data-parameter]')"
            "?.dataset.parameter || ''"
        ))
    for name in ("scenario", "play", "step", "scrub", "public_reaction"):
        assert name in reached
    assert reached.index("scenario") < reached.index("play") < reached.index("public_reaction")


def test_names_do_not_overlap_on_the_map(tab: Tab) -> None:
    tab.jump("2026-06")
    boxes = tab.page.eval_on_selector_all("text.name", """a => a.map(e => {
      const b = e.getBoundingClientRect(); return [b.left, b.top + 3, b.right, b.bottom - 3]; })""")
    assert len(boxes) > 15
    for k, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:k]:
            aside = right <= other[0] + 2 or left + 2 >= other[2]
            assert aside or bottom <= other[1] or top >= other[3]


def test_a_name_from_a_file_is_text(tab: Tab, tmp_path: Path) -> None:
    name = "<img src=x onerror=document.title=1> {{ 1 + 1 }} $_$ =1+1"
    file = tmp_path / "named.yaml"
    file.write_text(f"name: '{name}'\nworld: '2025'\n")
    tab.load(file)
    chosen = "document.querySelector('[data-test=scenario]').selectedOptions[0].innerText"
    assert tab.page.evaluate(chosen) == name
    assert tab.page.locator(".moat img").count() == 0
    assert tab.save("save-csv", tmp_path).name.startswith("moat_")


def test_a_file_too_large_is_refused_and_the_tab_goes_on(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"#" * 5_000_000)
    tab.load(file)
    assert tab.text("error").startswith("import: 'large.yaml' is larger than 1048576 bytes.")
    tab.click("step")
    assert tab.text("date") == "January 2025"


def test_a_changed_scenario_says_so(tab: Tab) -> None:
    box = '[data-parameter=imitation_lag] input[type="number"]'
    tab.page.fill("[data-test=search]", "imitation lag")
    tab.page.fill(box, "14")
    tab.act(lambda: tab.page.press(box, "Enter"))
    assert tab.page.input_value("[data-test=scenario]") == "baseline, 1 changed"
    tab.act(lambda: tab.page.select_option("[data-test=scenario]", "baseline"))
    assert tab.page.input_value("[data-test=scenario]") == "baseline"


def test_a_page_of_another_site_cannot_speak_to_it(browser: Any, address: str) -> None:
    there = address.replace("http://", "ws://") + "jupyter/api/kernels/k1/channels?session_id=x"
    attempt = """there => new Promise(done => {
        const line = new WebSocket(there);
        line.onopen = () => done('open');
        line.onerror = () => done('refused');
    })"""
    page = browser.new_page()
    page.goto("data:text/html,another site")
    assert page.evaluate(attempt, there) == "refused"
    page.goto(address)
    assert page.evaluate(attempt, there) == "open"
    page.close()
