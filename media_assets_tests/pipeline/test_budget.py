"""A limit on the memory of images in flight."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

from media_assets.pipeline.budget import MemoryRoom, PartRoom, RowRoom


def held_by_another(room: MemoryRoom, size_bytes: int) -> tuple[ThreadPoolExecutor, Event, Event]:
    """Holds room on another thread until the second event; the first one signals that it does."""
    pool, holding, release = ThreadPoolExecutor(1), Event(), Event()

    def hold() -> None:
        held = room.take(size_bytes)
        holding.set()
        release.wait(240)
        room.give_back(held)

    pool.submit(hold)
    return pool, holding, release


def test_images_that_fit_together_are_in_flight_together() -> None:
    room = MemoryRoom(100)
    pool, holding, release = held_by_another(room, 60)

    with pool:
        assert holding.wait(240)
        assert room.take(40) == 40
        release.set()


def test_an_image_waits_until_there_is_room_for_it() -> None:
    room = MemoryRoom(100)
    first, holding, release = held_by_another(room, 60)
    assert holding.wait(240)

    second, got_in, let_go = held_by_another(room, 41)
    with first, second:
        is_in_beside = got_in.wait(0.05)
        release.set()
        is_in_afterwards = got_in.wait(240)
        let_go.set()

    assert not is_in_beside
    assert is_in_afterwards


def test_an_image_larger_than_the_whole_room_gets_in_alone() -> None:
    room = MemoryRoom(100)

    held = room.take(1_000_000)

    assert held == 100
    assert room.exchange(0, 1) is None
    room.give_back(held)
    assert room.take(100) == 100


def test_a_row_takes_more_room_only_where_it_is_there_at_once() -> None:
    room = MemoryRoom(100)
    first, second = (RowRoom(room, lambda _: 0) for _ in range(2))
    first.begin(30)
    second.begin(30)

    assert not first.grow(80)
    assert first.grow(70)
    assert not second.grow(31)
    first.close()
    assert second.grow(100)


def test_a_parent_lends_its_room_to_one_part_at_a_time_and_no_part_waits() -> None:
    room = MemoryRoom(100)
    parent = RowRoom(room, lambda _: 0)
    parent.begin(60)
    first, second, third = (PartRoom(room, lambda _: 0, parent) for _ in range(3))

    assert first.grow(60)
    assert second.grow(40)  # what is free
    assert room.exchange(0, 1) is None
    assert third.grow(60)  # goes on with nothing
    first.close()
    second.close()
    third.close()
    assert parent.lend()
    parent.close()
    assert room.exchange(0, 100) == 100


def test_a_part_of_a_parent_that_holds_no_room_waits_as_a_row_does() -> None:
    room = MemoryRoom(100)
    parent = RowRoom(room, lambda _: 0)
    first, second = (PartRoom(room, lambda _: 0, parent) for _ in range(2))
    first.begin(30)

    assert first.grow(80)
    assert not second.grow(30)
    first.close()
    assert second.grow(100)


def test_many_threads_never_hold_more_than_the_room_together() -> None:
    room, lock = MemoryRoom(100), Lock()
    held: list[int] = [0]
    most: list[int] = [0]

    def change(by: int) -> None:
        with lock:
            held[0] += by
            most[0] = max(most[0], held[0])

    def work(size_bytes: int) -> None:
        row = RowRoom(room, lambda _: 0)
        row.begin(size_bytes // 3)
        change(size_bytes // 3)
        change(-(size_bytes // 3))
        if not row.grow(size_bytes):
            row.wait(size_bytes)
        change(size_bytes)
        change(-size_bytes)
        row.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [30, 45, 60, 99, 1] * 100))

    assert held == [0]
    assert 0 < most[0] <= 100
    assert room.take(100) == 100
