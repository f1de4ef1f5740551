"""The command `moat verify`: its answers, its exit codes, and that every check can fail."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.verify import CHECKS, Row, nelson_winter
from experiments.verify.page import declaration
from experiments.verify.registry import check
from experiments.verify.small_markets import limiting
from model import InputError
from tests.planted_laws import PLANTED
from tests.test_cli import moat

ROOT = Path(__file__).resolve().parents[1]
# Findings, not faults: their notes say what the model would need.
NOT_MET = {
    ("nelson-winter-copies", "change of progress [OOM], 4 + 4"),
    ("nelson-winter-know-how", "change of number of equal firms, all innovate"),
    ("nelson-winter-know-how", "change of progress [OOM], 4 + 4"),
}


def test_every_expectation_is_met_but_the_known_ones() -> None:
    results = {name: list(declared.run()) for name, declared in CHECKS.items()}
    assert all(rows for rows in results.values())
    missed = {
        (name, row.case): row.note
        for name, rows in results.items() for row in rows if not row.met
    }  # fmt: skip
    assert missed.keys() == NOT_MET
    assert all("to meet it" in note for note in missed.values())


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Rows not met, by check, with a wrong law in place; in plain Python."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.planted_laws"], cwd=ROOT, capture_output=True, text=True,
        check=False, env={**os.environ, "MOAT_PLAIN_PYTHON": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", PLANTED)
def test_a_wrong_law_is_noticed(name: str, planted: dict[str, int]) -> None:
    assert planted[name] >= 1


def test_signs_are_not_met_when_imitation_is_no_easier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nelson_winter, "EASY_COPIES", nelson_winter.HARD_COPIES)
    monkeypatch.setattr(nelson_winter, "EASY_KNOW_HOW", {})
    monkeypatch.setattr(nelson_winter, "SEEDS", 5)
    unplanted = CHECKS.keys() - PLANTED.keys()  # the checks that no wrong law was planted for
    assert unplanted == {"nelson-winter-copies", "nelson-winter-know-how"}
    for name in unplanted:
        assert {row.met for row in CHECKS[name].run()} == {False}, name


def test_a_row_is_met_within_its_tolerance_or_beyond_it_on_its_side() -> None:
    assert Row("", 1.0, 1.1, 0.2).met and not Row("", 1.0, 1.3, 0.2).met
    assert Row("", 0.0, 1.1, 1.0, "above").met and not Row("", 0.0, 0.9, 1.0, "above").met
    assert Row("", 0.0, -1.1, 1.0, "below").met and not Row("", 0.0, 1.1, 1.0, "below").met
    for relation in ("equal", "above", "below"):
        assert not Row("", 0.0, math.nan, 1.0, relation).met


def test_a_check_must_declare_equation_and_source() -> None:
    def undeclared() -> None:
        """A claim without anything behind it.

        x = 1

        Source: hearsay.
        """

    with pytest.raises(ValueError, match="Configured, Tolerance"):
        check(undeclared)  # type: ignore[arg-type]
    assert "undeclared" not in CHECKS


def test_a_limiting_case_names_declared_parameters_only() -> None:
    with pytest.raises(InputError, match="'gravity' is unknown"):
        limiting(gravity=9.81)


def test_the_page_states_every_check_as_declared() -> None:
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    for name in CHECKS:
        assert "\n\n".join(declaration(name)) in page, f"{name}: run moat verify --out docs/verify.md"
    assert page.count("\n## ") == len(CHECKS)


def test_one_check_by_name(tmp_path: Path) -> None:
    done = moat("verify", "funding-threshold", "--json", "--out", "v.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert {row["check"] for row in rows} == {"funding-threshold"}
    assert all(row["verdict"] == "met" and row["source"] for row in rows)
    assert "h* [1/year]" in (tmp_path / "v.md").read_text(encoding="utf-8")


def test_an_expectation_not_met_is_exit_code_4_and_shown(tmp_path: Path) -> None:
    done = moat("verify", "nelson-winter-know-how", cwd=tmp_path)
    assert done.returncode == 4
    assert "NOT MET" in done.stdout and "3 of 5 expectations met." in done.stdout
    assert done.stderr == ""


def test_an_unknown_check_is_refused_in_one_sentence(tmp_path: Path) -> None:
    done = moat("verify", "funding-treshold", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean 'funding-threshold'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_page_is_written_into_a_folder_that_exists(tmp_path: Path) -> None:
    done = moat("verify", "bass-diffusion", "--out", "nowhere/v.md", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert "'nowhere' does not exist" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_list_names_every_claim(tmp_path: Path) -> None:
    done = moat("verify", "--list", cwd=tmp_path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines == [f"{name}: {declared.claim}" for name, declared in CHECKS.items()]
