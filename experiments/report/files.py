"""Files of results: each is whole or absent, and those of one command appear together."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from world.errors import InputError
from world.folders import missing, take_away

UNFINISHED = ".unfinished-"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a text for a formula
LONGEST = 120  # characters of a name within the name of a file


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Say in one sentence that a place cannot be written."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{place}: cannot be written ({error.strerror or error}).") from None


def write_text(path: Path, text: str) -> None:
    """Write a text; `InputError` if it cannot be written, and then nothing is left."""
    with _partial(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, content: bytes, scratch: Path | None = None) -> None:
    """Write the content of a file, by way of a folder that is cleared if the process is killed."""
    with _partial(path, scratch) as partial:
        partial.write_bytes(content)


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table with its attributes; `InputError` as for a text."""
    with _partial(path) as partial:
        frame.to_parquet(partial)


def write_csv(path: Path, frame: pd.DataFrame, **options: Any) -> None:
    """Write a table as CSV (`csv_text`); `InputError` as for a text."""
    write_text(path, csv_text(frame, **options))


@contextlib.contextmanager
def _partial(path: Path, scratch: Path | None = None) -> Iterator[Path]:
    partial = (scratch or path.parent) / f".{path.name}-{os.getpid()}"
    with writing(path):
        try:
            yield partial
            os.replace(partial, path)
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)


def csv_text(frame: pd.DataFrame, **options: Any) -> str:
    """A table as CSV in which no text is a formula; `options` are those of pandas' `to_csv`.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets an
    apostrophe before it, which spreadsheets do not show. Numbers stay numbers.
    """
    plain = frame.rename(columns=_no_formula)
    for place, column in enumerate(plain.columns):
        if not pd.api.types.is_numeric_dtype(plain.dtypes.iloc[place]):
            plain.isetitem(place, plain.iloc[:, place].map(_no_formula).rename(column))
    if not pd.api.types.is_numeric_dtype(plain.index.dtype):
        plain.index = plain.index.map(
            lambda key: tuple(map(_no_formula, key)) if isinstance(key, tuple) else _no_formula(key)
        ).set_names(frame.index.names)
    return str(plain.to_csv(**options))


def _no_formula(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    mark = "'" if cell.startswith(FORMULA) else ""
    return mark + cell.replace("\r", "\n")  # only some versions of Python quote a carriage return


def file_name(name: str) -> str:
    """A name as a part of a file's name: other names, other files."""
    plain = "".join(c if c.isalnum() or c in "-_ ." else quote(c, safe="") for c in name)
    if len(plain.encode()) <= LONGEST:
        return plain
    return f"{plain[: LONGEST // 4]}-{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def content_hash(content: bytes) -> str:
    """Hash of what a file holds, 32 hexadecimal digits."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


class Folder:
    """A directory whose new files appear together, or not at all.

    They are written into a hidden folder in it and moved when all of them are there. The file
    that lists them goes first and comes last: without it a directory is unfinished. Files of an
    earlier result that the new one does not have are removed. What a killed process left is
    cleared by the next one. Several at a time do not mix: the last to finish stays.

    Parameters
    ----------
    out : Path
        Made if it is not there.
    manifest : str
        Name of the file that lists the others.

    Attributes
    ----------
    draft : Path
        The hidden folder.

    Raises
    ------
    InputError
        It cannot be written, now or later; or it is a store of `moat sweep`.

    Examples
    --------
    >>> with Folder(Path("out/run")) as folder:
    ...     folder.csv("months.csv", frame)
    ...     folder.finish({"seed": 7})
    """

    def __init__(self, out: Path, manifest: str = "manifest.json") -> None:
        self.out = out
        self.manifest = manifest
        self.draft = out / f"{UNFINISHED}{secrets.token_hex(8)}"
        self._mine = contextlib.ExitStack()
        self._made = missing(out)  # directories to take away again if nothing is written

    def __enter__(self) -> Folder:
        with writing(self.out):
            try:
                self.out.mkdir(parents=True, exist_ok=True)
                self._begin()
            except BaseException:
                self.__exit__()
                raise
        return self

    def _begin(self) -> None:
        if (self.out / "parts").is_dir() and (self.out / self.manifest).exists():
            raise InputError(f"{self.out}: is a store of `moat sweep`; choose another directory.")
        with _locked(self.out):
            for left in self.out.glob(f"{UNFINISHED}*"):
                with contextlib.suppress(OSError), _locked(left, wait=False):
                    shutil.rmtree(left)
            self.draft.mkdir()
            with contextlib.suppress(OSError):  # a file system without locks
                self._mine.enter_context(_locked(self.draft))

    def __exit__(self, *error: object) -> None:
        shutil.rmtree(self.draft, ignore_errors=True)
        self._mine.close()
        take_away(self._made)

    def text(self, name: str, text: str) -> None:
        """Write a text."""
        with writing(self.out / name):
            (self.draft / name).write_text(text, encoding="utf-8", newline="\n")

    def csv(self, name: str, frame: pd.DataFrame, **options: Any) -> None:
        """Write a table as CSV (`csv_text`)."""
        self.text(name, csv_text(frame, **options))

    def parquet(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table with its attributes."""
        with writing(self.out / name):
            frame.to_parquet(self.draft / name)

    def finish(self, made: Mapping[str, Any]) -> None:
        """Write the manifest, with a hash of every file, and move all into their place."""
        files = {path.name: content_hash(path.read_bytes()) for path in sorted(self.draft.iterdir())}
        self.text(self.manifest, json.dumps({**made, "files": files}, indent=1, allow_nan=False))
        with writing(self.out), _locked(self.out):
            for name in (*files, self.manifest):
                if (self.out / name).is_dir():
                    raise InputError(f"{self.out / name}: cannot be written (a directory is there).")
            stale = _listed(self.out / self.manifest) - files.keys()
            (self.out / self.manifest).unlink(missing_ok=True)
            for name in stale:
                (self.out / name).unlink(missing_ok=True)
            for name in (*files, self.manifest):
                os.replace(self.draft / name, self.out / name)


def _listed(manifest: Path) -> set[str]:
    """Files of the result that stands there; none if its manifest cannot be read."""
    try:
        names = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {str(name) for name in names if Path(name).name == name}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextlib.contextmanager
def _locked(folder: Path, wait: bool = True) -> Iterator[None]:
    """Keep others out; `OSError` if somebody is there and we do not wait."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
