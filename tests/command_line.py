"""The command line as the tests of it call it: in this process, with networks of a few weights."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from playground.__main__ import app

TINY = "--dataset digits --set data.resolution=16 --set generator.width=8 --set discriminator.width=8 --set recipe.batch_size=4"


def call(line: str) -> Result:
    result = CliRunner().invoke(app, line)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def done(line: str) -> Result:
    result = call(line)
    assert result.exit_code == 0, result.stderr
    return result
