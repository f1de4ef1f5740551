"""Read a world: a YAML file of sourced figures becomes the market graph of its first month.

The file states figures and funding rounds; who owns, follows, observes, serves and
attacks whom is derived by the rules that the file sets.
"""

from __future__ import annotations

import pickle
from functools import lru_cache
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from world.errors import InputError
from world.faults import brief
from world.files.edges import derive_graph
from world.files.sections import check_world
from world.files.synthetic import named_world
from world.yaml_file import parse_yaml, read_content

if TYPE_CHECKING:
    import networkx as nx

FOLDER = Path(__file__).parent
ALIASES = {"2025": "2025-01"}


def read_world(name_or_path: str | Path) -> nx.MultiDiGraph:
    """Return the market graph of a world's first month.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a shipped world ("2023-01"; "2025" is "2025-01"), name of a generated one
        ("synthetic core_periphery 300", see `named_world`) or path of a YAML file.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes with `kind`, `name` and initial columns, edges with `kind` and weight;
        `graph.graph` holds name, start, market_size [USD/year] and cheap_release_by.

    Raises
    ------
    InputError
        Anything wrong in the file, in one sentence with its place.
    """
    return pickle.loads(pickled_world(name_or_path))


def pickled_world(name_or_path: str | Path) -> bytes:
    """Return the same graph pickled, for who changes it or knows it again: worked out once."""
    if str(name_or_path).split(" ")[0] == "synthetic":
        return pickle.dumps(named_world(str(name_or_path)))
    path = world_path(name_or_path)
    return _pickled_file(read_content(path, path.name), path.name)


@lru_cache(maxsize=8)
def _pickled_file(content: bytes, file: str) -> bytes:
    return pickle.dumps(derive_graph(check_world(parse_yaml(content, file), file)))


def shipped_worlds() -> list[str]:
    """Names of the worlds that come with the model."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def world_path(name_or_path: str | Path) -> Path:
    """Find a world by shipped name or by path."""
    if not isinstance(name_or_path, (str, Path)):
        raise InputError(f"world: {name_or_path!r} must be a shipped name or the path of a file.")
    name = ALIASES.get(str(name_or_path), str(name_or_path))
    if name in shipped_worlds():
        return FOLDER / f"{name}.yaml"
    path = Path(name_or_path)
    if not isfile(path):  # False, too, for what can be no path
        raise InputError(
            brief(
                f"world: {str(name_or_path)!r} is neither a shipped world "
                f"({', '.join(shipped_worlds())}) nor a file."
            )
        )
    return path
