"""The four flows of the officer's page.

Each fills in a form (``forms.py``), calls the plain core, leaves pages to read and ends in a state
whose message is a sentence: a failure that is foreseen is told, never raised. The last line of the
log is the address of the page to read.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.states import Completed, Failed, State
from pydantic import ValidationError

from flows import loading
from flows.desk import artifacts, standing, summaries, tables, telling
from flows.desk.choices import places, runner
from flows.desk.forms import REFUSE, WARNED, Build, CheckSources, Form, Publish, Rebuild
from flows.desk.words import day

log = logging.getLogger("evidence")
FAILED = "failed-checks.json"
F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Ending:
    """How a run ended: a sentence, and the address of the page that tells more."""

    message: str
    address: str
    good: bool = True
    name: str | None = None


def _build_name() -> str:
    return f"Build {_place()}, {_today()}"


def _publish_name() -> str:
    decision = "Refuse" if _given("decision") == REFUSE else "Publish"
    return f"{decision} draft {_given('draft', '')}".strip()


def _check_name() -> str:
    return f"Check sources of {_place()}, {_today()}"


def _rebuild_name() -> str:
    return f"Rebuild {_given('release', 'a release')}"


@flow(name="build a draft", flow_run_name=_build_name, validate_parameters=False)
def build_draft(settings: Build) -> State:
    """Pull what is new, build and check a release, and keep it as a draft to sign off."""
    return _run(Build, settings, _build)


@flow(name="publish a draft", flow_run_name=_publish_name, validate_parameters=False)
def publish_draft(settings: Publish) -> State:
    """Publish a draft, or refuse it, in the name of a person."""
    return _run(Publish, settings, _decide)


@flow(name="check sources", flow_run_name=_check_name, validate_parameters=False)
def check_sources(settings: CheckSources) -> State:
    """Look how fresh every source is, and tell of those that are late or failing."""
    return _run(CheckSources, settings, _check)


@flow(name="rebuild a release", flow_run_name=_rebuild_name, validate_parameters=False)
def rebuild_release(settings: Rebuild) -> State:
    """Make a past release again from what was kept, and hold it against what was published."""
    return _run(Rebuild, settings, _rebuild)


def _run(form: type[F], given: Any, work: Callable[[F], Ending]) -> State:
    """The work on a form, as the state that it ends in."""
    telling.begin()
    loading.collect_seldom()
    try:
        telling.sign_in()
        ending = work(form.model_validate(given))
    except Exception as why:
        ending = _failure(why)
    log.log(logging.INFO if ending.good else logging.ERROR, "%s", ending.message)
    log.info("Read more: %s", ending.address)
    state = Completed if ending.good else Failed
    return state(message=ending.message, **({"name": ending.name} if ending.name else {}))


def _build(asked: Build) -> Ending:
    from flows import drafts, evidence
    from flows.requested import Request

    hold = "when warned" if asked.sign_off == WARNED else "always"
    wanted = asked.model_dump(exclude={"sign_off", "data"})
    where = {"data": str(asked.folder), "runner": runner()}
    outcome = evidence.refreshed(Request(**wanted, **where, hold=hold))
    draft = drafts.read(asked.folder, outcome.draft) if outcome.draft else None
    sources = standing.sources(asked.place, asked.folder, asked.themes)
    artifacts.table(artifacts.SOURCES, tables.source_rows(sources), "How each source stands")
    results = draft.files / "quality" / "expectations.json" if draft else asked.folder / FAILED
    if draft or outcome.state == "checks failed":
        rows = tables.expectations(results)
        artifacts.table(artifacts.EXPECTATIONS, rows, "What was checked, what is broken first")
    if draft:
        rows = tables.outputs(draft.files)
        artifacts.table(artifacts.OUTPUTS, rows, "What was made, and where it lies")
    text = summaries.built(outcome, draft, sources, asked.folder, standing.bare(asked.place))
    key = artifacts.WRONG if outcome.code else artifacts.SUMMARY
    address = artifacts.page(key, text, "What went wrong" if outcome.code else "Summary")
    message = summaries.verdict(outcome)
    if outcome.state == "held":
        about, place = f"evidence.draft.{outcome.draft}", standing.name_of(asked.place)
        label = f"Draft {outcome.draft} of {place}"
        told = {"number": outcome.draft, "place": place, "warnings": len(outcome.warnings)}
        artifacts.announce(artifacts.HELD, about, label, sentence=message, page=address, **told)
    if outcome.code and outcome.faults:
        message = f"{message} {summaries.first(outcome.faults)}"
    return Ending(message, address, good=not outcome.code)


def _decide(asked: Publish) -> Ending:
    from flows import signing

    decide = signing.refuse if asked.decision == REFUSE else signing.publish
    draft = decide(asked.folder, asked.draft, asked.approver.strip(), asked.note.strip())
    text = summaries.decided(draft, asked.folder, standing.bare(draft.place))
    artifacts.table(artifacts.OUTPUTS, tables.outputs(draft.files), "Where it lies")
    address = artifacts.page(artifacts.SUMMARY, text, "Summary")
    return Ending(summaries.decision(draft), address)


def _check(asked: CheckSources) -> Ending:
    sources, place = standing.sources(asked.place, asked.folder), standing.name_of(asked.place)
    odd: list[str] = []
    if asked.live:
        from flows import report

        odd = report.asked_live(asked.place, asked.folder)[1]
    for source in filter(summaries.needs_telling, sources):
        about, sentence = f"evidence.source.{source['id']}", summaries.source_told(source)
        told = {"sentence": sentence, "state": source["state"], "place": place}
        artifacts.announce(artifacts.LATE, about, source["label"], **told)
        log.warning("%s", sentence)
    artifacts.table(artifacts.SOURCES, tables.source_rows(sources), "How each source stands")
    text = summaries.checked(sources, odd, place)
    address = artifacts.page(artifacts.SUMMARY, text, "Summary")
    return Ending(summaries.sources_told(sources, odd), address)


def _rebuild(asked: Rebuild) -> Ending:
    from flows import rebuilding

    made = rebuilding.rebuild(asked.folder, asked.release)
    given = (asked.release, made.equal, made.folder, made.differs, made.sentences)
    address = artifacts.page(artifacts.SUMMARY, summaries.rebuilt(*given), "Summary")
    name = None if made.equal else "Differs"
    return Ending(summaries.equality(asked.release, made.equal), address, name=name)


def _failure(why: Exception) -> Ending:
    """What is said of a failure; what was not foreseen goes with all that a mender needs."""
    from flows import failures

    sentences, trace = failures.foreseen(why), ""
    if isinstance(why, ValidationError):
        sentences = [_misfit(fault) for fault in why.errors()]
    if sentences is None:
        sentences = [f"Something happened that was not foreseen ({type(why).__name__}: {why})."]
        trace = "".join(traceback.format_exception(why))
    text = summaries.wrong(sentences, unforeseen=trace)
    address = artifacts.page(artifacts.WRONG, text, "What went wrong")
    return Ending(summaries.first(sentences), address, good=False)


def _misfit(fault: Any) -> str:
    """What a form does not allow, with the title of the field."""
    told = str(fault["msg"]).removeprefix("Value error, ")
    where = ".".join(map(str, fault["loc"]))
    return f"The form, {where}: {told}" if where else told


def _given(name: str, otherwise: str = "") -> Any:
    """What was filled in, before it is checked: a name of a run must not fail."""
    from prefect.runtime import flow_run

    settings = (flow_run.parameters or {}).get("settings") or {}
    told = settings.get(name) if isinstance(settings, dict) else getattr(settings, name, None)
    return told or otherwise


def _place() -> str:
    return standing.name_of(str(_given("place", places()[0])))


def _today() -> str:
    return day(datetime.now(ZoneInfo("Europe/London")).date())
