"""Whatever is done in whatever order, a cache does what a list would do."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from media_assets.cache import Cache
from media_assets_tests.cache.content import BLOCK, blocks_in, copies, digest_of, leftovers

MAX_BLOCKS = 30
ENOUGH = 27
BATCH = 8
NUMBERS = st.integers(0, 40)


def data_of(number: int) -> bytes:
    """Content of no block to four, a different one for each number."""
    return bytes([number]) * (number % 5 * BLOCK - (number % 3 if number % 5 else 0))


class CacheMachine(RuleBasedStateMachine):
    """A cache beside a list of what it has to hold, that used longest ago first."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="media-assets-cache-"))
        self.cache = Cache(self.folder, MAX_BLOCKS * BLOCK)
        self.held: dict[str, int] = {}
        self.digests: dict[str, str] = {}
        self.in_use, self.is_counted = 0, False
        self.leaving: list[str] | None = None
        self.hits = self.misses = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def blocks(self) -> int:
        return sum(self.held.values())

    def use(self, name: str) -> None:
        self.held[name] = self.held.pop(name)
        self.stays(name)

    def stays(self, name: str) -> None:
        if self.leaving is not None and name in self.leaving:
            self.leaving.remove(name)

    def lose(self, name: str) -> None:
        del self.held[name]
        self.stays(name)

    def keep(self, name: str, blocks: int) -> None:
        if name in self.held:
            self.use(name)
            return
        if not self.is_counted:
            self.list_all()
        self.in_use += blocks
        if self.leaving is not None:
            self.remove_some()
        if self.in_use > MAX_BLOCKS:
            self.list_all()
            self.in_use += blocks
            self.remove_some()
        self.held[name] = blocks

    def list_all(self) -> None:
        self.leaving, self.in_use = list(self.held), self.blocks()
        self.is_counted = True

    def remove_some(self) -> None:
        removed = 0
        while self.leaving and self.in_use > (ENOUGH if removed < BATCH else MAX_BLOCKS):
            self.in_use -= self.held.pop(self.leaving.pop(0))
            removed += 1
        if self.in_use <= ENOUGH:
            self.leaving = None

    @rule(number=NUMBERS)
    def put(self, number: int) -> None:
        data = data_of(number)

        assert self.cache.put(digest_of(data), data)

        self.keep(digest_of(data), max(1, number % 5))

    @rule(number=NUMBERS)
    def put_file(self, number: int) -> None:
        data = data_of(number)
        source = self.folder / "source"
        source.unlink(missing_ok=True)
        source.write_bytes(data)

        assert self.cache.put_file(digest_of(data), source)

        self.keep(digest_of(data), max(1, number % 5))

    @rule(number=NUMBERS, is_path_wanted=st.booleans())
    def get(self, number: int, *, is_path_wanted: bool) -> None:
        data = data_of(number)
        digest = digest_of(data)

        if is_path_wanted:
            path = self.cache.get(digest)
            got = path and path.read_bytes()
        else:
            got = self.cache.read(digest)

        assert got == (data if digest in self.held else None)
        if got is None:
            self.misses += 1
        else:
            self.hits += 1
            self.use(digest)

    @rule(number=NUMBERS, version=st.sampled_from(["v1", "v2"]), digest=NUMBERS)
    def remember(self, number: int, version: str, digest: int) -> None:
        name, digest_text = f"{number} {version}", digest_of(data_of(digest))

        assert self.cache.remember(f"https://host/{number}", version, digest_text)

        if name in self.held and self.digests[name] != digest_text:
            self.lose(name)
        self.digests[name] = digest_text
        self.keep(name, 1)

    @rule(number=NUMBERS, version=st.sampled_from(["v1", "v2"]))
    def recall(self, number: int, version: str) -> None:
        name = f"{number} {version}"

        digest = self.cache.digest_of(f"https://host/{number}", version)

        assert digest == (self.digests[name] if name in self.held else None)
        if digest is not None:
            self.use(name)

    @precondition(lambda self: any(len(name) == 64 for name in self.held))
    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        digest = data.draw(st.sampled_from([name for name in self.held if len(name) == 64]))
        path = copies(self.folder)[digest]
        path.unlink()
        path.write_bytes(b"damage")

        assert self.cache.read(digest) is None

        self.misses += 1
        self.lose(digest)

    @rule()
    def start_anew(self) -> None:
        self.cache = Cache(self.folder, MAX_BLOCKS * BLOCK)
        self.hits = self.misses = 0
        self.leaving = None

    @rule()
    def vanish(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.held.clear()
        self.is_counted = False

    @invariant()
    def holds_what_the_list_holds(self) -> None:
        assert set(copies(self.folder)) == {name for name in self.held if len(name) == 64}
        assert blocks_in(self.folder) == self.blocks() <= MAX_BLOCKS
        assert leftovers(self.folder) == []
        assert (self.cache.counts.hits, self.cache.counts.misses) == (self.hits, self.misses)


CacheMachine.TestCase.settings = settings(max_examples=25, stateful_step_count=50, deadline=None)
test_a_cache_does_what_a_list_would_do = CacheMachine.TestCase
