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
    "customers": SKY,
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
    "customers": "star",
    "government": "pentagon",
    "hostile_actor": "cross",
}
INSTITUTION_SHAPE = "hexagon"

# What the page paints with, by CSS variable; DARK names only what differs from LIGHT.
LIGHT = {
    "page": "#f7f6f3", "card": "#ffffff", "ink": "#1d1d1b", "soft": "#5b5a56", "line": "#dedcd6",
    "accent": "#005f96", "on-accent": "#ffffff", "bad": "#a33b00", "series-0": BLUE,
    "series-1": VERMILLION, "series-2": GREEN, "fan": GREY,
    **{f"regime-{k}": colour for k, colour in enumerate(PALETTE)},  # as in the report
    "mark-0": BLUE, "mark-1": VERMILLION, "mark-2": "#b37a00", "mark-3": "#c0392b",
    "mark-4": "#6b6b6b", "mark-5": "#b8578c", "mark-6": "#00805d",
    "mark-7": "#3d7fb0", "mark-8": "#8a6d3b", "edge-stake": "#b87f00",
    "edge-watches": GREY, "edge-syndicate": SKY, "edge-observes": VERMILLION,
    "edge-located": PURPLE, "edge-buys": BLUE, "edge-sells": GREEN,
    "edge-serves": "#8a6d3b", "edge-lives": "#b8578c",
    "edge-targets": "#555555", "edge-controls": PURPLE, "fresh": VERMILLION,
    "shade": "rgba(0, 0, 0, .05)",
}  # fmt: skip
DARK = {
    "page": "#121316", "card": "#1a1c20", "ink": "#ececea", "soft": "#a8a8a3", "line": "#34363c",
    "accent": "#6cc0f0", "on-accent": "#10222e", "bad": "#ff9a66", "series-0": "#4fb2ec",
    "series-1": "#f08a3c", "series-2": "#2fc79b", "regime-0": "#4fb2ec", "regime-1": "#f08a3c",
    "regime-2": "#2fc79b", "regime-3": "#e096c0", "regime-4": "#e6b84a",
    "mark-0": "#4fb2ec", "mark-1": "#f08a3c",
    "mark-2": "#e6b84a", "mark-3": "#ef6f61", "mark-4": "#a3a3a3", "mark-5": "#e096c0",
    "mark-6": "#2fc79b", "mark-7": "#9ad7f8", "mark-8": "#c9a877",
    "edge-stake": "#e6b84a", "edge-serves": "#c9a877", "edge-lives": "#e096c0",
    "edge-targets": "#aaaaaa", "fresh": "#ff9a4d",
    "shade": "rgba(255, 255, 255, .05)",
}  # fmt: skip
