"""Colours and shapes: one palette for the report and the page.

Hues of Okabe and Ito (2008), which the colour-blind tell apart; kinds that share
a hue differ in shape, so that colour never carries a meaning alone.
"""

from __future__ import annotations

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = PALETTE
GREY = "#8a8a8a"
INK = "#808080"

KIND_COLOURS = {
    "frontier_lab": BLUE,
    "imitator": VERMILLION,
    "public_lab": GREEN,
    "government": PURPLE,
    "hostile_actor": GREY,
}
INVESTOR_COLOUR = ORANGE
INSTITUTION_COLOUR = SKY

# Shapes of nodes by kind; kinds that are not named are institutions.
KIND_SHAPES = {
    "frontier_lab": "circle",
    "imitator": "diamond",
    "public_lab": "square",
    "venture_fund": "triangle",
    "crossover_fund": "triangle",
    "sovereign_fund": "triangle",
    "cloud": "triangle_down",
    "chip_maker": "triangle_down",
    "corporate": "triangle_down",
    "government": "pentagon",
    "hostile_actor": "cross",
}
INSTITUTION_SHAPE = "hexagon"
