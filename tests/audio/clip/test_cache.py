from __future__ import annotations

import os

from audio.cache import ENCODED, SPEECH, FolderCache, key


def test_what_was_put_comes_back_from_any_process(tmp_path):
    FolderCache(tmp_path, 1 << 20).put(SPEECH, key("a"), b"sound")
    assert FolderCache(tmp_path, 1 << 20).get(SPEECH, key("a")) == b"sound"
    assert FolderCache(tmp_path, 1 << 20).get(ENCODED, key("a")) is None


def test_parts_of_a_key_do_not_run_together():
    assert len({key("ab", "c"), key("a", "bc"), key("abc"), key("a", "b", "c")}) == 4


def test_a_torn_entry_counts_as_missing(tmp_path):
    cache = FolderCache(tmp_path, 1 << 20)
    cache.put(SPEECH, key("a"), b"sound" * 100)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-7])
    assert cache.get(SPEECH, key("a")) is None
    assert not path.exists()


def test_the_least_lately_used_goes_first(tmp_path):
    cache = FolderCache(tmp_path, 10_000)
    for i in range(9):
        cache.put(SPEECH, key(str(i)), bytes(1000))
        path = tmp_path / SPEECH / key(str(i))[:2] / key(str(i))
        os.utime(path, (i, i))
    assert cache.get(SPEECH, key("0")) is not None
    cache.put(SPEECH, key("new"), bytes(1000))
    assert cache.get(SPEECH, key("0")) is not None
    assert cache.get(SPEECH, key("new")) is not None
    assert cache.get(SPEECH, key("1")) is None
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 10_000


def test_a_folder_that_cannot_be_written_costs_only_speed(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = FolderCache(tmp_path / "file", 1 << 20)
    cache.put(SPEECH, key("a"), b"sound")
    assert cache.get(SPEECH, key("a")) is None
