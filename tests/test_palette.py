"""The palette: text and marks have the contrast of WCAG 2.1 AA in light and dark; all are painted."""

from __future__ import annotations

import pytest

from agents import KINDS
from docs.source import ROOT
from experiments.report.palette import DARK, INSTITUTION_SHAPE, KIND_COLOURS, KIND_SHAPES, LIGHT
from page.views import declarations
from world.kinds import EDGE_KINDS, INSTITUTIONS, INVESTOR_KINDS

COLOURS = {"light": LIGHT, "dark": {**LIGHT, **DARK}}
TEXT = ("ink", "soft", "accent", "bad")
DRAWN = ("series-", "mark-", "fresh", "edge-stake", "edge-serves", "edge-lives")


def luminance(colour: str) -> float:
    """Relative luminance of a colour #rrggbb (WCAG 2.1)."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", COLOURS)
def test_text_has_contrast(theme: str) -> None:
    colours = COLOURS[theme]
    for ground in ("page", "card"):
        for ink in TEXT:
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


@pytest.mark.parametrize("theme", COLOURS)
def test_lines_and_marks_stand_out(theme: str) -> None:
    colours = COLOURS[theme]
    drawn = [name for name in colours if name.startswith(DRAWN)]
    assert len(drawn) > len(DRAWN)
    for name in drawn:
        assert contrast(colours[name], colours["card"]) >= 3.0, name


def test_every_kind_of_edge_has_a_colour() -> None:
    painted = {name.removeprefix("edge-") for name in LIGHT if name.startswith("edge-")}
    assert painted == set(EDGE_KINDS)


def test_every_kind_of_agent_has_a_look_that_its_shape_tells_alone() -> None:
    rest = set(KINDS) - set(INSTITUTIONS)
    assert set(KIND_SHAPES) == rest and set(KIND_COLOURS) == rest - set(INVESTOR_KINDS)
    looks = declarations()["kinds"]
    for shape in {*KIND_SHAPES.values(), INSTITUTION_SHAPE}:
        alike = {(look["group"], look["colour"]) for look in looks.values() if look["shape"] == shape}
        assert len(alike) == 1, shape


def test_the_page_can_draw_every_shape() -> None:
    drawing = (ROOT / "page" / "client" / "common.js").read_text(encoding="utf-8")
    named = {*KIND_SHAPES.values(), INSTITUTION_SHAPE} - {"cross"}  # which is what is left
    assert [shape for shape in sorted(named) if f"shape === '{shape}'" not in drawing] == []


def test_dark_names_nothing_that_light_does_not() -> None:
    assert set(DARK) <= set(LIGHT)
