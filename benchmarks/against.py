"""This checkout against another revision: ratios of processor time, measured in turn in one run.

    python -m benchmarks.against e41c916
    python -m benchmarks.against e41c916 --only history_mesa agent_frame --rounds 5 --json

The revision is checked out below a cache folder, with an environment of its own; both are
kept for the next call. Each measurement is a process of its own, old / new / old / new, and
what counts is user and system time of all its threads and children: new over old, the median
of the rounds with the lowest and the highest. Raw figures go to `benchmarks/against.json`.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
RULES = ("customers_adopt", "win_customers")  # one of them is edited: that which has a figure
UNWANTED = ("PYTHONPATH", "PYTHONSAFEPATH")  # a child imports what lies in its working folder

# --- work measured inside a child: what comes before, and what counts ---------------------

SCRIPT = """
import dataclasses, gc, json, pathlib, resource, tempfile, time
from model import Ensemble, Market, Scenario
def cpu():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    return own + children.ru_utime + children.ru_stime
scenario = Scenario.load("baseline")
{before}
gc.collect()  # or a sweep over all objects falls now to one side, now to the other
begun = cpu()
{work}
print("\\n" + json.dumps(cpu() - begun))
"""
INSIDE = {
    "history_compiled": (
        # Many histories of a month: an engine that is made for many is made now.
        "Ensemble(scenario, seeds=range(5000), until='2025-01', workers=1).run()",
        "Ensemble(scenario, seeds=range(200), workers=1).run()",
    ),
    "history_mesa": (
        "Market(scenario, seed=0).run_until('2040-12')",
        "for seed in (1, 2, 3): Market(scenario, seed=seed).run_until('2040-12')",
    ),
    "agent_frame": (  # of a second market: one may keep a table that it has made
        "first, market = [Market(scenario, seed=seed).run_until('2040-12') for seed in (0, 1)]\n"
        "for kind in first.kinds(): first.agent_frame(kind)",
        "for kind in market.kinds(): market.agent_frame(kind)",
    ),
    "report": (  # the first of its process, as `moat compare` writes it
        "from {compare} import compare\n"
        "from {write_report} import write_report\n"
        "quick = dataclasses.replace(scenario.with_(imitation_lag=4), name='quick copies')\n"
        "others = [Scenario.load('imitation'), Scenario.load('cleverness'), quick]\n"
        "found = compare([scenario, *others], members=100)\n"
        "folder = tempfile.TemporaryDirectory()",
        "write_report(found, pathlib.Path(folder.name), 'moat compare')",
    ),
}


class Refused(Exception):
    """Bad input: one sentence for the user, exit code 2."""


@dataclass(frozen=True)
class Side:
    """A checkout, the interpreter of its environment, and a folder for what it makes."""

    python: str
    root: Path
    home: Path

    @property
    def cache(self) -> Path:
        """Where its warm compiled code is kept."""
        return self.home / "cache"


# --- the other revision -------------------------------------------------------------------


def git(*arguments: str) -> bytes:
    """What git says about the present checkout; it is never told to change it."""
    return subprocess.run(
        ["git", "--no-optional-locks", *arguments], cwd=ROOT, check=True, capture_output=True
    ).stdout


def commit_of(revision: str) -> str:
    """The full hash of a revision; `Refused` without git, a checkout, or such a revision."""
    try:
        top = Path(git("rev-parse", "--show-toplevel").decode().strip())
    except (OSError, subprocess.CalledProcessError):
        raise Refused(f"{ROOT} is not a git checkout, or git is not installed.") from None
    if top.resolve() != ROOT:
        raise Refused(f"{ROOT} is not a git checkout of its own; {top} is.")
    try:
        return git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except subprocess.CalledProcessError:
        raise Refused(f"revision {revision!r} is unknown in {ROOT}.") from None


def install(root: Path, environment: Path) -> None:
    """Make an environment with what a checkout needs, as the machine's configuration has it."""
    told(f"making an environment for {root}")
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [str(environment / "bin" / "python"), "-m", "pip", "install", "-e", "."],
    ):
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if done.returncode:
            fail(f"`{' '.join(command)}` failed in {root}", done.stdout + done.stderr)


def checked_out(commit: str, folder: Path) -> Side:
    """A revision with its environment; made once, and made anew where it was left half made."""
    home = folder / commit
    root, environment = home / "checkout", home / "env"
    if not (home / "made").exists():
        shutil.rmtree(home, ignore_errors=True)
        root.mkdir(parents=True)
        try:
            subprocess.run(["tar", "-x"], cwd=root, check=True, input=git("archive", commit))
            install(root, environment)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
        (home / "made").touch()
    return Side(str(environment / "bin" / "python"), root, home / "old")


