import signal
import warnings
from pathlib import Path
from typing import Any

from vos.embedded.local import program_environment
from vos.embedded.programs import LOG_BYTES, QUEUES, SERVING, WORKING, make_programs, rotate


def environment(tmp_path: Path, **given: str) -> dict[str, str]:
    return program_environment(tmp_path, {"DATABASE_URL": "postgresql://embedded"}, given)


def test_the_worker_takes_every_queue_that_a_task_names(settings: Any) -> None:
    from vos.celery import app  # needs Django's settings

    app.loader.import_default_modules()
    routes = {route["queue"] for route in app.conf.task_routes.values()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Celery's own tasks, whose attribute of that name is deprecated
        named = {queue for task in app.tasks.values() if isinstance(queue := getattr(task, "queue", None), str)}

    assert {app.conf.task_default_queue, *routes, *named} <= set(QUEUES)


def test_a_process_that_only_sends_tasks_sends_them_to_our_broker(settings: Any) -> None:
    from workflows.tasks import run_step  # as a page does: without a word about Celery's app

    assert run_step.app.main == "vos"
    assert run_step.app.conf.broker_url == settings.REDIS_URL


def test_web_has_threads_and_a_kill_time_out_and_outlives_us_to_end_its_workers(tmp_path: Path) -> None:
    (web,) = make_programs(["web"], environment(tmp_path), tmp_path)

    assert "--blocking-threads" in web.command
    assert "--workers-kill-timeout" in web.command
    assert web.death_signal is signal.SIGTERM


def test_everything_that_the_issue_names_is_served() -> None:
    assert {*WORKING, *SERVING} == {"web", "sockets", "worker", "scheduler", "relay"}


def test_what_the_caller_set_goes_before_what_is_made_here(tmp_path: Path) -> None:
    own = environment(tmp_path, SECRET_KEY="mine", DATABASE_URL="postgresql://mine", VOS_DEMO="0", VOS_PORT="9000")

    assert (own["SECRET_KEY"], own["DATABASE_URL"], own["VOS_DEMO"]) == ("mine", "postgresql://mine", "0")
    assert (own["VOS_PORT"], own["VOS_SOCKET_PORT"]) == ("9000", "9001")


def test_demo_mode_and_keys_are_there_without_asking(tmp_path: Path) -> None:
    own = environment(tmp_path)

    assert own["VOS_DEMO"] == "1"
    assert len(own["VOS_STAMP_KEY"]) == 64
    assert own["VOS_DATA"] == str(tmp_path)


def test_a_log_that_has_grown_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("wb") as stream:
        stream.truncate(LOG_BYTES + 1)

    rotate(log)

    assert not log.exists()
    assert (tmp_path / "web.old.log").stat().st_size == LOG_BYTES + 1
