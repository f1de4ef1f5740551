"""Files of results: each is written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd


def write_text(path: Path, text: str) -> None:
    """Write a text."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, 0o644)
    os.replace(name, path)


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table."""
    partial = path.with_name(f".{path.name}")
    frame.to_parquet(partial)
    os.replace(partial, path)
