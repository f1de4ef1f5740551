"""The notebooks run from top to bottom, and are kept without outputs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from docs.source import ROOT
from world.compiled import PLAIN_PYTHON

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 600  # for one cell, which may have to compile the rules


def read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_clean(path: Path) -> None:
    book = read(path)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert len(code) > 3
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    for before, cell in zip(book.cells, book.cells[1:], strict=False):
        if cell.cell_type == "markdown":
            assert before.cell_type == "code", "prose comes in one cell before its code"


@pytest.mark.skipif(PLAIN_PYTHON, reason="the notebooks' ensembles need the compiled engine")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, tmp_path: Path) -> None:
    from nbclient import NotebookClient

    book = read(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Jupyter's own parts
        NotebookClient(
            book, timeout=SECONDS, kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()  # fmt: skip
    shown = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown), "no picture"
    errors = [o.text for o in shown if o.output_type == "stream" and o.name == "stderr"]
    assert errors == []
