"""``manage.py processes``."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from kernel.audit.models import AuditRecord
from kernel.processes.models import Process
from kernel.processes.services import process_finish, process_run, process_start
from tenants.models import Tenant


def run(*words: str) -> str:
    out = StringIO()
    with schema_context("public"):
        call_command("processes", *words, stdout=out, no_color=True)
    return out.getvalue()


def running(schema: str = "acme", **changes: Any) -> Process:
    values: dict[str, Any] = {"agent": "target@1.0.0", "inputs": {"secret": "x"}, "actor": "user:1", "subject": "customer:secret"}
    with schema_context(schema):
        return process_run(process=process_start(**values | changes))


def again(process: Process, schema: str = "acme") -> Process:
    with schema_context(schema):
        return Process.objects.get(pk=process.pk)


def test_ps_lists_what_lives_of_all_tenants_and_not_what_it_is_about(acme: Tenant, globex: Tenant) -> None:
    mine, other, ended = running(), running("globex"), running()
    with schema_context("acme"):
        process_finish(process=ended, result={})
    text = run("ps")
    assert [line.split()[:3] for line in text.splitlines()[1:]] == [
        ["globex", str(other.pid), "running"], ["acme", str(mine.pid), "running"],
    ]  # fmt: skip
    assert "secret" not in text
    assert str(ended.pid) in run("ps", "--all")
    assert str(other.pid) not in run("--schema", "acme", "ps")


def test_ps_as_json_and_as_a_tree(acme: Tenant) -> None:
    root = running()
    child = running(parent=root)
    (first, second) = json.loads(run("ps", "--json"))
    assert (first["pid"], first["parent"], second["parent"]) == (str(child.pid), str(root.pid), None)
    assert run("ps", "--tree").splitlines()[2].endswith("  target@1.0.0")


def test_top_orders_by_tokens(acme: Tenant) -> None:
    small, large = running(), running()
    with schema_context("acme"):
        Process.objects.filter(pk=large.pk).update(used_tokens=900)
    lines = run("top", "--times", "1").splitlines()
    assert "2 running" in lines[0]
    assert [line.split()[1] for line in lines[2:]] == [str(large.pid), str(small.pid)]


@pytest.mark.parametrize(
    ("verb", "state", "signal"), [("pause", "running", "pause"), ("stop", "running", "stop"), ("kill", "killed", "")]
)
def test_a_signal_reaches_the_process_whose_pid_begins_so(acme: Tenant, verb: str, state: str, signal: str) -> None:
    process, other = running(), running()
    run(verb, str(process.pid)[:13])
    found = again(process)
    assert (found.state, found.signal, again(other).signal) == (state, signal, "")
    with schema_context("acme"):
        record = AuditRecord.objects.get(action=f"process.{verb}")
    assert (record.actor, record.subject) == ("operator:command-line", f"process:{process.pid}")


def test_a_group_is_stopped_as_a_whole(acme: Tenant) -> None:
    root = running()
    child = running(parent=root)
    assert len(run("stop", str(root.pid), "--group").splitlines()) == 2
    assert (again(root).signal, again(child).signal) == ("stop", "stop")


def test_nice_gives_another_class(acme: Tenant) -> None:
    process = running()
    run("nice", "interactive", str(process.pid))
    assert again(process).priority == 0


def test_what_makes_no_sense_is_refused_in_words_and_changes_nothing(acme: Tenant) -> None:
    process = running()
    with pytest.raises(CommandError, match="Only a paused process"):
        run("resume", str(process.pid))
    with pytest.raises(CommandError, match="No process has a pid"):
        run("kill", "00000000-0000")
    with pytest.raises(CommandError, match="may be many"):
        run("kill", str(process.pid)[:2])
    assert (again(process).state, again(process).signal) == ("running", "")


def test_a_short_pid_of_two_tenants_is_refused(acme: Tenant, globex: Tenant) -> None:
    pid = "aaaaaaaa-0000-4000-8000-00000000000{}"
    for number, schema in enumerate(("acme", "globex")):
        process = running(schema)
        with schema_context(schema):
            Process.objects.filter(pk=process.pk).delete()
            Process.objects.create(pid=pid.format(number), group=pid.format(number), agent="a@1", actor="user:1")
    with pytest.raises(CommandError, match="More than one"):
        run("kill", "aaaaaaaa")
    run("--schema", "globex", "kill", "aaaaaaaa")
    with schema_context("acme"):
        assert Process.objects.get(pk=pid.format(0)).state == "new"
