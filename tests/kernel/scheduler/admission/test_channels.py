import gc
import os
import threading

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from kernel.scheduler.admission.channels import function_call
from vos.embedded.valkey import Valkey

_ECHO = """#!lua name=channels
redis.register_function('echo', function(keys, arguments) return { keys[1], arguments[1], arguments[2] or 1 } end)
redis.register_function('fail', function() return redis.error_reply('no such thing') end)
"""


@pytest.fixture
def server(client: Redis) -> Redis:
    client.function_load(_ECHO, replace=True)
    return client


def test_a_call_brings_key_and_arguments_there_and_the_answer_back(server: Redis) -> None:
    assert function_call(server, "echo", "k\r\n", "ä\n", "") == [b"k\r\n", "ä\n".encode(), b""]


def test_what_the_server_refuses_is_raised_and_the_connection_goes_on(server: Redis) -> None:
    with pytest.raises(ResponseError, match="no such thing"):
        function_call(server, "fail", "k")
    assert function_call(server, "echo", "k", "after")[1] == b"after"


def test_a_connection_that_the_server_cut_is_replaced(server: Redis) -> None:
    function_call(server, "echo", "k", "")
    server.client_kill_filter(_type="normal", skipme=True)
    assert function_call(server, "echo", "k", "again")[1] == b"again"


def test_threads_that_call_at_once_get_their_own_answers(server: Redis) -> None:
    heard: dict[int, set[bytes]] = {}

    def ask(number: int) -> None:
        heard[number] = {function_call(server, "echo", "k", str(number))[1] for _ in range(50)}

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: {str(number).encode()} for number in range(8)}


def test_a_forked_child_speaks_on_connections_of_its_own(server: Redis) -> None:
    """Two processes on one connection would read each other's answers."""
    function_call(server, "echo", "k", "")
    before = {row["id"] for row in server.client_list(_type="normal")}
    child = os.fork()
    if child == 0:
        ok = function_call(server, "echo", "k", "child")[1] == b"child"
        new = {row["id"] for row in server.client_list(_type="normal")} - before
        os._exit(0 if ok and new else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert function_call(server, "echo", "k", "parent")[1] == b"parent"


def test_connections_end_with_their_client(server: Redis, own_valkey: Valkey) -> None:
    """Not when the collector happens to come by: a socket that nobody closed is a warning."""
    before = len(server.client_list(_type="normal"))
    other = Redis.from_url(own_valkey.url)
    function_call(other, "echo", "k", "")
    assert len(server.client_list(_type="normal")) == before + 1
    other.close()
    del other
    gc.collect()
    assert len(server.client_list(_type="normal")) == before
