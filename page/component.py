"""The page's one widget: single-file Vue components put together, and its messages.

One widget, so that a month reaches the browser in one message; several files, so
that each part can be read alone.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ipyvue
import traitlets

from experiments.report.palette import DARK, LIGHT

CLIENT = Path(__file__).parent / "client"
ROOT = "page"


def _sections(text: str) -> dict[str, str]:
    found = {}
    for tag in ("template", "script", "style"):
        match = re.search(rf"^<{tag}>\n(.*?)^</{tag}>", text, re.DOTALL | re.MULTILINE)
        found[tag] = match.group(1) if match else ""
    return found


def _variables(selector: str, colours: dict[str, str]) -> str:
    return selector + " {" + " ".join(f"--{k}: {v};" for k, v in colours.items()) + "}\n"


def assembled() -> str:
    """One Vue component of all: `page.vue` with the others as its parts, common.js before them."""
    parts = {path.stem: _sections(path.read_text("utf-8")) for path in sorted(CLIENT.glob("*.vue"))}
    root = parts.pop(ROOT)
    script = [(CLIENT / "common.js").read_text("utf-8"), "const parts = {};"]
    for name, part in parts.items():
        script.append(
            f"parts['moat-{name}'] = (() => {{ const module = {{exports: {{}}}};\n{part['script']}\n"
            f"module.exports.template = {json.dumps(part['template'])};\n"
            "return module.exports; })();"
        )
    script.append(root["script"])
    style = (
        _variables(":root", LIGHT)
        + _variables(":root[data-theme=dark]", DARK)
        + (CLIENT / "style.css").read_text("utf-8")
    )
    body = "\n".join(script)
    return (
        f"<template>\n{root['template']}</template>\n<script>\n{body}\n</script>\n"
        f"<style>\n{style}\n</style>\n"
    )


class PageWidget(ipyvue.VueTemplate):  # type: ignore[misc]
    """What the browser runs.

    Attributes
    ----------
    declared : dict
        `views.declarations()`, sent once.
    update : dict or None
        The latest answer; None while the market opens.
    failure : str
        Why there is no market, if there is none.
    """

    template = traitlets.Unicode(assembled()).tag(sync=True)
    declared = traitlets.Dict(default_value={}).tag(sync=True)
    update = traitlets.Any(default_value=None, allow_none=True).tag(sync=True)
    failure = traitlets.Unicode("").tag(sync=True)
    on_act = traitlets.Any(default_value=None, allow_none=True)

    def vue_act(self, data: Any) -> None:
        """Receive an action from the browser."""
        if self.on_act:
            self.on_act(data)
