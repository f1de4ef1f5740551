"""What holds for every study, at its small size: answers, page, tables, the same again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner
from markupsafe import escape

from experiments.cli.experiment import experiment
from experiments.studies.catalogue import STUDIES, studies
from experiments.studies.conduct import conduct, load
from experiments.studies.study import Findings
from experiments.studies.witness import differences
from model.identity import version
from world.errors import InputError

Done = tuple[str, Findings, Path]


@pytest.fixture(scope="module", params=STUDIES)
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Done:
    name = request.param
    findings, page = conduct(name, tmp_path_factory.mktemp(name), quick=True, workers=1)
    return name, findings, page


def test_every_expectation_is_answered_by_figures(done: Done) -> None:
    name, findings, page = done
    study = load(name).STUDY
    html, markdown = page.read_text(), (page.parent / "README.md").read_text()
    assert list(findings.answers) == list(study.expected)
    assert not re.search(r"\bnan\b", findings.headline)
    for key, answer in findings.answers.items():
        assert re.search(r"\d|none", answer.sentence), key
        assert not re.search(r"\bnan\b", answer.sentence), key
        row = study.expected[key], answer.sentence, answer.verdict
        assert "".join(f"<td>{escape(cell)}</td>" for cell in row) in html, key
        assert f"| {' | '.join(row)} |" in markdown, key
        json.dumps(answer)  # a verdict of NumPy's could not be printed by --json
    assert {answer.held for answer in findings.answers.values()} != {None}


def test_the_page_holds_its_pictures_tables_and_provenance(done: Done) -> None:
    name, findings, page = done
    text = page.read_text()
    assert f"moat experiment {name} --quick" in text
    assert str(page.parent) not in text + (page.parent / "README.md").read_text()
    assert findings.pictures and findings.tables
    for label, picture in findings.pictures.items():
        drawn = (page.parent / f"{label}.svg").read_text()
        assert drawn == picture.svg
        assert picture.svg in text
        assert len(ElementTree.fromstring(drawn).findall(".//{http://www.w3.org/2000/svg}path")) > 5
    for label, frame in findings.tables.items():
        kept = pd.read_csv(page.parent / f"{label}.csv")
        assert list(kept) == list(frame)
        assert len(kept) == len(frame) > 0


def test_the_page_keeps_witnesses_that_are_found_again(done: Done) -> None:
    name, _, page = done
    assert differences(load(name), page.parent) == []
    told = json.loads((page.parent / "provenance.json").read_text(encoding="utf-8"))
    kept = json.loads((page.parent / "witnesses.json").read_text(encoding="utf-8"))["witnesses"]
    assert {w["part"] for w in kept} == {part["part"] for part in told["histories"]}
    assert told.items() >= version().items()


def test_a_rerun_takes_histories_from_the_store_and_is_the_same_to_the_byte(done: Done) -> None:
    name, _, page = done
    before = {path: path.read_bytes() for path in page.parent.iterdir() if path.is_file()}
    assert page in before
    kept = ("store/*/parts/*", "store/*.parquet")
    parts = {path: path.stat().st_mtime_ns for what in kept for path in page.parent.glob(what)}
    assert parts
    conduct(name, page.parent, quick=True, workers=1)
    again = {path: path.stat().st_mtime_ns for what in kept for path in page.parent.glob(what)}
    assert again == parts
    for path, content in before.items():
        assert path.read_bytes() == content, path.name


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_says_what_it_expects(name: str) -> None:
    study = load(name).STUDY
    assert study.question.endswith("?")
    assert callable(load(name).run)
    assert len(study.expected) >= 3
    assert all(text.endswith(".") for text in [*study.expected.values(), study.limits])


def test_the_command_lists_the_questions_and_refuses_unknown_names(tmp_path: Path) -> None:
    listed = CliRunner().invoke(experiment, ["--list"])
    assert [line.split(":")[0] for line in listed.output.splitlines()] == list(STUDIES)
    with pytest.raises(InputError, match="'takeof' is unknown"):
        conduct("takeof", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_study_is_found_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "tool.py").write_text("STUDIES = {}\n")
    for name, order in (("last", 12), ("b_first", 2), ("a_second", 5)):
        (tmp_path / f"{name}.py").write_text(
            f"STUDY = Study(title='x', order={order}, question='Is it '\n 'found?', expected=_())\n"
        )
    found = studies(tmp_path)
    assert list(found) == ["b_first", "a_second", "last"]
    assert set(found.values()) == {"Is it found?"}


def test_the_catalogue_reads_what_the_modules_hold() -> None:
    held = {name: load(name).STUDY for name in STUDIES}
    assert {name: study.question for name, study in held.items()} == STUDIES
    orders = [study.order for study in held.values()]
    assert orders == sorted(set(orders))
