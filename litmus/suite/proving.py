"""Answers of the SAT engine with proofs that others can check: a folder for each test and model."""

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from litmus import __version__
from litmus.dataclass import dataclass, field, replace
from litmus.deadline import OutOfTime, deadline_in
from litmus.engine.base import Ask, EngineName, NotForSolver, Result
from litmus.engine.goals import goals_of
from litmus.engine.sat.claim import Claim, claims_of, questions, why_not
from litmus.engine.sat.formula import Reason
from litmus.engine.sat.proof import Prover, Reached, Refutation, word
from litmus.errors import LitmusError, UnsupportedError, UsageError
from litmus.event.structure import EventStructure
from litmus.program.program import Program, Quantifier
from litmus.report import text
from litmus.report.certificate import Map, count, dimacs, drat, listing
from litmus.report.json import Json
from litmus.report.naming import naming
from litmus.suite.answer import Answer, Command, failure
from litmus.suite.command import completeness
from litmus.suite.evaluation import Settings, evaluate, structures
from litmus.suite.files import write
from litmus.suite.opening import open_model
from litmus.suite.project import Project, file_of
from litmus.suite.selection import heading, models_of
from litmus.suite.status import Status

INDEX = "index.json"
FORMAT = "litmuskit proof"

TOGETHER = (
    "The test unfolds into the event structures listed here, one for each combination of control paths: every "
    "execution is one of exactly one of them, but for turns of loops that only wait, which are left out "
    "(docs/models.md, 'Loops that wait'). Each formula says that there is an execution of one event structure that the "
    "model accepts and that does what is asked about; its proof shows that there is none. A claim holds because all "
    "its formulas are refuted, with those called 'grounded' (no value depends on itself, so that the values in the "
    "formulas are all there are), 'stopped' (no execution gets to where its structure was cut off) and 'model-' (the "
    "model calls none undefined)."
)

CHECKING = (
    "For each formula: drat-trim NAME.cnf NAME.drat. What the variables mean is in NAME.map.json. Clauses with the "
    "reason 'symmetry' do not follow from the others: they rest on the argument in docs/engines.md, 'Threads that do "
    "the same'. Clauses with the reason 'refused' are executions that the model, evaluated, does not have."
)


def prove_to(program: Program, settings: Settings, folder: Path) -> Iterator[Answer]:
    """Answer a program under each of its models by the SAT engine, and write down the proofs. With a ``folder`` bound
    this is a `suite.answer.Command`."""
    try:
        models = models_of(program, settings.models.names)
    except LitmusError as error:
        yield failure(error)
        return
    for model in models:
        try:
            yield from _proved(program, model, settings, folder)
        except LitmusError as error:
            yield failure(error)
        except OutOfTime:
            yield _late(program, model, settings)


def _late(program: Program, model: str, settings: Settings) -> Answer:
    message = f"{program.title} under {model}: time limit of {settings.seconds:g} s reached, no proof written\n"
    return Answer(error=message, status=Status.UNKNOWN)


def _proved(program: Program, model: str, settings: Settings, folder: Path) -> Iterator[Answer]:
    started = time.monotonic()
    result = evaluate(program, model, replace(settings, ask=Ask.VERDICT, engine=EngineName.SAT))
    yield Answer("\n".join([*text.outcomes(result), ""]), status=completeness(result))
    certificate = _Certificate(result, model, settings, folder, started)
    if result.unknown or result.inexact:
        reasons = "; ".join((*result.unknown, *result.inexact))
        message = f"{program.title} under {model}: no proof written, the answer is not complete: {reasons}\n"
        yield Answer(error=message, status=Status.UNKNOWN)
        return
    if not certificate.claims:
        reasons = "; ".join(f"{claim}: {why}" for claim, why in certificate.left_out())
        message = f"nothing to prove of '{program.title}' under {model}: {reasons or 'it asserts nothing'}"
        raise UsageError(message, heading(program), hint="a proof is of what no execution does: Never, or Always")
    written = certificate.write()
    yield Answer("".join(f"  {line}\n" for line in (*certificate.told(), f"proof: {written}")) + "\n")


