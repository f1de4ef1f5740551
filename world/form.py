"""The form of a file, declared once with pydantic: its reader goes by it, and an editor can.

A form is a type. `table` makes one of its keys; the others are kinds of values, each with the
check that a reader makes and the JSON Schema that `moat schema` prints.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any, NotRequired

from pydantic import (
    ConfigDict,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    WrapValidator,
)
from typing_extensions import TypedDict  # pydantic's own, until Python 3.12

from world.faults import Faults, meant, shown

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LONGEST_NAME = 80  # characters
LONGEST_TEXT = 2000
MOST_LISTED = 8  # known names that a sentence lists
SHORT = 250  # characters of all known keys, to list them
MOST_HINTS = 20  # faults with a nearest known name


class Misfit(ValueError):
    """What is wrong with a value: faults, each as (where within the value, sentence).

    Where is None if the sentence itself says the place.
    """

    def __init__(self, *faults: tuple[str | None, str]) -> None:
        super().__init__(faults)
        self.faults = faults


# --- kinds of values ---------------------------------------------------------------------


def kind(check: Any, schema: dict[str, Any]) -> Any:
    """A kind of value: its check (which raises `Misfit`) and its JSON Schema."""
    return Annotated[Any, PlainValidator(check), WithJsonSchema(schema)]


def table(
    name: str, meaning: str, needed: Mapping[str, Any], optional: Mapping[str, Any] | None = None
) -> Any:
    """A table with these keys and no others."""
    fields = dict(needed) | {key: NotRequired[form] for key, form in (optional or {}).items()}
    typed: Any = TypedDict
    made = typed(name, fields)
    made.__doc__ = meaning
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    return made


def check_name(raw: Any) -> str:
    """A name that is safe wherever it may appear: 1 to 80 printable characters."""
    text = check_text(raw)
    if len(text) > LONGEST_NAME or not text.isprintable() or text != text.strip():
        raise Misfit(("", f"{shown(raw)} is not allowed; allowed are 1 to {LONGEST_NAME} printable "
                          "characters, no space at either end."))  # fmt: skip
    return text


def check_text(raw: Any) -> str:
    """A text that says something, of printable characters and line ends."""
    if not isinstance(raw, str) or not raw.strip():
        raise Misfit(("", f"{shown(raw)} must be a text in quotation marks."))
    return check_prose(raw)


def check_prose(raw: Any) -> str:
    """A text that may be empty, of printable characters and line ends."""
    if not isinstance(raw, str):
        raise Misfit(("", f"{shown(raw)} must be a text in quotation marks."))
    if len(raw) > LONGEST_TEXT or not all(c.isprintable() or c in "\n\t" for c in raw):
        raise Misfit(("", f"{shown(raw)} is not allowed; allowed are up to {LONGEST_TEXT} printable "
                          "characters."))  # fmt: skip
    return raw


NAME = kind(check_name, {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME})
TEXT = kind(check_text, {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT})
PROSE = kind(check_prose, {"type": "string", "maxLength": LONGEST_TEXT})


def check_word(raw: Any, allowed: Iterable[str]) -> str:
    """One of the allowed words."""
    allowed = list(allowed)
    if not isinstance(raw, str) or raw not in allowed:
        said = "is unknown" if isinstance(raw, str) else "must be a text in quotation marks"
        raise Misfit(("", f"{shown(raw)} {said}{meant(raw, allowed)}; allowed are {listed(allowed)}."))
    return raw


def word(allowed: Collection[str]) -> Any:
    """One of a few words."""
    return kind(lambda raw: check_word(raw, allowed), {"enum": list(allowed)})


def known(what: str) -> Any:
    """A name that the file itself gives, such as one of its governments."""
    return kind(
        lambda raw, info: check_word(raw, context(info)[what]),
        {"type": "string", "description": f"one of the file's {what}"},
    )


def or_null(form: Any) -> Any:
    """The same, or null where nobody knows."""

    def check(raw: Any, inner: Any) -> Any:
        return None if raw is None else inner(raw)

    return Annotated[form, WrapValidator(check), _OR_NULL]


class _OrNull:
    """Adds null to a JSON Schema."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [handler(core), {"type": "null"}]}


