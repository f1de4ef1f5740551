"""Results say what they are of; replay finds the same history again or names what changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from experiments.analysis import compare as analysis
from experiments.analysis.event_study import release_of
from experiments.analysis.identity import scenario_version
from experiments.report.page import answer
from model import Scenario
from model.identity import version
from model.regimes import CRITERIA
from tests.test_cli import WORLD, here  # noqa: F401 (a fixture)
from world.errors import InputError

MINE = "name: mine\nworld: {world}\nparameters: {{imitation_lag: {{value: 5, reason: mine}}}}\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """An own scenario on an own world."""
    (tmp_path / "w.yaml").write_text(WORLD, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(MINE.format(world=tmp_path / "w.yaml"), encoding="utf-8")
    return tmp_path


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


MADE = {
    "compare": ("compare", "--scenarios", "mine.yaml", "--members", "3", "--set", "quorum=0.4"),
    "run": ("run", "mine.yaml", "--seed", "1", "--set", "quorum=0.4"),
}
CHANGES = {
    "a figure of the world": ("w.yaml", "cash: [7.0e+09", "cash: [7.1e+09", "something else now"),
    "a parameter of the scenario": ("mine.yaml", "value: 5", "value: 6", "lag was 5.0, now is 6"),
    "the manifest": ("o/manifest.json", '"imitation_lag": 5.0', '"imitation_lag": 6.0', "by hand"),
    "the rules": ("o/manifest.json", '"rules": "', '"rules": "x', "was made by other rules"),
    "the readings": ("o/manifest.json", '"readings": "', '"readings": "x', "other readings of figures"),
    "the engine": ("o/manifest.json", '"engine": "', '"engine": "x', "another numerical engine"),
}  # fmt: skip


@pytest.mark.parametrize("command", MADE)
def test_a_replay_is_the_same_history_or_names_what_changed(command, here, mine, monkeypatch) -> None:  # noqa: F811
    assert here(*MADE[command], "--until", "2025-08", "--out", "o").code == 0
    member = "1" if command == "compare" else "0"
    ask = ("replay", str(mine / "o"), "--member", member)
    assert here(*ask, "--out", "p").code == 0
    assert here("run", "mine.yaml", "--seed", "1", "--set", "quorum=0.4", "--until", "2025-08",
                "--out", "q").code == 0  # fmt: skip
    for name in ("months.csv", "story.csv", "agents_frontier_lab.csv", "scenario.yaml"):
        assert (mine / "p" / name).read_bytes() == (mine / "q" / name).read_bytes(), name
    for file, old, new, said in CHANGES.values():
        whole = (mine / file).read_text(encoding="utf-8")
        edited(mine / file, old, new)
        done = here(*ask)
        assert done.code == 2 and done.out == "", file
        assert said in done.err and len(done.err.strip().splitlines()) == 1
        (mine / file).write_text(whole, encoding="utf-8")
    (mine / "elsewhere").mkdir()
    monkeypatch.chdir(mine / "elsewhere")  # names of files are found from anywhere
    assert here(*ask).code == 0


def test_a_result_says_what_it_is_of(here, mine) -> None:  # noqa: F811
    assert here(*MADE["compare"], "--until", "2025-08", "--out", "o").code == 0
    made = json.loads((mine / "o" / "manifest.json").read_text(encoding="utf-8"))
    assert made.items() >= version().items()
    assert made["criteria"] == CRITERIA._asdict()
    assert (made["seeds"], made["until"]) == ([0, 2], "2025-08")
    scenario = Scenario.load(mine / "mine.yaml").with_(quorum=0.4)
    assert made["scenarios"]["mine"]["scenario_hash"] == scenario_version(scenario)
    kept = pd.read_parquet(mine / "o" / "indicators_mine.parquet").attrs
    assert kept["scenarios"]["mine"]["world_hash"] == made["scenarios"]["mine"]["world_hash"]
    found = analysis.compare([scenario], members=2, until="2025-08")
    for frame in (analysis.table(found), analysis.regime_shares(found), analysis.collapses(found)):
        assert frame.attrs["seeds"] == [0, 1]
        assert frame.attrs["scenarios"]["mine"]["scenario_hash"] == scenario_version(scenario)


def test_a_replay_does_not_take_the_place_of_what_it_replays(here, mine) -> None:  # noqa: F811
    assert here(*MADE["run"], "--until", "2025-03", "--out", "o").code == 0
    done = here("replay", "o", "--out", str(mine / "o"))
    assert done.code == 2 and "choose another directory" in done.err


BAD = {
    "not there": (None, "no readable manifest.json"),
    "empty": ("", "manifest.json"),
    "no object": ("[]", "manifest.json"),
    "keys missing": ("{}", "manifest.json: 8 faults."),
    "seeds of text": (("seeds", ["a", "b"]), "seeds.0"),
    "seeds the wrong way": (("seeds", [3, 1]), "seeds"),
    "one seed": (("seeds", [3]), "seeds"),
    "no scenario": (("scenarios", {}), "scenario"),
    "a scenario of nothing": (("scenarios", {"x": 3}), "scenarios.x"),
    "no month": (("until", "never"), "not a month"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_manifest_is_one_sentence(case: str, here, mine) -> None:  # noqa: F811
    content, said = BAD[case]
    assert here(*MADE["run"], "--until", "2025-03", "--out", "o").code == 0
    path = mine / "o" / "manifest.json"
    if content is None:
        path.unlink()
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        made = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(made | {content[0]: content[1]}), encoding="utf-8")
    done = here("replay", "o")
    assert done.code == 2 and done.out == ""
    assert said in done.err and len(done.err.strip().splitlines()) == 1 and len(done.err) < 700


def test_scenarios_of_one_name_are_refused(here, mine) -> None:  # noqa: F811
    shutil.copy(mine / "mine.yaml", mine / "other.yaml")
    edited(mine / "other.yaml", "value: 5", "value: 6")
    for asked in ("mine.yaml,other.yaml", "baseline,baseline", "mine.yaml,baseline,mine.yaml"):
        done = here("compare", "--scenarios", asked, "--members", "2", "--out", "o")
        assert done.code == 2 and "names must differ" in done.err and done.out == ""
    assert not (mine / "o").exists()
    with pytest.raises(InputError, match="2 are named 'baseline'"):
        analysis.compare([Scenario(), Scenario()], members=2)
    with pytest.raises(InputError, match="at least one"):
        analysis.compare([], members=2)


def test_worlds_that_start_in_other_months_stand_side_by_side(here, tmp_path) -> None:  # noqa: F811
    (tmp_path / "then.yaml").write_text('name: then\nworld: "2023-01"\n', encoding="utf-8")
    asked = ("compare", "--scenarios", "baseline,then.yaml", "--members", "2", "--until", "2026-06")
    done = here(*asked, "--out", "o")
    assert done.code == 0, done.err
    head = next(line for line in done.out.splitlines() if "2023-12" in line)
    assert head.split() == ["date", "2023-12", "2025-12", "2026-06"]
    assert "nan" not in done.out.lower()
    told = json.loads(here(*asked, "--out", "o", "--json").out)
    assert [r["date"] for r in told["table"] if r["indicator"] == "gap to followers"] == [
        "2025-12", "2026-06", "2023-12", "2025-12", "2026-06"]  # fmt: skip
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert "of 2023-01 and 2025-01 lives" in page


def test_the_shock_is_read_in_the_month_of_the_release() -> None:
    """A release that comes a year later moves nothing before it, and is told of its month."""
    later = Scenario("later").with_(release_month=6)
    never = Scenario("never").with_(release_month=-1)
    usual, late, none = analysis.compare([Scenario(), later, never], members=3, until="2026-06")
    assert [release_of(c.runs) for c in (usual, late, none)] == [0, 6, None]
    assert set(late.shock["month"]) == set(range(12)) and none.shock.empty
    for found in (usual, late):
        first = found.shock[found.shock["month"] == 0].set_index("indicator")["median"]
        assert first["supplier_value"] != 0.0
        assert f"supplier's value by {first['supplier_value']:+.1f} %" in answer([found])[0]
    assert "no cheap release" in answer([none])[0]


def test_a_year_is_shown_when_it_is_over() -> None:
    [found] = analysis.compare([Scenario()], members=2, until="2025-06")
    table = analysis.table([found])
    yearly = {"capital raised", "private money", "incidents"}
    assert not yearly & set(table["indicator"])
    assert not table[["low", "median", "high"]].isna().any().any()
    [found] = analysis.compare([Scenario()], members=2, until="2025-12")
    table = analysis.table([found]).set_index("indicator")
    whole = found.runs.values["capital_raised"].sum(axis=1)
    assert table.loc["capital raised", "median"] == pytest.approx(sum(whole) / 2)
    assert yearly <= set(table.index)
