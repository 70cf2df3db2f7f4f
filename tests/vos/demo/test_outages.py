"""Work that goes on after the database was away. The whole job through such outages is run by ``tests.chaos.outages``."""

import pytest
from django.db import OperationalError

from vos.demo.outages import outlasting


def test_work_is_begun_again_after_each_outage() -> None:
    tries, told = [], []

    def work() -> str:
        tries.append(len(tries))
        if len(tries) < 3:
            raise OperationalError("terminating connection due to unexpected postmaster exit")
        return "done"

    assert outlasting(work, tell=told.append, come_back=lambda: None) == "done"
    assert len(told) == 2


def test_a_database_that_fails_without_end_is_told_with_its_own_error() -> None:
    def work() -> None:
        raise OperationalError("the disk is full")

    with pytest.raises(OperationalError, match="the disk is full"):
        outlasting(work, tell=lambda _stage: None, come_back=lambda: None)
