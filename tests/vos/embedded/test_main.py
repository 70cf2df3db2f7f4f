import pytest

from vos.embedded.__main__ import parse


def test_what_follows_test_is_pytests_in_its_order() -> None:
    options, rest = parse(["test", "-n", "auto", "-k", "approval", "tests/approvals"])

    assert (options.verb, rest) == ("test", ["-n", "auto", "-k", "approval", "tests/approvals"])


def test_what_follows_exec_is_the_command_with_its_options() -> None:
    options, rest = parse(["exec", "python", "manage.py", "migrate", "--check"])

    assert (options.command, rest) == (["python", "manage.py", "migrate", "--check"], [])


def test_an_unknown_option_of_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["run", "--twice"])

    assert "unrecognized arguments: --twice" in capsys.readouterr().err
