"""`harness golden`: draft, review, check, import, export and split golden sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.characters import printable
from harness.cli.golden_review import review_command
from harness.cli.golden_synth import synth_command
from harness.errors import EnvironmentFailure, InputError, MissingExtra
from harness.files.paths import find_scenario
from harness.stats.numbers import show_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.documents.corpus import Corpus
    from harness.golden.check import Checked, Finding, Material
    from harness.golden.imported import Imported

golden_app = typer.Typer(
    no_args_is_help=True, help="Draft, review, check, import, export and split golden sets.", rich_markup_mode=None
)

golden_app.command("synth")(synth_command)
golden_app.command("review")(review_command)
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
SeedOption = Annotated[int, typer.Option(help="Seed of what is drawn.")]
DevOption = Annotated[float, typer.Option(help="Share of the cases for the dev split; whole documents move.")]


@golden_app.command("check")
def check_command(
    target: Annotated[str, typer.Argument(help="A scenario (folder or id), or a golden .jsonl file alone.")],
    pii: Annotated[bool, typer.Option(help="Look for personal data and secrets (extra 'pii').")] = True,
    as_json: JsonOption = False,
) -> int:
    """Check a golden set and the training examples beside it: exit 2 where there are findings, 0 with notes alone."""
    from harness.golden.check import Checked, check, summary

    material, notes = _with_window(_material(target), target)
    more = [*_gates(material, target), *_languages(material, target), *_drafts(target)]
    findings = [*check(material), *notes, *more, *(_scan(material) if pii else ())]
    counts = summary(material.cases)
    checked = Checked(len(material.cases), counts, tuple(findings), material.skipped, material.remarks)
    if as_json:
        _print_json(checked.as_object())
    else:
        _print_findings(checked)
    return InputError.exit_code if checked.serious else 0


@golden_app.command("import")
def import_command(
    format: Annotated[
        str, typer.Argument(help="What the source is: csv, jsonl, xlsx, ragas; `golden formats` lists all.")
    ],
    source: Annotated[Path, typer.Argument(help="The data set's file or folder.")],
    folder: Annotated[Path, typer.Argument(help="A new scenario folder, or a scenario that is there.")],
    limit: Annotated[int | None, typer.Option(help="Take this many questions, drawn by the seed.")] = None,
    seed: SeedOption = 7,
    dev: DevOption = 0.25,
    title: Annotated[str | None, typer.Option(help="Title of the scenario.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of a workbook.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="A column by hand: question=Frage. More than one.")] = None,
    add: Annotated[bool, typer.Option("--add", help="Behind the questions that a scenario has.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="In the place of those that it has.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Turn a data set into a scenario folder, or put it into a scenario. The same seed, the same files."""
    from harness.files.input_file import is_file
    from harness.golden.check import summary
    from harness.golden.imported import take, with_splits, write_imported
    from harness.golden.importers.columns import named_columns
    from harness.golden.importers.formats import import_data
    from harness.golden.importers.tables import Source
    from harness.golden.into_scenario import put_into

    if add and replace:
        raise InputError("golden import: --add and --replace exclude each other; take one of them")
    imported = import_data(format, Source(source, sheet, named_columns(column or [])))
    imported = take(imported, limit, seed)
    if is_file(folder / "scenario.yaml"):
        addition = put_into(imported, folder, "add" if add else "replace" if replace else "new", dev, seed)
        _show_import(addition.imported, addition.golden, summary(addition.imported.cases), as_json, addition.says)
        return
    imported = with_splits(imported, dev, seed)
    write_imported(imported, folder, title or f"Questions from {source.stem or source.name}", seed)
    _show_import(imported, folder, summary(imported.cases), as_json)


