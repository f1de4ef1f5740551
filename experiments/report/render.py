"""Pages from the templates beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import numpy as np

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=lambda name: name is not None and name.endswith(".html.j2"),
    undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def render(template: str, **known: Any) -> str:
    """Fill a template with what is known."""
    return TEMPLATES.get_template(template).render(known)


def shown(value: Any) -> str:
    """A cell of a table as a reader sees it."""
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.3g}"
    return str(value)


TEMPLATES.filters["shown"] = shown
