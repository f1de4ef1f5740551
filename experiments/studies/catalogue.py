"""Which studies there are: the modules of this folder that hold `STUDY`."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any


def studies(folder: Path) -> dict[str, str]:
    """Question of every study of a folder by its name, in their order.

    Read off the text of the files, so that a list waits for no import: `order`
    and `question` are written out in `STUDY`.
    """
    found = []
    for path in folder.glob("*.py"):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            match statement:
                case ast.Assign(targets=[ast.Name("STUDY")], value=ast.Call(keywords=given)):
                    said: dict[str | None, Any] = {part.arg: part.value for part in given}
                    order, question = (ast.literal_eval(said[key]) for key in ("order", "question"))
                    found.append((order, path.stem, question))
    return {name: question for _, name, question in sorted(found)}


STUDIES = studies(Path(__file__).parent)