# --- finding and editing functions, wherever a revision keeps them ------------------------


def definitions(folder: Path, *names: str) -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Functions of these names at the top of modules anywhere below a folder."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef) and node.name in names:
                yield path, node


def module_of(root: Path, name: str) -> str:
    """The module below `experiments` with that function (commands are decorated: not those)."""
    for path, node in definitions(root / "experiments", name):
        if not node.decorator_list:
            return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    raise Refused(f"no function {name} was found in {root / 'experiments'}.")


def edit_rule(root: Path) -> Path:
    """Change one figure of one rule by a billionth; return the file, or be `Refused`."""
    for path, rule in definitions(root / "agents", *RULES):
        for node in ast.walk(rule):
            if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value:
                old = path.read_bytes()
                lines = old.splitlines(keepends=True)
                line = lines[node.lineno - 1]  # its columns count bytes
                figure = repr(node.value * (1.0 + 1e-9)).encode()
                lines[node.lineno - 1] = line[: node.col_offset] + figure + line[node.end_col_offset :]
                path.write_bytes(b"".join(lines))
                if ast.dump(ast.parse(path.read_bytes())) == ast.dump(ast.parse(old)):
                    raise RuntimeError(f"{path}: the edit of {rule.name} changed nothing.")
                return path
    raise Refused(f"no rule {' or '.join(RULES)} with a figure was found in {root / 'agents'}.")


# --- measurements -------------------------------------------------------------------------


def told(sentence: str) -> None:
    """Progress."""
    print(sentence, file=sys.stderr, flush=True)


def fail(sentence: str, output: str) -> NoReturn:
    """End with what a child said last, and exit code 1."""
    raise SystemExit(f"{output[-2000:]}\nagainst: {sentence}")


