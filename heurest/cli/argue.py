"""``heurest argue``."""

from __future__ import annotations

import click

from heurest.cli import common


@click.command("argue")
@click.argument("file", metavar="FILE")
@click.option("--budget", type=common.WholeNumber(1), metavar="N", help="At most this many terms; 100 if there is no --target either.")
@click.option(
    "--target",
    type=click.FloatRange(0, min_open=True),
    metavar="E",
    help="The shortest argument with this estimated error, in units of an output's root mean square.",
)
@click.option("--order", default=2, show_default=True, type=common.WholeNumber(1, 12), metavar="K", help="Largest term, in wires.")
@click.option("--degree", type=common.WholeNumber(1, 4), metavar="D", help="Search for reductants of this degree, not for cumulants.")
@click.option("--output", "outputs", multiple=True, metavar="NAME", help="An output that matters; by default all.  [repeatable]")
@click.option(
    "--looks", type=common.WholeNumber(1), metavar="N", help="Terms to look at; by default 40 for each of the budget, at least 4000."
)
@click.option("--resume", metavar="T.json", help="Go on from the transcript of an earlier search.")
@click.option("--out", metavar="A.json", help="Write the argument.")
@click.option("--transcript", metavar="T.json", help="Write the transcript: everything looked at, as an argument of its own.")
@click.option("--curve", metavar="PATH", help="Draw estimate and error against length (.png, .svg or .pdf; needs heurest[plot]).")
@click.option("--json", "json_path", metavar="PATH", help="Write the numbers of the search as JSON; - for standard output.")
@common.law_options
def command(
    file: str,
    laws: tuple[str, ...],
    laws_file: str | None,
    budget: int | None,
    target: float | None,
    order: int,
    degree: int | None,
    outputs: tuple[str, ...],
    looks: int | None,
    resume: str | None,
    out: str | None,
    transcript: str | None,
    curve: str | None,
    json_path: str | None,
) -> int:
    """Find a short argument: the terms that carry most of the correction to mean propagation.

    The listing says of each term what it comes to and how much the estimate changes without it. An interrupt ends the looking; what
    was found so far is shown and written.
    """
    from heurest.arguments.argument import Argument
    from heurest.arguments.search import find_argument

    common.check_writable(json_path, files=(out, transcript, curve), inputs=(file,))
    if curve is not None:
        from heurest.plot import check_plot_path

        check_plot_path(curve)
    common.tell_compiling()
    circuit = common.load_circuit(file, laws, laws_file)
    earlier = None if resume is None else Argument.load(resume, circuit)
    with common.progress_bar("searching") as progress:
        found = find_argument(
            circuit, order, budget, target, degree=degree, outputs=outputs or None, looks=looks, resume=earlier, progress=progress
        )
    if out:
        found.argument.save(out, circuit)
    if transcript:
        Argument([found.transcript]).save(transcript, circuit)
    if curve:
        from heurest.plot import plot_curve

        plot_curve(found, curve)
    if json_path:
        common.write_text(json_path, common.to_json({"circuit": circuit.name, **found.to_dict()}))
    if json_path != "-":
        click.echo(str(found))
        click.echo(found.argument.listing(circuit))
    if found.interrupted:
        common.show_warnings(["interrupted: the argument is the best among what was looked at; --resume goes on from its transcript"])
    return 0
