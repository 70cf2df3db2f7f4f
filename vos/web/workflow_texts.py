"""The texts that definitions and patterns of the product were written as."""

from functools import cache
from importlib.resources import files


def workflow_text(name: str) -> str:
    """The YAML of a definition of the product; empty if there is none."""
    return _text("workflows.definitions", f"{name}.yaml")


def pattern_text(name: str) -> str:
    """The YAML of a pattern; empty if there is none."""
    return _text("workflows.patterns", f"{name}.yaml")


@cache
def _text(package: str, filename: str) -> str:
    # The names come from the library's own keys, which are letters, digits and underscores.
    file = files(package) / filename
    return file.read_text(encoding="utf-8") if file.is_file() else ""


# What a first workflow is written on: it runs as it stands. docs/workflows.md goes through it.
STARTER = """\
format: vos.workflow/1
name: first_steps
version: 1.0.0
title: First steps
description: How much of what was sold is used, and whether somebody should say something before it goes on.
inputs:
  seats: {type: integer, description: How many seats were sold.}
  used: {type: integer, description: How many of them are used.}
steps:
  share:
    kind: compute
    title: Compute the share that is used
    values: {share: "${inputs.used} / ${inputs.seats}"}
    next: enough
  enough:
    kind: branch
    title: Is it enough?
    cases:
      - {when: "${steps.share.output.share} >= 0.5", next: done}
    otherwise: word
  word:
    kind: wait
    title: Wait for the word to go on
    signal: go_on
    next: done
  done:
    kind: compute
    title: Say it
    values: {share: "${steps.share.output.share}"}
"""
