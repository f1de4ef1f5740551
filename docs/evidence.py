"""What a page points at: files, tests, commands and links that must exist."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from docs.source import ROOT
from experiments.cli.main import moat
from experiments.studies.catalogue import STUDIES
from experiments.verify import CHECKS

CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(r"[\w./-]+/[\w.-]*|[\w-]+\.(?:md|py|yaml|toml|cff)")


def missing(page: Path) -> list[str]:
    """Everything that a page or a notebook names and that does not exist; empty if all is well."""
    text = re.sub(r"^```.*?^```", "", _prose(page), flags=re.M | re.S)
    return [*_missing_code(page, text), *_missing_links(page, text)]


def _prose(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def _missing_code(page: Path, text: str) -> Iterator[str]:
    for span in CODE.findall(text):
        if "::" in span:
            found = _is_test(span)
        elif span.startswith("moat "):
            found = _is_command(span)
        elif span.startswith("make "):
            found = _is_target(span)
        elif span.startswith("python -m "):
            found = importlib.util.find_spec(span.split()[2]) is not None
        elif PATH.fullmatch(span) and not span.startswith("out/"):
            found = (ROOT / span).exists() or (page.parent / span).exists()
        else:
            continue
        if not found:
            yield span


def _is_test(span: str) -> bool:
    path, name = span.split("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(getattr(node, "name", "") == name for node in ast.walk(tree))


def _is_command(span: str) -> bool:
    _, name, *words = shlex.split(span)
    command = moat.commands.get(name)
    if command is None:
        return False
    options = {"--help"} | {option for parameter in command.params for option in parameter.opts}
    if any(word.startswith("--") and word.split("=")[0] not in options for word in words):
        return False
    if name == "verify":
        return all(word in CHECKS for word in words if "-" in word and not word.startswith("--"))
    if name == "experiment":
        return all(word in STUDIES for word in words[:1] if not word.startswith("-"))
    return True


def _is_target(span: str) -> bool:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.search(rf"^{re.escape(span.split()[1])}:", makefile, flags=re.M) is not None


def _missing_links(page: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            yield link


def _anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, by the rule of GitHub and GitLab."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


def unbacked(page: Path, folder: str = "docs/results/") -> list[str]:
    """Figures in a page's list items that the results page linked in the item does not have.

    A figure is backed if it stands on the linked page with the same digits, whatever its
    sign. Years are not figures.
    """
    found = []
    for item in re.split(r"^- ", page.read_text(encoding="utf-8"), flags=re.M)[1:]:
        item = item.split("\n\n")[0]
        linked = [link for link in LINK.findall(item) if link.startswith(folder)]
        pages = [page.parent / link for link in linked if link.endswith("README.md")]
        if not pages:
            continue
        text = "\n".join(p.read_text(encoding="utf-8") for p in pages)
        known = {figure.replace(",", "") for figure in NUMBER.findall(text)}
        said = NUMBER.findall(LINK.sub("]", item))
        found += [f"{linked[0]}: {s}" for s in said
                  if s.replace(",", "") not in known and not re.fullmatch(r"20[2-5]\d", s)]  # fmt: skip
    return found
