"""The pages of results are of the present rules: their witnesses are found again."""

from __future__ import annotations

import json
import re

import pytest

from docs.source import ROOT
from experiments.studies.catalogue import STUDIES
from experiments.studies.conduct import load
from experiments.studies.witness import FILE, differences
from model.identity import engine

PAGES = ROOT / "docs" / "results"


@pytest.mark.parametrize("name", STUDIES)
def test_a_page_is_of_the_present_rules(name: str) -> None:
    wrong = differences(load(name), PAGES / name)
    assert not wrong, (
        f"page {name} is stale: run `moat experiment {name} --out docs/results/{name}` "
        f"({len(wrong)} differences; {wrong[0]})"
    )


@pytest.mark.parametrize("name", STUDIES)
def test_every_part_of_a_study_has_its_witnesses(name: str) -> None:
    kept = json.loads((PAGES / name / FILE).read_text(encoding="utf-8"))
    parts = json.loads((PAGES / name / "provenance.json").read_text(encoding="utf-8"))["histories"]
    expected = [part["part"] for part in parts for _ in range(min(part["points"], 2))]
    assert [witness["part"] for witness in kept["witnesses"]] == expected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w["figures"]["equity"].__setitem__(1, 1.001 * w["figures"]["equity"][1]),
         "equity is .* in month 23, kept is"),
        (lambda w: w["figures"].pop("gap"), "gap is not kept"),
        (lambda w: w["figures"].update(new=w["figures"]["gap"]), "new is no indicator"),
        (lambda w: w["parameters"].update(discount=0.2), "equity is"),
        (lambda w: w.update(scenario="imitation"), "equity is"),
        (lambda w: w.update(seed=1), "equity is"),
        (lambda w: w.update(until="2028-12"), "equity has 4 figures, kept are 5"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["contagion", "phase_map"])
def test_a_stale_page_is_noticed(name, change, said, tmp_path) -> None:
    kept = json.loads((PAGES / name / FILE).read_text(encoding="utf-8"))
    del kept["witnesses"][1:]
    witness = kept["witnesses"][0]
    for figures in witness["figures"].values():
        del figures[5:]
    witness["until"] = "2029-12"
    (tmp_path / FILE).write_text(json.dumps(kept), encoding="utf-8")
    assert differences(load(name), tmp_path) == []
    change(witness)
    (tmp_path / FILE).write_text(json.dumps(kept), encoding="utf-8")
    told = differences(load(name), tmp_path)
    assert any(re.fullmatch(rf".*, seed \d: {said}.*", sentence) for sentence in told), told


def test_the_last_digits_count_on_the_engine_that_wrote_them_only(tmp_path) -> None:
    kept = json.loads((PAGES / "contagion" / FILE).read_text(encoding="utf-8"))
    del kept["witnesses"][1:]
    figures = kept["witnesses"][0]["figures"]["equity"]
    figures[0] *= 1.00001
    for wrote, expected in (("another", 0), (engine(), 1)):
        (tmp_path / FILE).write_text(json.dumps(kept | {"engine": wrote}), encoding="utf-8")
        assert len(differences(load("contagion"), tmp_path)) == expected