_OR_NULL = _OrNull()


def context(info: ValidationInfo) -> dict[str, Any]:
    """What the reader knows of the whole input before it checks the parts."""
    return info.context or {}


def listed(names: Collection[str]) -> str:
    """Say which names are allowed: the first few, and how many more."""
    first = ", ".join(list(names)[:MOST_LISTED]) or "none"
    more = len(names) - MOST_LISTED
    return f"{first} and {more} more" if more > 0 else first


# --- reading -----------------------------------------------------------------------------


def read_form(form: TypeAdapter[Any], raw: Any, faults: Faults, given: Mapping[str, Any]) -> Any:
    """Return the content in its form; note every fault with its place.

    Parameters
    ----------
    form : TypeAdapter
    raw : object
        As a YAML file holds it.
    faults : Faults
    given : mapping
        What `known` and other checks look up, such as the names of all governments.

    Returns
    -------
    object
        Of dictionaries and lists, or None if there was a fault.
    """
    try:
        return form.validate_python(raw, context=dict(given))
    except ValidationError as error:
        schema = form.json_schema()
        for one in error.errors(include_url=False):
            _note(one, schema, raw, faults)
        return None


def _note(one: Any, schema: dict[str, Any], raw: Any, faults: Faults) -> None:
    """Add a fault that pydantic found, in our words."""
    sort, at = one["type"], list(one["loc"])
    if sort == "value_error":
        at = at[:-2] if at and at[-1] == "[key]" else at
        for within, fault in one["ctx"]["error"].faults:
            where = [] if within is None else [_place(at, raw), within]
            faults.add(", ".join(part for part in where if part), fault)
        return
    if sort in ("invalid_key", "string_type"):
        at = at[:-2] if at[-1] == "[key]" else at[:-1]
        fault = f"key {shown(one['input'])} must be a text in quotation marks."
    elif sort in ("missing", "extra_forbidden"):
        key = str(at.pop())
        keys = list(_part(schema, at).get("properties", {}))
        hint = meant(key, keys) if len(faults) < MOST_HINTS else ""
        few = sum(map(len, keys)) < SHORT
        allowed = "" if hint else f"; allowed are {', '.join(keys) if few else listed(keys)}"
        fault = (f"{shown(key)} is missing." if sort == "missing"
                 else f"{shown(key)} is unknown{hint}{allowed}.")  # fmt: skip
    elif sort == "list_type":
        fault = f"{shown(one['input'])} must be a list."
    else:
        keys = list(_part(schema, at).get("properties", {}))
        fault = f"{shown(one['input'])} must be a mapping"
        fault += f" with the keys {listed(keys)}." if keys else " of names."
    faults.add(_place(at, raw), fault)


def _place(at: list[Any], raw: Any) -> str:
    """Say a place in words: an entry of a list by its number, and by its name if it has one."""
    words = []
    for step in at:
        try:
            raw = raw[step]
        except (LookupError, TypeError):
            raw = None
        if isinstance(step, int):
            name = raw.get("name", raw.get("developer")) if isinstance(raw, dict) else None
            words.append(f"entry {step + 1}")
            words += [_short(name)] if isinstance(name, str) and name else []
        else:
            words.append(_short(str(step)))
    return ", ".join(words)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME and name.isprintable() else shown(name)


def _part(schema: dict[str, Any], at: list[Any]) -> dict[str, Any]:
    """The JSON Schema of a part of the form."""
    part = schema
    for step in [None, *at]:
        if isinstance(step, int):
            part = part.get("items", {})
        elif step is not None:
            part = part.get("properties", {}).get(step) or part.get("additionalProperties") or {}
        part = part["anyOf"][0] if "anyOf" in part else part  # or null
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    return part


def schema_of(form: TypeAdapter[Any]) -> dict[str, Any]:
    """The JSON Schema (Draft 2020-12) of a form, for editors."""
    return {"$schema": DIALECT} | form.json_schema()
