"""Scenarios and parameters: what is read, what is refused, and in which words."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
import yaml

from model import Ensemble, InputError, Market, Scenario
from model.scenario import DEFAULTS, shipped
from tests.markets import village
from world.parameters import BY_NAME, PARAMETERS


def refused(call) -> str:
    """The one sentence with which something is refused."""
    with pytest.raises(InputError) as caught:
        call()
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence, sentence
    return sentence


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_differ_in_reasoned_parameters_only(name: str) -> None:
    scenario = Scenario.load(name)
    assert scenario.name == name and scenario.world == "2025" and scenario.summary
    changed = scenario.changed_parameters()
    assert (changed == {}) == (name == "baseline")
    assert all(scenario.reasons.get(parameter) for parameter in changed)


@pytest.mark.parametrize("name", shipped())
def test_a_scenario_survives_its_file(name: str, tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(Scenario.load(name).to_yaml(), encoding="utf-8")
    again = Scenario.load(path)
    assert dict(again.parameters) == dict(Scenario.load(name).parameters)
    assert again.reasons == Scenario.load(name).reasons
    copy = pickle.loads(pickle.dumps(again))
    assert dict(copy.parameters) == dict(again.parameters) and copy.name == again.name


def test_a_change_makes_another_scenario() -> None:
    usual = Scenario()
    other = usual.with_(quorum=0.9, lever_growth_target=1)
    assert (other.parameters["quorum"], other.parameters["growth_target"]) == (0.9, 1.0)
    assert dict(usual.parameters) == dict(DEFAULTS)
    with pytest.raises(TypeError):
        usual.parameters["quorum"] = 0.1  # type: ignore[index]


def test_no_rule_reads_a_scenarios_name() -> None:
    one, other = (
        Market(Scenario(name=name), seed=1, graph=village()).run_until("2025-06")
        for name in ("baseline", "imitation")
    )
    assert one.frame().equals(other.frame())


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda p: p.name)
def test_every_parameter_refuses_what_it_cannot_be(parameter) -> None:
    name = parameter.name
    assert BY_NAME[name].check(parameter.default, "x") == parameter.default
    for end in (parameter.low, parameter.high):
        assert Scenario().with_(**{name: end}).parameters[name] == end
    below, above = (math.nextafter(end, way) for end, way in
                    ((parameter.low, -math.inf), (parameter.high, math.inf)))  # fmt: skip
    for value in (below, above, math.nan, math.inf, -math.inf, "0.5", None, True, [1], 1 + 0j):
        said = refused(lambda value=value: Scenario().with_(**{name: value}))
        assert name in said and "scenario 'baseline'" in said
        assert f"{parameter.low:g} to {parameter.high:g}" in said


FILES = {
    "unknown key": ("name: x\nparametres: {}\n", "'parametres' is unknown (did you mean"),
    "unknown parameter": ("parameters: {discont: 0.1}\n", "'discont' is unknown (did you mean"),
    "out of range": ("parameters: {discount: 9}\n", "discount = 9 is out of range"),
    "text": ("parameters: {discount: much}\n", "discount must be a number"),
    "truth value": ("parameters: {discount: yes}\n", "discount must be a number"),
    "not a number": ("parameters: {discount: .nan}\n", "discount = nan is out of range"),
    "infinite": ("parameters: {discount: .inf}\n", "discount = inf is out of range"),
    "empty value": ("parameters: {discount: }\n", "discount must be a number"),
    "list of parameters": ("parameters: [1]\n", "parameters: [1] must be a mapping with"),
    "unknown part": ("parameters: {discount: {value: 0.1, why: x}}\n", "discount: allowed are"),
    "no value": ("parameters: {discount: {reason: x}}\n", "discount: allowed are"),
    "a list": ("- 1\n", "must be a mapping with the keys name, world, summary, parameters."),
    "nothing": ("", "must be a mapping with the keys name, world, summary, parameters."),
    "truncated": ("name: x\nparameters: {discount: [0.1", "not valid YAML at line"),
    "tabs": ("name: x\n\tparameters: {}\n", "not valid YAML at line 2"),
    "a parameter twice": (
        "parameters:\n  discount: 0.1\n  quorum: 0.5\n  discount: 0.2\n",
        "mine.yaml: line 2: key 'discount' appears 2 times; once is allowed.",
    ),
    "an object": ("name: !!python/object:os.system {}\n", "not valid YAML"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused_in_one_sentence(case: str, tmp_path) -> None:
    text, said = FILES[case]
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    sentence = refused(lambda: Scenario.load(path))
    assert said in sentence and "mine.yaml" in sentence


def test_every_beginning_of_a_file_is_read_or_refused(tmp_path) -> None:
    """A truncated file never ends in anything but a scenario or one sentence."""
    text = Scenario.load("imitation").to_yaml()
    path = tmp_path / "cut.yaml"
    wrong = 0
    for end in range(0, len(text), 7):
        path.write_text(text[:end], encoding="utf-8")
        try:
            assert set(Scenario.load(path).parameters) == set(DEFAULTS)
        except InputError as error:
            wrong += 1
            assert "cut.yaml" in str(error) and "\n" not in str(error)
    assert wrong > 5


def test_files_that_are_not_there_or_not_text(tmp_path) -> None:
    assert "cannot be read" in refused(lambda: Scenario.load(tmp_path / "none.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x80")
    assert "not valid YAML" in refused(lambda: Scenario.load(tmp_path / "bytes.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    assert "cannot be read" in refused(lambda: Scenario.load(tmp_path / "folder.yaml"))
    assert "allowed are" in refused(lambda: Scenario.load("nothing"))
    assert "did you mean 'imitation'" in refused(lambda: Scenario.load("imitaton"))


def test_a_world_that_is_not_there_is_refused(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"name": "x", "world": "1999"}), encoding="utf-8")
    assert "'1999'" in refused(lambda: Market(Scenario.load(path)))


def test_the_constructor_checks_like_with_() -> None:
    bad = {"discount": math.nan, "ticket": -60, "quorum": "6", "hurdl": 1}
    said = refused(lambda: Scenario(parameters=bad))
    assert said.startswith("scenario 'baseline': 4 faults.")
    assert all(part in said for part in (
        "discount = nan is out of range", "ticket = -60 is out of range", "quorum must be a number",
        "'hurdl' is unknown (did you mean 'hurdle'?)"))  # fmt: skip
    said = refused(lambda: Scenario(3, 2025, None, 5, {"discont": "why"}))
    assert all(part in said for part in ("name: 3", "world: 2025", "summary: None", "parameters: 5",
                                         "did you mean 'discount'"))  # fmt: skip
    assert dict(Scenario(parameters={"quorum": 0.9}).parameters) == {**DEFAULTS, "quorum": 0.9}


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", ".hidden", "a\n", "a\0", "x" * 81, "\u202ex",
                                  " x", "\U0001f600" * 60])  # fmt: skip
def test_a_name_may_stand_in_a_files_name(name: str) -> None:
    assert "name" in refused(lambda: Scenario(name))
    assert "name" in refused(lambda: Scenario.from_content({"name": name}, "mine.yaml"))


@pytest.mark.parametrize("name", ["cost $_$", "=cmd()", "<b>", "H1: 50 %", "\u6a21\u4eff"])
def test_a_name_may_be_code_elsewhere(name: str) -> None:
    assert Scenario(name).name == name


@pytest.mark.parametrize(
    "value", [np.int64(1), np.float32(1), np.array(1.0), np.int8(1), Fraction(1), 1], ids=repr
)
def test_numbers_are_numbers(value) -> None:
    changed = Scenario().with_(elasticity_outer=1.5, quorum=value, release_month=value)
    assert (changed.parameters["quorum"], changed.parameters["release_month"]) == (1.0, 1.0)
    assert type(changed.parameters["quorum"]) is float


@pytest.mark.parametrize(
    "value",
    [np.bool_(True), np.array([1.0]), np.complex64(1), 10**400, Fraction(7)],
    ids=["truth", "list", "complex", "endless", "far"],
)
def test_other_things_are_no_numbers(value) -> None:
    assert "quorum" in refused(lambda: Scenario().with_(quorum=value))


def test_whole_numbers_are_declared_and_checked_as_such() -> None:
    assert [p.name for p in PARAMETERS if p.whole] == ["release_month"]
    said = refused(lambda: Scenario().with_(release_month=-0.9))
    assert "release_month = -0.9 is out of range; allowed is a whole number from -1 to 60" in said


def test_a_parameter_is_given_once() -> None:
    both = {"ip_floor": 0.2, "lever_ip_floor": 0.3}
    for call in (lambda: Scenario().with_(**both), lambda: Scenario(parameters=both),
                 lambda: Scenario.from_content({"parameters": both}, "x")):  # fmt: skip
        assert "'lever_ip_floor' and 'ip_floor' are one parameter" in refused(call)
    assert "did you mean 'discount'" in refused(lambda: Scenario().with_(lever_discount=0.1))


def test_a_reason_goes_with_its_value() -> None:
    imitation = Scenario.load("imitation")
    assert "talent" not in imitation.with_(talent=2).reasons
    assert imitation.with_(talent=1).reasons == imitation.reasons
    assert imitation.with_(quorum=0.9).reasons == imitation.reasons
    other = imitation.with_(talent={"value": 2, "reason": "because"})
    assert (other.parameters["talent"], other.reasons["talent"]) == (2.0, "because")


def test_equal_scenarios_hash_equal() -> None:
    one, other = Scenario().with_(quorum=0.9), Scenario(parameters={"quorum": np.float64(0.9)})
    assert one == other and len({one, other, Scenario()}) == 2


def test_every_scenario_is_read_as_it_was_written(tmp_path) -> None:
    path = tmp_path / "x.yaml"
    for one in (
        Scenario("5e8", "2023-01", "no", {"discount": 0.1}, {"discount": "010", "quorum": "1:30"}),
        Scenario("yes", "synthetic random 20", "a: b\n# c", {"release_month": -1}),
        Scenario.load("imitation").with_(discount=0.1 + 0.2 / 3),
    ):
        path.write_text(one.to_yaml(), encoding="utf-8")
        assert Scenario.load(path) == one


def test_a_world_file_is_sought_from_the_scenarios_folder(tmp_path, monkeypatch) -> None:
    (tmp_path / "study").mkdir()
    path = tmp_path / "study" / "s.yaml"
    path.write_text("name: x\nworld: w.yaml\n", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "study"):
        monkeypatch.chdir(folder)
        scenario = Scenario.load(path.relative_to(folder))
        assert scenario.world == str(tmp_path / "study" / "w.yaml")
        assert pickle.loads(pickle.dumps(scenario)) == scenario
    path.write_text("world: 2025\n", encoding="utf-8")
    assert Scenario.load(path).world == "2025"
    assert Scenario(world="w.yaml").world == str(tmp_path / "study" / "w.yaml")
    assert [Scenario(world=w).world for w in ("2024-01", "1999", "synthetic random 20")] == [
        "2024-01", "1999", "synthetic random 20"]  # fmt: skip


def test_all_faults_of_a_file_in_one_answer(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("nam: x\nsummary: 1\nparameters:\n  discount: {value: 9, reason: x}\n"
                    "  quorum: {why: x}\n  discont: 0.1\n")  # fmt: skip
    said = refused(lambda: Scenario.load(path))
    assert said.startswith("mine.yaml: 5 faults.")
    for part in ("'nam' is unknown (did you mean 'name'?)", "summary: 1 must be a text",
                 "discount = 9 is out of", "parameters, quorum: allowed are a number",
                 "'discont' is unknown (did you mean 'discount'?)"):  # fmt: skip
        assert part in said


def test_bad_ensembles_are_refused() -> None:
    assert "at least one seed" in refused(lambda: Ensemble(Scenario(), []))
    assert "every = 0" in refused(lambda: Ensemble(Scenario(), [1], every=0))
    for until in ("2024-12", "2030", "soon", "9999-01"):
        assert until in refused(lambda until=until: Ensemble(Scenario(), [1], until=until).run())
    for seed in (-1, 0.5, "one", None):
        said = refused(lambda seed=seed: Ensemble(Scenario(), [seed]))
        assert "seed" in said and repr(seed) in said
        assert repr(seed) in refused(lambda seed=seed: Market(Scenario(), seed=seed))


@pytest.mark.parametrize("world", ["9" * 400, f"{'w' * 400}.yaml", "/".join(["w" * 200] * 8)])
def test_a_world_that_can_be_no_file_is_one_short_sentence(world: str) -> None:
    sentence = refused(lambda: Market(Scenario(world=world), seed=1))
    assert "nor a file" in sentence and len(sentence) <= 800