@golden_app.command("export")
def export_command(
    format: Annotated[str, typer.Argument(help="ragas, deepeval or promptfoo.")],
    golden: Annotated[str, typer.Argument(help="A scenario (folder or id), or a golden .jsonl file alone.")],
    out: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Write a golden set for another tool, its evidence as contexts; import reads it back."""
    from harness.golden.exporters.formats import export

    material = _material(golden)
    remarks = export(format, material.cases, material.documents, material.passages, out)
    typer.echo(f"{out}: {show_count(len(material.cases), 'case')} for {format}")
    for line in remarks:
        typer.echo(f"  {line}")


@golden_app.command("formats")
def formats_command() -> None:
    """List the formats that `import` reads: columns, and what is refused."""
    from harness.golden.importers.formats import FORMATS

    for name, row in FORMATS.items():
        typer.echo(f"{name:<15} {row.title}: {row.reads}")
        typer.echo(f"{'':<15} refused or named: {row.refuses}")


@golden_app.command("split")
def split_command(
    file: Annotated[Path, typer.Argument(help="A golden .jsonl file; it is rewritten.")],
    corpus: Annotated[Path | None, typer.Option(help="Its corpus, so that versions of a page stay together.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Split by time instead: cases from this date (2026-03-01) on are the test split.")
    ] = None,
    dev: DevOption = 0.25,
    seed: SeedOption = 7,
) -> None:
    """Divide golden cases into dev and test so that no document is asked about in both; train cases stay."""
    from harness.golden.check import summary
    from harness.golden.clusters import case_clusters
    from harness.golden.imported import case_row
    from harness.golden.load import load_cases
    from harness.golden.split import split_by_cluster, split_by_time
    from harness.record.codec import write_rows

    cases = load_cases(file, answers_required=False)
    content = _corpus(corpus)
    clusters = case_clusters(cases, [*content.documents, *content.passages])
    split_cases = split_by_time(cases, since) if since else split_by_cluster(cases, clusters, dev, seed)
    write_rows(file, map(case_row, split_cases))
    typer.echo(f"{file}: {_counts_line({'split': summary(split_cases)['split']})}")


def _material(target: str) -> Material:
    from harness.golden.check import Material
    from harness.golden.load import load_cases, load_examples, load_probes
    from harness.scenario.load import load_scenario

    path = Path(target)
    if path.suffix == ".jsonl":
        return Material(load_cases(path, answers_required=False), golden=target, corpus_known=False)
    scenario = load_scenario(find_scenario(target))
    if scenario.golden is None:
        raise InputError(f"{scenario.dir / 'scenario.yaml'}: no 'golden'; name the golden set to check")
    corpus = _corpus(scenario.corpus)
    return Material(
        cases=load_cases(scenario.golden, answers_required=False),
        examples=load_examples(scenario.examples, scenario.answer.system) if scenario.examples else (),
        probes=load_probes(scenario.probes) if scenario.probes else (),
        documents=corpus.documents,
        passages=corpus.passages,
        skipped=corpus.skipped,
        remarks=corpus.remarks,
        golden=str(scenario.golden),
        corpus_known=scenario.corpus is not None,
    )


def _with_window(material: Material, target: str) -> tuple[Material, list[Finding]]:
    """The material with the length of its examples where an arm of the scenario is tuned on them; a note where not."""
    from dataclasses import replace

    from harness.arms import ARMS
    from harness.golden.check import Finding
    from harness.scenario.load import load_scenario
    from harness.tuning.window import measure_window

    if not material.examples:
        return material, []
    scenario = load_scenario(find_scenario(target))
    if not any(name in ARMS and ARMS[name].adapter for name in scenario.arms):
        return material, []
    try:
        window = measure_window(scenario, material.examples)
    except (InputError, EnvironmentFailure) as error:
        return material, [Finding(str(scenario.examples), "window", f"examples not counted in tokens: {error}", "note")]
    return replace(material, window=window.limit, example_tokens=window.tokens, marks=window.marks), []


def _gates(material: Material, target: str) -> list[Finding]:
    """A gate that is none, as a finding; gates that this golden set can neither measure nor decide, as notes."""
    from harness.golden.check import Finding
    from harness.golden.clusters import case_clusters
    from harness.references import references
    from harness.scenario.load import load_scenario
    from harness.verdict.reach import Sizes, out_of_reach
    from harness.verdict.thresholds import read_thresholds

    if not material.corpus_known and Path(target).suffix == ".jsonl":
        return []
    scenario = load_scenario(find_scenario(target))
    file = str(scenario.dir / "scenario.yaml")
    try:
        thresholds = read_thresholds(scenario.gates, f"{file}: gates")
    except InputError as error:
        if scenario.extensions:
            return [Finding(file, "gates", f"not looked at, since extensions may add to them: {error}", "note")]
        return [Finding(file, "gates", str(error).removeprefix(f"{file}: "))]
    tested = [case for case in material.cases if case.split == "test"]
    clusters = case_clusters(tested, [*material.documents, *material.passages])
    undecided = len(references(tested).undecided)
    sizes = Sizes(len(tested), len(set(clusters.values())), len(tested) + len(material.probes), undecided)
    return [Finding(file, "gates", f"{name}: {why}", "note") for name, why in out_of_reach(scenario, thresholds, sizes)]


def _languages(material: Material, target: str) -> list[Finding]:
    """The gaps between the scenario's models and the languages of its pages and questions."""
    from harness.documents.corpus import Corpus
    from harness.engine.languages import unknown_languages
    from harness.golden.check import Finding
    from harness.scenario.load import load_scenario

    if not material.corpus_known:
        return []
    scenario = load_scenario(find_scenario(target))
    corpus = Corpus(tuple(material.documents), passages=tuple(material.passages))
    lines = unknown_languages(scenario, corpus, material.cases)
    return [Finding(str(scenario.dir / "scenario.yaml"), "languages", line) for line in lines]


def _drafts(target: str) -> list[Finding]:
    """A note on drafts that wait beside the golden set for people to read them."""
    from harness.drafts.golden_file import cases_in, draft_file
    from harness.golden.check import Finding
    from harness.scenario.load import load_scenario

    if Path(target).suffix == ".jsonl":
        return []
    scenario = load_scenario(find_scenario(target))
    file = draft_file(scenario.golden, scenario.dir)
    count = 0 if file == scenario.golden else len(cases_in(file))
    message = f"{count} drafts wait to be read: harness golden review {target}"
    return [Finding(str(file), "drafts", message, "note")] if count else []


def _corpus(path: Path | None) -> Corpus:
    """The corpus, with what was left out of it said; nothing where there is none."""
    from harness.cli.corpus import tell_corpus
    from harness.documents.corpus import Corpus, load_documents

    corpus = load_documents(path) if path is not None else Corpus(())
    tell_corpus(corpus.skipped, corpus.remarks)
    return corpus


def _scan(material: Material) -> list[Finding]:
    from harness.golden.check import Finding
    from harness.golden.pii import scan, texts_of

    try:
        return list(scan(texts_of(material.cases, material.examples)))
    except MissingExtra as error:
        return [Finding(material.golden, "personal data", f"not looked for: {error}", "note")]


def _print_findings(checked: Checked) -> None:
    for finding in checked.findings:
        level = "" if finding.level == "finding" else "note: "
        typer.echo(printable(f"{finding.where}: {level}{finding.rule}: {finding.message}"))
    notes = len(checked.findings) - checked.serious
    typer.echo(f"{show_count(checked.cases, 'case')}; findings: {checked.serious}; notes: {notes}")
    typer.echo(f"  {_counts_line(checked.summary)}")


def _show_import(
    imported: Imported, folder: Path, counts: dict[str, dict[str, int]], as_json: bool, more: Sequence[str] = ()
) -> None:
    from harness.golden.remarks import remark_lines, rule_counts

    cases, passages = len(imported.cases), len(imported.passages)
    if as_json:
        facts = {"folder": str(folder), "cases": cases, "passages": passages, "summary": counts}
        words = {"recognised": imported.recognised, "remarks": imported.remarks, "rows": rule_counts(imported.remarks)}
        _print_json({**facts, **words})
        return
    typer.echo(f"{folder}: {show_count(cases, 'case')}, {show_count(passages, 'passage')}")
    for line in more:
        typer.echo(f"  {line}")
    typer.echo(f"  {_counts_line(counts)}")
    typer.echo(f"  recognised: {imported.recognised}")
    for line in remark_lines(imported.remarks):
        typer.echo(printable(f"  {line}"))


def _counts_line(counts: Mapping[str, Mapping[str, int]]) -> str:
    rows = {name: values for name, values in counts.items() if name != "verified_by"}
    return "; ".join(f"{name}: " + ", ".join(f"{k} {n}" for k, n in row.items() if n) for name, row in rows.items())


def _print_json(value: dict[str, Any]) -> None:
    from harness.record.codec import to_json

    typer.echo(to_json(value))