def children_cpu() -> float:
    """Processor seconds of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def child(side: Side, arguments: Sequence[str], root: Path, cache: Path) -> tuple[float, str]:
    """Run one process in a checkout; its processor seconds and what it printed."""
    kept = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    caches = {"MOAT_CACHE_DIR": str(cache), "XDG_CACHE_HOME": str(cache)}
    begun = children_cpu()
    done = subprocess.run(
        [side.python, *arguments], cwd=root, env=kept | caches, capture_output=True, text=True
    )
    seconds = children_cpu() - begun
    if done.returncode:
        fail(f"a measured process failed in {root}", done.stdout + done.stderr)
    return seconds, done.stdout


def moat_compare(side: Side, root: Path, cache: Path) -> float:
    """Processor seconds of the command."""
    # Not the installed script: that would import the checkout, also in a copy of it.
    scripts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, function = scripts["moat"].split(":")
    with tempfile.TemporaryDirectory() as out:
        return child(side, [
            "-c", f"from {module} import {function} as moat; moat()", "compare",
            "--scenarios", "baseline", "--members", "100", "--out", out,
        ], root, cache)[0]  # fmt: skip


def compare_cold(side: Side) -> float:
    """The command with nothing compiled."""
    with tempfile.TemporaryDirectory() as cache:
        return moat_compare(side, side.root, Path(cache))


def compare_warm(side: Side) -> float:
    """The command with everything compiled."""
    return moat_compare(side, side.root, side.cache)


def copied(side: Side) -> Path:
    """A fresh copy of the checkout, always at one place: compiled code is known by its path."""
    copy = side.home / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    hidden = shutil.ignore_patterns(".*", "out", "build", "venv")
    return Path(shutil.copytree(side.root, copy, ignore=hidden))


def compare_edited(side: Side) -> float:
    """The command after an edit of one rule, with everything compiled before the edit."""
    root = copied(side)
    edit_rule(root)
    with tempfile.TemporaryDirectory() as folder:  # what the edit compiles is not for the next round
        cache = Path(shutil.copytree(side.cache, Path(folder) / "cache"))
        return moat_compare(side, root, cache)


def script_of(key: str, root: Path) -> str:
    """The program of a child that measures itself."""
    before, work = INSIDE[key]
    if key == "report":
        before = before.format(**{name: module_of(root, name) for name in ("compare", "write_report")})
    return SCRIPT.format(before=before, work=work)


def inside(key: str, side: Side) -> float:
    """Processor seconds of a part of a process, as its last line tells them."""
    script = script_of(key, side.root)
    return float(child(side, ["-c", script], side.root, side.cache)[1].splitlines()[-1])


KEYS: dict[str, Callable[[Side], float]] = {
    "compare_cold": compare_cold,
    "compare_edited": compare_edited,
    "compare_warm": compare_warm,
    **{key: partial(inside, key) for key in INSIDE},
}


def prepare(sides: Sequence[Side], keys: Sequence[str]) -> None:
    """Do what shall not count: bytecode, and compiled code for all but the cold key."""
    for side in sides:  # what cannot be done is refused before the first minute is spent
        for key in INSIDE.keys() & keys:
            script_of(key, side.root)
        if "compare_edited" in keys:
            edit_rule(copied(side))
    for side in sides:
        packages = [str(path.parent) for path in side.root.glob("*/__init__.py")]
        child(side, ["-m", "compileall", "-q", *packages], side.root, side.cache)
        if set(keys) - {"compare_cold"}:
            told(f"warming up {side.root}")
            compare_warm(side)
        if "compare_edited" in keys:
            told(f"warming up a copy of {side.root}")
            moat_compare(side, copied(side), side.cache)


def summary(old: Sequence[float], new: Sequence[float]) -> dict[str, Any]:
    """The figures of one key: new over old, round by round."""
    ratios = [mine / theirs for theirs, mine in zip(old, new, strict=True)]
    return {"old": list(old), "new": list(new), "ratio": statistics.median(ratios),
            "low": min(ratios), "high": max(ratios)}  # fmt: skip


def measure(old: Side, new: Side, keys: Sequence[str], rounds: int) -> dict[str, Any]:
    """All figures, by key."""
    prepare((old, new), keys)
    found = {}
    for key in keys:
        pairs = []
        for k in range(rounds):
            pairs.append((KEYS[key](old), KEYS[key](new)))
            told("{} {}/{}: old {:.3f} s, new {:.3f} s".format(key, k + 1, rounds, *pairs[-1]))
        found[key] = summary(*zip(*pairs, strict=True))
    for side in (old, new):
        shutil.rmtree(side.home / "copy", ignore_errors=True)
    return found


def other_packages(old: Side, new: Side) -> dict[str, list[str]]:
    """Packages of both environments in other versions: [old, new]; they may explain a ratio."""
    script = (
        "import json; from importlib.metadata import distributions\n"
        "print(json.dumps({d.name: d.version for d in distributions()}))"
    )
    theirs, mine = (json.loads(child(s, ["-c", script], s.root, s.cache)[1]) for s in (old, new))
    both = sorted(theirs.keys() & mine.keys())
    return {name: [theirs[name], mine[name]] for name in both if theirs[name] != mine[name]}


# --- the command --------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """Bad arguments are one sentence, as everywhere in Moat."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, without the usage."""
        raise Refused(f"{message}.")


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser = Parser(prog="against", description=__doc__,
                    formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("revision", help="any git revision")
    parser.add_argument("--json", action="store_true", help="print the raw figures")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=KEYS, default=list(KEYS), metavar="KEY",
                        help=f"one or more of {', '.join(KEYS)}")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("against.json"))
    parser.add_argument("--folder", type=Path, default=base / "moat-against",
                        help="where revisions and their environments are kept")  # fmt: skip
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        raise Refused(f"--rounds: {options.rounds} must be at least 1.")
    options.folder = options.folder.expanduser().resolve()
    if options.folder.is_relative_to(ROOT):
        raise Refused(f"--folder: {options.folder} lies inside the repository; choose another.")
    if not options.out.parent.is_dir() or options.out.is_dir():
        raise Refused(f"--out: {options.out} is not a file in a folder that exists.")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and keep; bad input is one sentence and exit code 2."""
    try:
        options = parsed(arguments)
        commit = commit_of(options.revision)
        old = checked_out(commit, options.folder)
        new = Side(sys.executable, ROOT, options.folder / commit / "new")
        raw = {
            "old": {"rev": options.revision, "commit": commit},
            "new": {"rev": "the present checkout", "commit": commit_of("HEAD"),
                    "changed": bool(git("status", "--porcelain"))},
            "machine": {"platform": platform.platform(), "python": platform.python_version(),
                        "cores": os.cpu_count()},
            "other packages": other_packages(old, new),
        }  # fmt: skip
        for name, versions in raw["other packages"].items():
            told("{}: old has {}, new has {}".format(name, *versions))
        raw["keys"] = measure(old, new, list(dict.fromkeys(options.only)), options.rounds)
    except Refused as refusal:
        print(f"against: {refusal}", file=sys.stderr)
        return 2
    text = json.dumps(raw, indent=1)
    options.out.write_text(text, encoding="utf-8")
    if options.json:
        print(text)
        return 0
    print(f"processor time, this checkout over {options.revision}   old s    new s    ratio")
    for key, row in raw["keys"].items():
        medians = (statistics.median(row[name]) for name in ("old", "new"))
        print("{:40} {:8.3f} {:8.3f} {ratio:8.3f} [{low:.3f}, {high:.3f}]".format(key, *medians, **row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