@dataclass(frozen=True, slots=True)
class ProvingCheck:
    """A `suite.answer.Command`: what ``check`` does, and then the proofs of what it rests on, in ``folder``. A test
    that nothing can be proved of is none the worse. ``plain`` prints what is written at once, else it is text among
    other formats."""

    folder: Path
    check: Command
    project: Project = field(default_factory=Project)
    plain: bool = True

    def __call__(self, program: Program, settings: Settings) -> Iterator[Answer]:
        """Yield what the check answers, then where the proofs are."""
        yield from self.check(program, settings)
        settings = self.project.settings(settings, self.project.rule(file_of(program)))
        for model in self._models(program, settings):
            try:
                told = self._proved(program, model, settings)
            except LitmusError as error:
                yield failure(error)
            except OutOfTime:
                yield _late(program, model, settings)
            else:
                if told:
                    yield Answer(told) if self.plain else Answer(outputs=(("text", told),))

    def _models(self, program: Program, settings: Settings) -> Sequence[str]:
        """The models of a test; where they are wrong, the check has said so."""
        try:
            return models_of(program, settings.models.names)
        except LitmusError:
            return ()

    def _proved(self, program: Program, model: str, settings: Settings) -> str:
        started = time.monotonic()
        try:
            result = evaluate(program, model, replace(settings, ask=Ask.VERDICT))
        except LitmusError:
            return ""  # The check has said it.
        certificate = _Certificate(result, model, settings, self.folder, started)
        certificate.claims = tuple(claim for claim in certificate.claims if _decides(claim))
        if result.unknown or result.inexact or not certificate.claims:
            return ""
        written = certificate.write()
        return f"  proof: {written}, {certificate.refuted()}\n"


def _decides(claim: Claim) -> bool:
    """Whether it is the absence of executions that decides about an assertion, rather than one that is shown."""
    decisive = {Quantifier.FORBID: True, Quantifier.ALLOW: True, Quantifier.REQUIRE: False}
    return decisive.get(claim.assertion.quantifier, claim.holds) == claim.holds


