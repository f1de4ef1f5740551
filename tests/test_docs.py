"""The documentation says what the code says, and points at what exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs import chain as chains
from docs import house, make, source
from docs.evidence import missing, unbacked
from docs.source import ROOT
from experiments.chain.cases import rows
from model.observe import INDICATORS
from model.schedule import OPENING, SCHEDULE
from world.compiled import PLAIN_PYTHON
from world.kinds import EDGE_KINDS
from world.parameters import PARAMETERS

SVG = "{http://www.w3.org/2000/svg}"
WRITTEN = sorted(
    [*(ROOT / "docs").glob("*.md"), *(ROOT / "notebooks").glob("*.ipynb"), ROOT / "README.md"]
)


@pytest.mark.parametrize("name", make.PAGES)
def test_a_page_is_what_the_declarations_say(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == make.page(name), f"docs/{name} is out of date: run `make docs`"


def test_readme_shows_the_chain_as_it_was_found() -> None:
    committed = chains.README.read_text(encoding="utf-8")
    assert committed == chains.readme(make.chain(True)), "README is out of date: run `make docs`"


@pytest.mark.skipif(PLAIN_PYTHON, reason="30 ensembles take hours as plain Python")
def test_the_chain_is_found_as_it_was_written_down() -> None:
    found = json.loads(json.dumps([row.plain() for row in rows()]))
    assert found == chains.kept(), "run `python -m experiments.chain --json > docs/chain.json`"


def test_the_house_is_as_it_is_drawn() -> None:
    committed = (ROOT / "docs" / "house.svg").read_text(encoding="utf-8")
    assert committed == house.house(), "docs/house.svg is out of date: run `make docs`"
    drawn = {element.text for element in ElementTree.fromstring(committed).iter(SVG + "text")}
    floors, rooms = house.contracts()
    assert drawn >= {*floors, *rooms["experiments"], "plans", "demand", "sensitivity"}


def test_every_import_of_the_house_goes_down() -> None:
    order, _ = house.contracts()
    for level, floor in enumerate(house.floors()):
        below = {name for name, count in floor.imports.items() if count}
        assert below <= set(order[level + 1 :]), floor.name
        assert below or floor.name == order[-1]


@pytest.mark.parametrize(("text", "letters", "said"), [
    ("Short enough", 30, "Short enough"),
    ("What a reader sees of it: more, and more of it", 29, "What a reader sees of it"),
    ("Short: but then it goes on and on", 28, "Short: but then it goes ..."),
])  # fmt: skip
def test_a_sentence_is_cut_where_a_clause_ends(text: str, letters: int, said: str) -> None:
    assert house.clause(text, letters) == said


def test_the_description_is_complete() -> None:
    text = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
    for phase in (*OPENING, *SCHEDULE):
        assert f"\n#### `{phase.rule.__name__}`\n" in text
    for name in (*make.LAWS, *EDGE_KINDS, *(c.name for c in INDICATORS)):
        assert f"`{name}`" in text, name
    for columns in make.TABLES.values():
        for column in columns:
            assert f"| `{column.name}` | {column.type} |" in text, column.name


@pytest.mark.parametrize("known", [*make.RULES.values(), *make.LAWS.values()], ids=lambda d: d.name)
def test_every_rule_and_law_says_what_it_does(known: source.Definition) -> None:
    assert len(known.claim.split()) >= 4, f"{known.file}: {known.name} needs a sentence"


def test_every_parameter_has_a_reader() -> None:
    readers = source.readers()
    assert [p.name for p in PARAMETERS if not readers[p.name]] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: p.name)
def test_a_page_points_at_what_exists(page: Path) -> None:
    assert missing(page) == []


@pytest.mark.parametrize(
    "text",
    ["`tests/test_docs.py::test_nothing`", "`tests/test_none.py::test_x`", "`moat nothing`",
     "`moat verify no-such-check`", "`moat experiment nothing`", "`moat compare --nothing`",
     "`make nothing`", "`python -m experiments.nothing`", "`model/nothing.py`",
     "[x](nothing.md)", "[x](#nothing)"],
)  # fmt: skip
def test_what_does_not_exist_is_found(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\nSee {text} and `world/state.py`, `moat verify`, [here](#page).\n")
    assert missing(page) == [text.strip("`").removeprefix("[x](").removesuffix(")")]


def test_figures_in_the_readme_stand_on_the_pages_it_links() -> None:
    assert unbacked(ROOT / "README.md") == []


def test_a_figure_without_a_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs/results/x").mkdir(parents=True)
    (tmp_path / "docs/results/x/README.md").write_text("Supplier: -1.1 %, by 2030 +1,234.")
    page = tmp_path / "README.md"
    page.write_text("- [X](docs/results/x/README.md): 1.1 % in 2030, 1234, 1.2 %.\n\n- 7 of 9.\n")
    assert unbacked(page) == ["docs/results/x/README.md: 1.2"]


@pytest.mark.nightly
@pytest.mark.skipif(PLAIN_PYTHON, reason="the sweeps need the compiled engine")
def test_the_page_on_sweeps_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    commands = re.search(r"^```sh\n(.*?)^```", text, flags=re.M | re.S)[1].splitlines()
    runs = [[sys.executable, "-m", "experiments.cli.main", *shlex.split(c)[1:]] for c in commands]
    for k, code in enumerate(re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)):
        (tmp_path / f"block_{k}.py").write_text(code, encoding="utf-8")
        runs.append([sys.executable, f"block_{k}.py"])
    assert len(runs) == 5
    for run in runs:
        done = subprocess.run(run, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, f"{run}: {done.stderr}"
        assert done.stdout


def test_a_name_that_does_not_exist_stops_the_page() -> None:
    for name in (make.rule, make.parameter, make.column):
        with pytest.raises(KeyError, match="nothing"):
            name("nothing")
    with pytest.raises(StopIteration):
        make.indicator("nothing")
