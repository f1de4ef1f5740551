"""The house: floors, rooms and modules, drawn from the packages themselves as `docs/house.svg`.

Floors and rooms stand in the order of the import contracts in `pyproject.toml`. What a
module is for is the first sentence of its docstring; what it imports is read off its text.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections import Counter
from html import escape
from pathlib import Path
from typing import NamedTuple

from docs.source import ROOT, first_sentence
from experiments.report.palette import LIGHT

WIDTH, MARGIN, PAD, LINE = 880, 10, 8, 15  # pixels
NAME, LETTER = 112, 6.2  # of a module's name, and of a letter of the widest usual font
SHORT = 24  # letters: a shorter beginning of a sentence says too little
STYLE = (
    f'text {{ font: 11px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: {LIGHT["ink"]}; }} '
    f".soft {{ fill: {LIGHT['soft']}; }} .name {{ font-weight: 600; }} "
    ".room { font-size: 12px; font-weight: 700; } .floor { font-size: 15px; font-weight: 700; }"
)
BOX = '<rect x="{}" y="{}" width="{}" height="{}" rx="4" fill="{}" stroke="{}"/>'


class Module(NamedTuple):
    """A file: its name and what it is for."""

    name: str
    meaning: str


class Room(NamedTuple):
    """A package: what it is for, its modules, the rooms in it, and its imports by where they go."""

    name: str
    meaning: str
    modules: list[Module]
    rooms: list[Room]
    imports: Counter[str]


# --- what there is -------------------------------------------------------------------------


def contracts() -> tuple[list[str], dict[str, list[str]]]:
    """Floors from the top, and the order of the rooms of those floors that have one."""
    tables = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors: list[str] = []
    rooms = {}
    for contract in tables["tool"]["importlinter"]["contracts"]:
        for container in contract.get("containers", ()):
            rooms[container] = contract["layers"]
        floors = floors if "containers" in contract else contract["layers"]
    return floors, rooms


def floors() -> list[Room]:
    """The house from the top."""
    order, rooms = contracts()
    return [room(ROOT / name, order, rooms) for name in order]


def room(folder: Path, order: list[str], rooms: dict[str, list[str]]) -> Room:
    """One package with everything in it."""
    within = [path.parent.name for path in sorted(folder.glob("*/__init__.py"))]
    layers = rooms.get(folder.name, within)
    inner = [room(folder / name, order, rooms) for name in layers]
    counts = Counter({name: 0 for name in [*rooms.get(folder.parent.name, ()), *order]})
    modules = []
    meaning = ""
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = first_sentence(ast.get_docstring(tree) or "").replace("`", "")
        if path.stem == "__init__":
            meaning = said
        else:
            modules.append(Module(path.stem, without_name(said, path.stem)))
        counts.update(place for place in imports(tree, folder) if place in counts)
    for part in inner:
        counts.update({k: n for k, n in part.imports.items() if k in order})
    counts[folder.name] = 0
    return Room(folder.name, meaning, modules, [r for r in inner if r.modules], counts)


def imports(tree: ast.Module, folder: Path) -> list[str]:
    """Where each import statement goes: a room of the same floor, else a floor."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            name = node.module or ""
        elif isinstance(node, ast.Import):
            name = node.names[0].name
        else:
            continue
        floor, _, rest = name.partition(".")
        found.append(rest.partition(".")[0] if floor == folder.parent.name else floor)
    return found


def without_name(meaning: str, name: str) -> str:
    """A meaning that begins with the name of its module, without it."""
    head, colon, rest = meaning.partition(": ")
    same = head.casefold().replace(" ", "_").removesuffix("s") == name.removesuffix("s")
    return f"{rest[0].upper()}{rest[1:]}" if colon and same else meaning


# --- how it is drawn -----------------------------------------------------------------------


def clause(words: str, letters: int) -> str:
    """The longest beginning of a sentence that ends where a clause does and fits."""
    ends = [match.start() for match in re.finditer(r"[:;,.?] |$", words)]
    fitting = [end for end in ends if SHORT <= end <= letters or end == len(words) <= letters]
    return words[: fitting[-1]] if fitting else textwrap.shorten(words, letters, placeholder=" ...")


class Drawing:
    """SVG elements, from the top down."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = MARGIN

    def text(self, x: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """Write a line here."""
        self.parts.append(
            f'<text x="{x:g}" y="{self.y}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def room(self, shown: Room, left: int, right: int, colour: str) -> None:
        """Draw a package: what it is for, what it imports, its modules, the rooms in it."""
        kind = "room" if colour == "page" else "floor"
        top, place = self.y, len(self.parts)
        self.y += LINE + 5
        self.text(left + PAD, shown.name, kind)
        imports = [f"{name} {count}" for name, count in shown.imports.items() if count]
        said = "imports " + ", ".join(imports) if imports else ""
        self.text(right - PAD, said, "soft", "end")
        letters = int((right - left - NAME) / LETTER) - len(said) - 4
        self.text(left + PAD + NAME, clause(shown.meaning, letters), "soft")
        self.y += 6
        self.modules(shown.modules, left + PAD, (right - left - PAD) / 2)
        for part in shown.rooms:
            self.room(part, left + PAD, right - PAD, "page")
        self.parts.insert(place, BOX.format(
            left, top, right - left, self.y - top, LIGHT[colour], LIGHT["line"]))  # fmt: skip
        self.y += PAD

    def modules(self, shown: list[Module], left: int, width: float) -> None:
        """Draw modules in two columns, one line each."""
        top, half = self.y, -(-len(shown) // 2)
        for k, module in enumerate(shown):
            x, self.y = left + width * (k // half), top + LINE * (k % half + 1)
            self.text(x, module.name, "name")
            self.text(x + NAME, clause(module.meaning, int((width - NAME - PAD) / LETTER)))
        self.y = top + LINE * half + PAD * bool(shown)

    def svg(self) -> str:
        """The whole picture, with the arrow along which imports go."""
        x, end = MARGIN + 6, self.y - PAD
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y}" '
            f'width="{WIDTH}" height="{self.y}">\n<style>{STYLE}</style>\n'
            f'<rect width="{WIDTH}" height="{self.y}" fill="{LIGHT["page"]}"/>\n'
            f'<path d="M{x} {MARGIN}V{end}m-5 -9l5 9l5 -9" fill="none" stroke="{LIGHT["soft"]}"/>\n'
            f'<text class="soft" transform="translate({x - 5} 145) rotate(-90)">'
            "imports only go down</text>\n"
        )
        return head + "\n".join(self.parts) + "\n</svg>\n"


def house() -> str:
    """The picture, as it should stand in the folder."""
    drawing = Drawing()
    for floor in floors():
        drawing.room(floor, 3 * MARGIN, WIDTH - MARGIN, "card")
    return drawing.svg()