@dataclass(slots=True)
class _Certificate:
    """The proofs for one answer, on their way to a folder of their own."""

    result: Result
    model: str
    """As it was asked for: a path where the result has a name."""
    settings: Settings
    folder: Path
    started: float
    claims: tuple[Claim, ...] = field(init=False)
    _listed: list[Json] = field(default_factory=list)
    _files: dict[str, list[str]] = field(default_factory=dict)
    """The formulas by the question that they refute."""
    _clauses: int = 0
    _assumed: int = 0

    def __post_init__(self) -> None:
        self.claims = claims_of(self.result, goals_of(self.result.program, Ask.VERDICT).conditions)

    def left_out(self) -> Iterator[tuple[str, str]]:
        """Yield the assertions of which there is nothing to prove, and why."""
        for tally in self.result.tallies:
            reason = why_not(self.result, tally)
            if reason is not None:
                yield naming(self.result.program).claim(tally.assertion), reason

    def told(self) -> Iterator[str]:
        """Yield what is to be said of the proofs."""
        for claim, reason in self.left_out():
            yield f"not proved: {claim}: {reason}"
        yield self.refuted()

    def refuted(self) -> str:
        """Return what was refuted, once it is written."""
        assumed = f", {self._assumed} of them by symmetry" if self._assumed else ""
        number = sum(len(files) for files in self._files.values())
        return f"{number} formula{'' if number == 1 else 's'} refuted, {self._clauses} clauses{assumed}"

    def write(self) -> Path:
        """Write all files, or none; return their folder.

        Raises:
            UsageError: where they cannot be written, or the folder holds something else.
        """
        place = self.folder / folder_name(self.result.program.title, self.result.model)
        self._require_free(place)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = Path(mkdtemp(prefix=f".{place.name}.", dir=self.folder))
        except OSError as error:
            raise UsageError(f"cannot write '{place}': {error.strerror or error}") from None
        try:
            self._fill(draft)
            _put(draft, place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return place

    def _require_free(self, place: Path) -> None:
        """Raise where the folder is not one that this test has been proved in before."""
        if not os.path.lexists(place):
            return
        if _identity(_read(place / INDEX)) != _identity(self._head()):
            message = f"'{place}' exists and holds something else than proofs of this test"
            raise UsageError(message, heading(self.result.program), hint="choose another folder, or remove it")

    def _fill(self, draft: Path) -> None:
        program, limit = self.result.program, self.settings.seconds
        deadline = deadline_in(None if limit is None else max(limit - (time.monotonic() - self.started), 1e-6))
        model = open_model(self.model, self.settings.models)
        prover = Prover(model, goals_of(program, Ask.VERDICT), deadline)
        for number, structure in enumerate(structures(program, self.model, self.settings, deadline), 1):
            deadline.check()
            self._listed.append(self._structure(draft, prover, structure, number))
        write(draft / INDEX, listing(self._index()))

    def _structure(self, draft: Path, prover: Prover, structure: EventStructure, number: int) -> Json:
        asked = questions(structure, self.claims)
        try:
            found = prover.refutations(structure, asked)
            formulas = [self._formula(draft, refutation, number) for refutation in found] if asked else []
        except NotForSolver as reason:
            message = f"this cannot be proved under '{self.result.model}': {reason}"
            raise UnsupportedError(message, heading(self.result.program)) from None
        except Reached as what:
            message = f"no proof: an execution of event structure {number} does what none should: {what}"
            raise UnsupportedError(message, heading(self.result.program)) from None
        nothing = "the model makes no choice over it" if asked else "no execution of it is one that a claim is about"
        note = None if formulas else nothing
        marks: list[Json] = [*sorted(structure.marks)]
        return {
            "structure": number, "events": len(structure.events), "marks": marks, "formulas": formulas, "note": note,
        }  # fmt: skip

    def _formula(self, draft: Path, found: Refutation, number: int) -> Json:
        choice = "" if found.choice == 1 else f".{found.choice}"
        name = f"{number:04}{choice}-{found.question.name}"
        title = f"{self.result.program.title} under {self.result.model}, event structure {number}"
        texts = {
            f"{name}.cnf": dimacs(found, title),
            f"{name}.drat": drat(found),
            f"{name}.map.json": Map(self.result.program, found).text(),
        }
        for file, content in texts.items():
            write(draft / file, content)
        assumed = count(found, Reason.SYMMETRY)
        self._files.setdefault(found.question.name, []).append(f"{name}.cnf")
        self._clauses += len(found.formula.written)
        self._assumed += assumed
        return {
            "formula": name,
            "question": found.question.text,
            "choice": found.choice,
            "variables": found.formula.variables,
            "clauses": len(found.formula.written),
            "steps": len(found.proof),
            "by_symmetry": assumed,
            "refused": count(found, Reason.REFUSED),
            "sha256": {file: sha256(content.encode()).hexdigest() for file, content in texts.items()},
        }

    def _head(self) -> dict[str, Json]:
        program = self.result.program
        source = None if program.span is None else program.span.source
        return {
            "format": FORMAT,
            "version": 1,
            "tool": f"litmus {__version__}",
            "test": program.name,
            "variant": program.variant,
            "model": self.model,
            "source": None if source is None else source.name,
            "source_sha256": None if source is None else sha256(source.text.encode()).hexdigest(),
        }

    def _index(self) -> Mapping[str, Json]:
        return {
            **self._head(),
            "together": TOGETHER,
            "how_to_check": CHECKING,
            "claims": [self._claim(claim) for claim in self.claims],
            "not_proved": [{"claim": claim, "reason": reason} for claim, reason in self.left_out()],
            "structures": self._listed,
        }

    def _claim(self, claim: Claim) -> Json:
        mine: list[Json] = [*self._files.get(claim.name, ())]
        others: list[Json] = [
            file
            for name, files in self._files.items()
            if name not in {other.name for other in self.claims}
            for file in files
        ]
        return {
            "claim": naming(self.result.program).claim(claim.assertion),
            "observation": str(claim.observation),
            "no_execution": "has the condition true" if claim.holds else "has the condition false",
            "rests_on": mine,
            "and_on": others,
        }


def folder_name(title: str, model: str) -> str:
    """Return the name of the folder for the proofs of a test under a model."""
    return f"{word(title.replace('/', '.')).lstrip('.')}@{word(model.replace('/', '.')).lstrip('.')}"


def _put(draft: Path, place: Path) -> None:
    """Put a folder that is complete into its place, and take away what was there before."""
    try:
        draft.chmod(0o777 & ~_umask())
        if place.exists():
            old = Path(mkdtemp(prefix=f".{place.name}.", dir=place.parent))
            place.rename(old / place.name)
            draft.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        else:
            draft.rename(place)
    except OSError as error:
        raise UsageError(f"cannot write '{place}': {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _read(path: Path) -> Mapping[str, Json]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _identity(head: Mapping[str, Json]) -> tuple[Json, ...]:
    return tuple(head.get(key) for key in ("format", "test", "variant", "model", "source"))
