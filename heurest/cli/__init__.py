"""The command line: one file a command, and no mathematics."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from heurest._version import __version__
from heurest.errors import HeurestError

# Commands are imported when they are called, so that help stays quick.
_COMMANDS = {
    "compare": "Run estimators on circuits next to a ground truth.",
    "estimate": "Estimate the outputs of a circuit.",
    "truth": "Find the exact or sampled outputs of a circuit.",
    "rare": "Estimate the probability of a rare output.",
    "activity": "Find toggle rates of wires, or influences of inputs.",
    "detect": "Find inputs whose outputs came about by new mechanisms.",
    "argue": "Find a short heuristic argument.",
    "check": "Check the claims of an argument.",
    "draw": "Draw a circuit, and an argument on it.",
    "convert": "Convert a circuit between file formats.",
    "info": "Show what a circuit holds and what each method would need.",
    "gates": "List the gate table.",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"heurest.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="heurest")
def cli() -> None:
    """Estimate the expected outputs of arithmetic and boolean circuits from their structure alone.

    Every estimate can be held against a ground truth, exact or sampled with its standard error.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    0: done. 1: the answer is negative. 2: bad usage or input. 130: interrupted.
    """
    try:
        status = cli.main(args=None if argv is None else list(argv), prog_name="heurest", standalone_mode=False)
        if sys.stdout is not None:  # closed by the caller
            sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as problem:
        click.echo(problem.format_message(), err=True)
        return 2
    except click.ClickException as problem:
        path = problem.ctx.command_path if isinstance(problem, click.UsageError) and problem.ctx else "heurest"
        return _failed(problem.format_message().replace("\n", " "), path)
    except HeurestError as problem:
        return _failed(str(problem))
    except (BrokenPipeError, SystemExit):  # click turns the first into the second
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader of our output went away; nobody misses the rest
        return 0
    except OSError as problem:
        return _failed(f"{problem.filename or 'standard output'}: {problem.strerror or problem}")
    except (click.Abort, KeyboardInterrupt):
        click.echo("heurest: interrupted", err=True)
        return 130


def _failed(message: str, path: str = "heurest") -> int:
    click.echo(f"{path}: error: {message}", err=True)
    return 2
