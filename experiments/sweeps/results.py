"""Results of a sweep, read from its store by DuckDB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.sweeps.manifest import TOLD, seeds_told
from experiments.sweeps.room import require_room
from experiments.sweeps.store import Store, write_atomically
from model.regimes import REGIMES
from world.errors import InputError
from world.folders import make_folder

FORMATS = ("csv", "parquet", "json")
COLLAPSED = ("collapsed", "collapsed_strict", "collapsed_lenient")
ROWS = 100_000  # read at once
CELL = 16  # bytes of a cell while a table is read


class Results:
    """The histories of a store, in the order of design point and seed.

    Parameters
    ----------
    store : Store, str or Path

    Attributes
    ----------
    done, total : int
        Histories in the store, and in the whole sweep (bad points apart).
    bad : dict
        Design points that failed, and why; they are in no table.
    made : dict
        What the histories are of, and what made them: scenario, its parameters, world (its name
        and the hash of its content), seeds, dates, criteria, rules, readings, engine. A table
        keeps it (``frame.attrs["moat"]``, and the metadata of a Parquet file).
    set_aside : list of str
        Files that were damaged, and were made again by the call that returned this.

    Raises
    ------
    InputError
        There is no store, or files of it are damaged: their content is not what was written.
    """

    def __init__(self, store: Store | str | Path) -> None:
        self.store = store if isinstance(store, Store) else Store.load(store)
        self.store.require_whole()
        self.made: dict[str, Any] = {name: self.store.manifest[name] for name in TOLD}
        self.set_aside: list[str] = []
        self.bad = self.store.bad_points()
        parts = self.store.parts()
        self.total = (len(self.store.design) - len(self.bad)) * len(self.store.seeds)
        self.done = 0
        self._parts: list[Path] = []
        for chunk in self.store.chunks():
            part = self.store.made(chunk, self.bad, parts)
            if part is not None:
                self._parts.append(part)
                self.done += sum(
                    len(seeds) for point, seeds in self.store.cells(chunk) if point not in self.bad
                )

    @property
    def complete(self) -> bool:
        """Whether every history of the design is there, apart from the bad points."""
        return self.done == self.total

    def __len__(self) -> int:
        return self.done

    def __repr__(self) -> str:
        made = self.made
        return (
            f"{self.store.path}: {self.done} of {self.total} histories; scenario "
            f"{made['scenario']}, world {made['world_name']} ({made['world']}), seeds "
            f"{seeds_told(self.store.seeds)}, {made['start']} to {made['until']}, rules "
            f"{made['rules']}, readings {made['readings']}, engine {made['engine']}."
        )

    def sql(self, query: str) -> pd.DataFrame:
        """Ask in SQL, without reading all into memory.

        The table `runs` has the columns of `frame`; `design` has the points.
        For example ``select regime, count(*) from runs group by regime``.
        """
        with self._connected() as connection:
            try:
                return connection.sql(query).df()
            except duckdb.Error as error:
                raise InputError(f"query: {str(error).splitlines()[0]}") from None

    def frame(self) -> pd.DataFrame:
        """All histories: one row a (point, seed).

        Columns: point, seed, the design's parameters, regime, onset (month, empty
        for a race), the classifier's evidence, and the summaries. A figure that does not exist
        is NaN; `missing` counts them.

        Raises
        ------
        InputError
            So large a table does not fit into memory.
        """
        rows = self._table()
        require_room(
            f"{self.store.path}: a table of {self.done:,} histories", "ask in SQL, or export it.",
            self.done * len(rows.schema) * CELL,
        )  # fmt: skip
        frame = rows.read_all().to_pandas()
        frame.attrs["moat"] = self.made
        return frame

    def missing(self) -> dict[str, int]:
        """Histories without a figure (NaN), by column; columns that miss none are left out."""
        with self._connected() as connection:
            names = [name for name, kind, *_ in connection.sql("describe runs").fetchall()
                     if kind == "FLOAT"]  # fmt: skip
            counts = ", ".join(f'count(*) filter (isnan("{name}"))' for name in names)
            found = connection.sql(f"select {counts} from runs").fetchall()[0]
        return {name: count for name, count in zip(names, found, strict=True) if count}

    def shares(self) -> pd.DataFrame:
        """Share of histories in each regime, by design point.

        Rows are points; columns the design's parameters, the number of
        histories, one share a regime, and the share whose funding collapsed whichever label comes
        first, by the criteria and by a strict and a lenient reading.
        """
        counts = self.sql("select point, regime, count(*) as n from runs group by all")
        wide = counts.pivot(index="point", columns="regime", values="n").fillna(0)
        wide = wide.reindex(columns=list(REGIMES), fill_value=0)
        wide.columns.name = None
        histories = wide.sum(axis=1)
        frame = self.store.design.points.loc[wide.index].copy()
        frame["histories"] = histories.astype(int)
        flags = ", ".join(f"avg({name}) as {name}" for name in COLLAPSED)
        flagged = self.sql(f"select point, {flags} from runs group by all").set_index("point")
        return frame.join(wide.div(histories, axis=0)).join(flagged)

    def export(self, out: str | Path, form: str) -> Path:
        """Write all histories to one file, atomically; memory stays flat.

        Parameters
        ----------
        out : str or Path
        form : str
            ``"csv"``, ``"parquet"`` or ``"json"`` (one object a line).

        Raises
        ------
        InputError
            An unknown format, or a path that cannot be written.
        OSError
            The disk is full; nothing is left of the file.
        """
        out = Path(out)
        write = {"csv": self._write_csv, "parquet": self._write_parquet, "json": self._write_json}
        if form not in write:
            raise InputError(f"export: format {form!r} is unknown; allowed are {', '.join(FORMATS)}.")
        try:
            make_folder(out.parent)
            write_atomically(out, write[form], out.parent)
        except (FileExistsError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
            raise InputError(f"{out}: cannot be written ({error.strerror}).") from None
        return out

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if not self._parts:
            raise InputError(f"{self.store.path}: holds no history yet.")
        connection = duckdb.connect()
        connection.register("design", self.store.design.points.reset_index())
        parameters = "".join(f', design."{name}"' for name in self.store.design.points)
        bad = ", ".join(map(str, self.bad)) or "-1"
        connection.read_parquet([str(part) for part in self._parts]).create_view("parts")
        connection.sql(
            f"create view runs as select parts.point, seed{parameters}, "
            "parts.* exclude (point, seed) from parts join design using (point) "
            f"where parts.point not in ({bad})"
        )
        return connection

    def _table(self) -> pa.RecordBatchReader:
        connection = self._connected()
        return connection.sql("select * from runs order by point, seed").to_arrow_reader(ROWS)

    def _write_parquet(self, path: Path) -> None:
        # Row groups of one size: DuckDB's own depend on the number of threads.
        rows = self._table()
        schema = rows.schema.with_metadata({"moat": json.dumps(self.made, sort_keys=True)})
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in rows:
                writer.write_batch(batch, row_group_size=ROWS)

    def _write_csv(self, path: Path) -> None:
        self._copy(path, "format csv, header true")

    def _write_json(self, path: Path) -> None:
        self._copy(path, "format json")

    def _copy(self, path: Path, options: str) -> None:
        with self._connected() as connection:
            name = str(path).replace("'", "''")
            query = f"copy (select * from runs order by point, seed) to '{name}' ({options})"
            try:
                connection.sql(query)
            except duckdb.IOException as error:
                raise OSError(str(error).splitlines()[0]) from None
