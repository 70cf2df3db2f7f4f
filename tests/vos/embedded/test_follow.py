from pathlib import Path

from vos.embedded.follow import Follower


def test_new_whole_lines_are_shown_behind_their_programs_name(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("before\n")
    written: list[str] = []
    follower = Follower(tmp_path, written.append)

    with (tmp_path / "web.log").open("a") as log:
        log.write("one\ntw")
    (tmp_path / "worker.log").write_text("three\n")
    follower.look()
    with (tmp_path / "web.log").open("a") as log:
        log.write("o\n")
    follower.look()

    assert written == ["web      | one\n", "worker   | three\n", "web      | two\n"]


def test_a_log_that_began_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("a long line before\n")
    written: list[str] = []
    follower = Follower(tmp_path, written.append)

    (tmp_path / "web.log").write_text("new\n")
    follower.look()

    assert written == ["web      | new\n"]
