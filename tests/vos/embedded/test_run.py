import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vos.embedded.run import Run, _print_document, answers
from vos.embedded.supervisor import Stopped
from vos.embedded.valkey import free_port


def test_the_results_are_the_last_output_and_keep_the_jobs_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert _print_document(b'{"npv": "1.10"}', 3) == 3
    assert json.loads(capsys.readouterr().out) == {"npv": "1.10"}


def test_a_job_without_results_fails_even_if_it_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert _print_document(b"oops", 0) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no JSON document" in captured.err


def test_a_command_that_is_waited_for_ends_when_somebody_asks_to_stop(tmp_path: Path) -> None:
    run = Run({"VOS_DATA": str(tmp_path)})
    threading.Timer(0.1, run.supervisor.stopping.set).start()

    with pytest.raises(Stopped):
        run._wait_for(["/bin/sleep", "60"], output=None, errors=None)


def test_the_exit_code_of_a_command_is_returned(tmp_path: Path) -> None:
    run = Run({"VOS_DATA": str(tmp_path)})

    assert run._wait_for([sys.executable, "-c", "raise SystemExit(4)"], output=None, errors=None) == 4


def test_nobody_answers_on_a_free_port() -> None:
    assert not answers(free_port())


def test_a_taken_port_is_told_in_one_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        environment = {
            "PATH": "/usr/bin:/bin",
            "VOS_DATA": str(tmp_path),
            "VOS_PORT": str(port),
            "VOS_SOCKET_PORT": str(free_port()),
        }
        command = [sys.executable, "-m", "vos.embedded", "run"]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False
        )

    assert done.returncode == 1
    assert (
        done.stderr.strip()
        == f"vos: port {port} is in use by another program: free it, or choose another one: VOS_PORT={port + 100} make run"
    )
    assert not (tmp_path / "postgres").exists()
