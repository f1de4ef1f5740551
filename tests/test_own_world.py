"""The worked path of `docs/own-world.md`: two CSV files, a world, a scenario, a history."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

from docs.source import ROOT
from model import InputError, Market, Scenario

EXAMPLE = ROOT / "docs" / "examples" / "own_world"
PAGE = (ROOT / "docs" / "own-world.md").read_text(encoding="utf-8")


def make(folder: Path, monkeypatch, developers: Path = EXAMPLE / "developers.csv") -> None:
    arguments = [developers, EXAMPLE / "investors.csv", folder / "mine.yaml"]
    monkeypatch.setattr(sys, "argv", ["make_world.py", *map(str, arguments)])
    runpy.run_path(str(EXAMPLE / "make_world.py"), run_name="__main__")


def test_two_tables_become_a_history(tmp_path, monkeypatch) -> None:
    make(tmp_path, monkeypatch)
    scenario = re.search(r"```yaml\n(name: mine.*?)```", PAGE, re.DOTALL)
    assert scenario
    (tmp_path / "mine-study.yaml").write_text(scenario[1], encoding="utf-8")
    market = Market(Scenario.load(tmp_path / "mine-study.yaml"), seed=1).run_until("2025-12")
    assert len(market.frame()) == 12
    names = {data.get("name") for _, data in market.graph.nodes(data=True)}
    assert {"Alpha", "Beta", "Gamma", "Delta", "North Fund", "Cloud One"} <= names


def test_what_is_wrong_in_the_tables_is_said(tmp_path, monkeypatch) -> None:
    text = (EXAMPLE / "developers.csv").read_text(encoding="utf-8")
    wrong = tmp_path / "developers.csv"
    wrong.write_text(text.replace(",120,5e8", ",-120,5e8").replace("Delta,imitator", "Delta,imitater"))
    with pytest.raises(InputError, match=r"^mine\.yaml: 2 faults\.") as caught:
        make(tmp_path, monkeypatch, wrong)
    assert "developers, entry 3, Gamma, researchers: -120.0 is not allowed" in str(caught.value)
