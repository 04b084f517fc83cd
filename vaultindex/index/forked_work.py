"""Only for speed: share the work on many files with a second process. Stands for doing the batches one after the other.

A forked child and the parent take batches from the same queue, so neither waits for the other; the child's results come
back through a file that both hold open. If the child dies, the parent does the
batches that were not delivered. It halves the time of a full index on two cores.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

LEAST = 32  # fewer batches are done sooner alone
_NUMBER = struct.Struct("<I")
_DONE = struct.Struct("<IQQ")  # batch, offset, length

Do = Callable[[Sequence[str]], Any]


def work(
    batches: Sequence[Sequence[str]],
    do: Do,
    folder: str | None = None,
    processes: int | None = None,
    get_ready: Callable[[], object] = bool,
) -> Iterator[Any]:
    """`do(batch)` for all batches of jobs, in any order; plain values (tuples, lists, text, numbers, bytes), so that
    they pass between processes. `folder` is where a temporary file may lie. An exception of `do` is raised by what is
    returned; the second process begins at once, `get_ready` is called just before."""
    if (processes or available()) < 2 or len(batches) < LEAST:
        return map(do, batches)
    get_ready()
    shared = _with_child(batches, do, folder)
    next(shared)
    return shared


def available() -> int:
    """How many processes may share the work here: one where forking is impossible or unsafe (other threads run)."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 2)


def _with_child(batches: Sequence[Sequence[str]], do: Do, folder: str | None) -> Iterator[Any]:
    queue_out, queue_in = os.pipe()
    done_out, done_in = os.pipe()
    with tempfile.TemporaryFile(dir=folder, buffering=0) as shelf:
        child = os.fork()
        if child == 0:
            os.close(queue_in)
            os.close(done_out)
            _child(batches, do, queue_out, done_in, shelf.fileno())
        os.close(done_in)
        pending = set(range(len(batches)))
        try:
            # A thread is not worth it: the queue of a million files is 80 kB, so it is fed as it empties.
            os.set_blocking(queue_in, False)
            numbers = iter(range(len(batches)))
            waiting = _feed(queue_in, numbers, b"")
            yield  # the child is at work
            os.set_blocking(queue_out, False)
            os.set_blocking(done_out, False)
            while True:
                yield from _delivered(done_out, shelf.fileno(), pending)
                waiting = _feed(queue_in, numbers, waiting) if waiting is not None else None
                if waiting is None and queue_in >= 0:
                    os.close(queue_in)
                    queue_in = -1
                try:
                    ticket = os.read(queue_out, _NUMBER.size)
                except BlockingIOError:
                    continue
                if not ticket:
                    break
                number = _NUMBER.unpack(ticket)[0]
                yield do(batches[number])
                pending.discard(number)
            os.set_blocking(done_out, True)
            yield from _delivered(done_out, shelf.fileno(), pending)
        finally:
            for fd in (queue_in, queue_out, done_out):
                if fd >= 0:
                    os.close(fd)
            os.waitpid(child, 0)
        for number in sorted(pending):  # taken by a child that died
            yield do(batches[number])


def _feed(fd: int, numbers: Iterator[int], waiting: bytes) -> bytes | None:
    """Put tickets into the queue until it is full; what did not fit, None when every ticket is in."""
    while True:
        if not waiting:
            number = next(numbers, None)
            if number is None:
                return None
            waiting = _NUMBER.pack(number)
        try:
            os.write(fd, waiting)  # a ticket is smaller than PIPE_BUF, so it goes in whole or not at all
        except BlockingIOError:
            return waiting
        waiting = b""


def _delivered(fd: int, shelf: int, pending: set[int]) -> Iterator[Any]:
    """The child's results that are there; all of them when `fd` blocks (until the child closes it)."""
    while True:
        try:
            note = os.read(fd, _DONE.size)
        except BlockingIOError:
            return
        if not note:
            return
        number, offset, length = _DONE.unpack(note)
        yield marshal.loads(os.pread(shelf, length, offset))
        pending.discard(number)


def _child(batches: Sequence[Sequence[str]], do: Do, queue: int, done: int, shelf: int) -> None:
    """The child: take tickets until there are none, then exit. A batch that fails here is redone by the parent, which raises the error."""
    code = 1
    try:
        offset = 0
        while True:
            ticket = os.read(queue, _NUMBER.size)
            if not ticket:
                code = 0
                break
            number = _NUMBER.unpack(ticket)[0]
            data = marshal.dumps(do(batches[number]))
            written = 0
            while written < len(data):
                written += os.pwrite(shelf, data[written:], offset + written)
            os.write(done, _DONE.pack(number, offset, len(data)))
            offset += len(data)
    finally:
        os._exit(code)
