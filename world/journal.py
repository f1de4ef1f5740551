"""The causal log: what happened, in plain sentences.

Rules `tell` an event with at most two figures; sentences are made only when
somebody reads the story, so that both engines keep the same journal at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import NamedTuple

from world.compiled import part
from world.errors import InputError
from world.state import JOURNAL

SCALES = ((1e12, " tn"), (1e9, " bn"), (1e6, " M"), (1e3, " k"))


class Told(float):
    """A number in a sentence; `money` writes it as a sum, e.g. ``$32.9 bn``."""

    def __format__(self, form: str) -> str:
        if form != "money":
            return super().__format__(form)
        for scale, name in SCALES:
            if abs(self) >= 0.9995 * scale:
                return f"${self / scale:.3g}{name}"
        return f"${float(self):.3g}"


class Event(NamedTuple):
    """A kind of event: name, the sentence it becomes, and what it numbers.

    `numbers` says where not an account or a figure stands but the number of a ``parameter``
    (`world.parameters`) or of a kind of ``edge`` (of the rulebook).
    """

    name: str
    sentence: str
    numbers: Mapping[str, str] = MappingProxyType({})

    def told(self, actor: str, other: str, value: float, detail: float | str) -> str:
        """The sentence about two names and two figures, or a figure and a name."""
        said = detail if isinstance(detail, str) else Told(detail)
        return self.sentence.format(actor=actor, other=other, value=Told(value), detail=said)


# {actor}, {other}: names; {value}, {detail}: figures.
EVENTS = [
    Event("frontier_release", "{actor} released a new frontier model of {value:.2f} OOM that "
          "cost {detail:money} to train."),
    Event("release", "{actor} released a model of {value:.2f} OOM that cost {detail:money} "
          "to train."),
    Event("copy_release", "{actor} released a copy of {other}'s model: {value:.2f} OOM for "
          "{detail:money}."),
    Event("matched", "{actor} matched {other}'s frontier model after {value:.0f} months "
          "(degree {detail:.2f})."),
    Event("surprise", "{actor}'s release was {value:.2f} OOM cheaper than the market had "
          "learned to expect; attention rose."),
    Event("belief_up", "{actor} raised the imitation hazard it believes in from {value:.2f} to "
          "{detail:.2f} a year, after news of {other}."),
    Event("belief_reading", "{actor} moved its belief that cheap releases are imitation from "
          "{value:.2f} to {detail:.2f}, after news of {other}."),
    Event("round_closed", "{actor} raised {value:money} at {detail:money} before the money; "
          "{other} led the round."),
    Event("round_shrunk", "{actor} raised only {value:money} of the {detail:money} it "
          "sought; {other} led the round."),
    Event("round_failed", "{actor} sought {value:money} and failed: commitments reached "
          "{detail:.0%} of the quorum; {other}, its largest holder of dry powder, gave too little."),
    Event("run_started", "{actor} started a leading run of {value:money}, aiming at "
          "{detail:.2f} OOM."),
    Event("copy_started", "{actor} began to copy {other}'s model for {value:money}, aiming at "
          "{detail:.2f} OOM."),
    Event("weights_closed", "{actor} closed its weights: the rent of a model of {value:.2f} OOM "
          "is worth more than what complements earn."),
    Event("weights_opened", "{actor} opened the weights of a model of {value:.2f} OOM."),
    Event("traces_hidden", "{actor} began to hide its reasoning traces, expecting a copy "
          "{value:.2f} times a year."),
    Event("traces_shown", "{actor} shows its reasoning traces again."),
    Event("exit", "{actor} ran out of cash and left the market; {value:money} went to its "
          "creditors, and staff went to {other}."),
    Event("entry", "{actor} entered the market with {value:money} from {other}."),
    Event("public_research", "{actor} set public AI research at {value:money} a year (frontier "
          "growth {detail:.2f} OOM a year)."),
    Event("ip_strength", "{actor} moved its protection of models against copying to {value:.2f} "
          "(rent losses {detail:.2f})."),
    Event("export_control", "{actor} tightened export control on {other} to {value:.2f} (gap "
          "{detail:.2f} OOM)."),
    Event("export_relaxed", "{actor} relaxed export control on {other} to {value:.2f} (gap "
          "{detail:.2f} OOM)."),
    Event("safety_rules", "{actor} set the strictness of its safety rules at {value:.2f} "
          "(incidents {detail:.1f} a year)."),
    Event("hostile_open", "{actor} took open weights of {value:.2f} OOM."),
    Event("hostile_distilled", "{actor} finished distilling a model of {value:.2f} OOM."),
    Event("hostile_theft", "{actor} stole the weights of {other}: {value:.2f} OOM."),
    Event("incident", "{actor} caused {value:.0f} incident(s) with a model of {detail:.2f} OOM."),
    Event("accident", "A model of {actor} caused an accident: capability {value:.2f} OOM, "
          "alignment {detail:.2f} OOM."),
    Event("intervention", "By hand: {other} {value:g} -> {detail:g}.", {"other": "parameter"}),
    Event("intervention", "By hand: the {detail} edge from {actor} to {other} was cut.",
          {"detail": "edge"}),
    Event("intervention", "By hand: {actor} was merged into {other} ({value:money})."),
    Event("intervention", "By hand: {actor} was bailed out with {value:money}."),
    Event("intervention", "By hand: the weights of {actor} were opened ({value:.2f} OOM)."),
]
(
    FRONTIER_RELEASE, RELEASE, COPY_RELEASE, MATCHED, SURPRISE, BELIEF_UP, BELIEF_READING,
    ROUND_CLOSED, ROUND_SHRUNK, ROUND_FAILED, RUN_STARTED, COPY_STARTED, WEIGHTS_CLOSED,
    WEIGHTS_OPENED, TRACES_HIDDEN, TRACES_SHOWN, EXIT, ENTRY_EVENT, PUBLIC_RESEARCH,
    IP_STRENGTH, EXPORT_CONTROL, EXPORT_RELAXED, SAFETY_RULES, HOSTILE_OPEN, HOSTILE_DISTILLED,
    HOSTILE_THEFT, INCIDENT, ACCIDENT_EVENT, MOVED, CUT, MERGED, BAILED_OUT, OPENED,
) = range(len(EVENTS))  # fmt: skip


SAID = ("actor", "other", "value", "detail")


def event(name: str, sentence: str) -> int:
    """Declare a further kind of event and return its number, for `tell`.

    Its sentence may name {actor}, {other}, {value} and {detail}.

    Raises
    ------
    InputError
        It names something else.
    """
    declared = Event(name, sentence)
    for _, named, _, _ in Formatter().parse(sentence):
        if named not in (None, *SAID):
            raise InputError(
                f"event {name!r}: {{{named}}} is unknown; a sentence may name "
                f"{', '.join(f'{{{word}}}' for word in SAID)}."
            )
    if declared not in EVENTS:  # a module may be read again
        EVENTS.append(declared)
    return EVENTS.index(declared)


@part
def tell(market, kind, actor, other, value, detail):
    """Write an event into the journal; the oldest are overwritten when it is full."""
    industry = market.industry
    event = market.events[industry.told % JOURNAL]
    event.month = industry.month
    event.kind = kind
    event.actor = actor
    event.other = other
    event.value = value
    event.detail = detail
    industry.told += 1
