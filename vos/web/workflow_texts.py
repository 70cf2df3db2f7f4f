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


# What a first workflow is written on: it runs as it stands.
STARTER = """\
# A workflow of your own: change it, look at the picture beside it, save, publish.
format: vos.workflow/1
name: my_workflow
version: 1.0.0
title: My workflow
description: Prepares a figure, and waits until somebody says that it may go on.
inputs:
  customer: {type: text, description: Whom it is about.}
  share: {type: number, default: 0.25, minimum: 0, maximum: 1}
steps:
  prepare:
    kind: compute
    title: Prepare the figure
    values: {share: "${inputs.share}"}
    next: large
  large:
    kind: branch
    title: Large or small
    cases:
      - {when: "${steps.prepare.output.share}", at_least: 0.5, next: wait}
    otherwise: done
  wait:
    kind: wait
    title: Wait for the word to go on
    signal: go_on
    longest_days: 30
    next: done
  done:
    kind: compute
    title: Done
    values: {customer: "${inputs.customer}"}
"""
