"""`moat schema`: what the reader accepts, the schema accepts; what it refuses by form, it refuses."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from experiments.cli.main import moat
from model.scenario import FOLDER as SCENARIOS
from model.scenario import shipped
from world.files.read import FOLDER as WORLDS
from world.files.read import shipped_worlds
from world.form import DIALECT
from world.parameters import PARAMETERS
from world.yaml_file import read_yaml


def validator(file: str) -> Any:
    printed = CliRunner().invoke(moat, ["schema", file])
    assert printed.exit_code == 0
    schema = json.loads(printed.output)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    return jsonschema.Draft202012Validator(schema)


def as_json(content: Any) -> Any:
    """As an editor sees a YAML file: days are texts."""
    if isinstance(content, dict):
        return {key: as_json(value) for key, value in content.items()}
    if isinstance(content, list):
        return [as_json(value) for value in content]
    return content.isoformat() if isinstance(content, datetime.date) else content


@pytest.mark.parametrize("name", shipped_worlds())
def test_it_accepts_every_shipped_world(name: str) -> None:
    validator("world").validate(as_json(read_yaml(WORLDS / f"{name}.yaml")))


@pytest.mark.parametrize("name", shipped())
def test_it_accepts_every_shipped_scenario(name: str) -> None:
    validator("scenario").validate(read_yaml(SCENARIOS / f"{name}.yaml"))


@pytest.mark.parametrize(
    ("figure", "good"),
    [
        ([1, "estimate", "x"], True),
        ([1, "estimate", "x", 0, 2], True),
        ([1, "estimate", "x", 0], False),
        ([1, "guess", "x"], False),
        ([1, "estimate", ""], False),
        ([-1, "estimate", "x"], False),
        ([1, "estimate", "x", -1, 2], False),
        (["1", "estimate", "x"], False),
        (1, False),
    ],
)
def test_it_knows_figures(figure: Any, good: bool) -> None:
    world = copy.deepcopy(as_json(read_yaml(WORLDS / "2025-01.yaml")))
    world["developers"][0]["cash"] = figure
    assert validator("world").is_valid(world) == good


def test_it_knows_keys_and_parameters() -> None:
    world = as_json(read_yaml(WORLDS / "2025-01.yaml"))
    world["developers"][0]["cahs"] = world["developers"][0].pop("cash")
    assert len(list(validator("world").iter_errors(world))) == 2
    scenario = validator("scenario")
    assert scenario.is_valid({"world": 2025, "parameters": None})
    for parameter in PARAMETERS:
        for value, good in ((parameter.default, True), (parameter.high + 1, False), ("x", False)):
            content = {"parameters": {parameter.name: value}}
            full = {"parameters": {parameter.name: {"value": value, "reason": "x"}}}
            assert scenario.is_valid(content) == scenario.is_valid(full) == good, parameter.name
    assert not scenario.is_valid({"parameters": {"release_month": 0.5}})
    assert not scenario.is_valid({"parameters": {"discont": 0.1}})


def test_it_says_what_histories_draw() -> None:
    parts = validator("world").schema["$defs"]
    said = {(name, key): value["description"] for name, part in parts.items()
            for key, value in part["properties"].items() if "prefixItems" in value}  # fmt: skip
    drawn = {name for name, text in said.items() if text.endswith("drawn by each history")}
    assert drawn == {
        ("Developer", "capability"), ("Developer", "researchers"), ("Developer", "cash"),
        ("Developer", "revenue"), ("Run", "target"), ("Investor", "allowance"),
        ("Market", "other_demand"), ("Supplier", "capacity"),
    }  # fmt: skip
    assert said["Developer", "revenue"].count("[USD/year]") == 1
