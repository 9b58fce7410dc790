"""CPython: generators, coroutines and asyncio, the same work as programs/*.c.

    python3 cpython.py NAME [SAMPLES]

SPDX-License-Identifier: MIT
"""

import asyncio
import sys
from time import perf_counter_ns as now

MANY = 100_000


def accumulate():
    total = 0
    while True:
        total += yield total


def send():
    rounds = 100_000
    g = accumulate()
    g.send(None)
    step = g.send
    start = now()
    for _ in range(rounds):
        step(1)
    return (now() - start) / rounds


async def plus_one(n):
    return n + 1


async def await_many(n):
    total = 0
    for _ in range(n):
        total = await plus_one(total)
    return total


def await_done():
    awaits = 100_000
    coro = await_many(awaits)
    start = now()
    try:
        coro.send(None)
    except StopIteration:
        pass
    return (now() - start) / awaits


def life():
    lives = 100_000
    start = now()
    for i in range(lives):
        try:
            plus_one(i).send(None)
        except StopIteration:
            pass
    return (now() - start) / lives


async def yield_often(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def two_take_turns(n):
    await asyncio.gather(yield_often(n), yield_often(n))


async def produce(queue, n):
    for i in range(n):
        await queue.put(i)


async def consume(queue, n):
    for i in range(n):
        assert await queue.get() == i


async def hand_over(n):
    queue = asyncio.Queue(1)
    await asyncio.gather(produce(queue, n), consume(queue, n))


async def join_many():
    await asyncio.gather(*[asyncio.sleep(0) for _ in range(MANY)])


async def sleep_many():
    await asyncio.gather(*[asyncio.sleep((i % 100 + 1) / 1000) for i in range(MANY)])


async def await_tasks(n):
    for _ in range(n):
        await asyncio.create_task(asyncio.sleep(0))


def run(coro):
    start = now()
    asyncio.run(coro)
    return now() - start


BENCHES = {
    'send': send,
    'await_done': await_done,
    'life': life,
    'take_turns': lambda: run(two_take_turns(5_000)) / 10_000,
    'queue': lambda: run(hand_over(10_000)) / 10_000,
    'join': lambda: run(join_many()) / MANY,
    'sleeps': lambda: run(sleep_many()) / 1e6,
    'await_task': lambda: run(await_tasks(5_000)) / 5_000,
}

for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1):
    print(f'{BENCHES[sys.argv[1]]():.3f}')
