"""Pools of threads: all work is done, and nothing waits for hanging work."""

import subprocess
import sys
from threading import Barrier, Event

import pytest

from media_assets.threads import Threads


def test_all_work_is_done_before_a_pool_is_left() -> None:
    done: list[int] = []

    with Threads(3) as pool:
        for number in range(100):
            pool.submit(done.append, number)

    assert sorted(done) == list(range(100))


def test_as_many_threads_work_as_there_is_work_for() -> None:
    together = Barrier(4, timeout=240)

    with Threads(4) as pool:
        for _ in range(3):
            waits = [pool.submit(together.wait) for _ in range(4)]
            assert sorted(wait.result() for wait in waits) == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt])
def test_exceptions_from_the_work_reach_its_caller(kind: type[BaseException]) -> None:
    def fail() -> None:
        raise kind

    with Threads(1) as pool:
        failed, fine = pool.submit(fail), pool.submit(int, "1")

        assert isinstance(failed.exception(), kind)
        assert fine.result() == 1


def test_a_pool_left_early_starts_nothing_and_does_not_wait_for_hangs() -> None:
    end, begun, pool = Event(), list[int](), Threads(1)
    hanging, waiting = pool.submit(end.wait), pool.submit(begun.append, 1)

    pool.__exit__(ValueError, ValueError(), None)

    assert not hanging.done()
    assert waiting.cancelled()
    end.set()
    assert hanging.result()
    assert begun == []


def test_a_thread_that_hangs_does_not_keep_its_process_from_ending() -> None:
    program = (
        "import time; from media_assets.threads import Threads\n"
        "with Threads(1) as pool:\n"
        "    pool.submit(time.sleep, 3600)\n"
        "    raise SystemExit(3)\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=120)

    assert ended.returncode == 3
