"""``manage.py workflow``."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

GOOD = """\
format: vos.workflow/1
name: probe
version: 1.0.0
title: Probe
steps:
  a: {kind: agent, agent: target}
"""


def test_workflow_validate_accepts_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("workflow", "validate", "workflows/definitions/lifecycle.yaml")
    assert "lifecycle 2.0.0, 8 steps, sha256:" in capsys.readouterr().out


def test_workflow_validate_names_file_line_and_step(tmp_path: Path) -> None:
    good, bad, missing = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "missing.yaml"
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("agent: target}", "agent: target, next: b}"))
    with pytest.raises(CommandError) as refused:
        call_command("workflow", "validate", str(good), str(bad), str(missing))
    lines = str(refused.value).splitlines()
    assert lines[0] == f"{bad}:6: step 'a', next: leads to 'b', which is no step. The steps are: a"
    assert lines[1].startswith(f"{missing}: cannot be read")


def test_workflow_validate_names_agents_that_are_not_there(tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_text(GOOD.replace("agent: target", "agent: tagret"))
    with pytest.raises(CommandError, match="step 'a': there is no agent 'tagret'; there are opportunity, target"):
        call_command("workflow", "validate", str(file))


def test_workflow_list_shows_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("workflow", "list")
    assert re.search(r"^lifecycle \d+\.\d+\.\d+ sha256:", capsys.readouterr().out, flags=re.MULTILINE)
