"""Futures of another thread wake the event loop once where they are completed together."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread

import pytest

from mailgate.transport.smtp.completions import Completions


def _complete(*futures: Future[int]) -> None:
    """Completes futures in another thread, while the event loop rests."""

    def complete() -> None:
        for future in futures:
            future.set_result(1)

    thread = Thread(target=complete)
    thread.start()
    thread.join()


def test_those_completed_together_wake_the_loop_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> int:
        loop, completions, wakes = asyncio.get_running_loop(), Completions(), 0
        wake = loop.call_soon_threadsafe

        def count(*arguments: object) -> object:
            nonlocal wakes
            wakes += 1
            return wake(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(loop, "call_soon_threadsafe", count)
        for _ in range(2):
            futures: list[Future[int]] = [Future() for _ in range(5)]
            waits = [asyncio.ensure_future(completions.wait(future)) for future in futures]
            await asyncio.sleep(0)
            _complete(*futures)
            await asyncio.gather(*waits)
        return wakes

    assert asyncio.run(run()) == 2


def test_a_future_that_is_done_already_is_not_waited_for() -> None:
    async def run() -> None:
        done: Future[int] = Future()
        done.set_exception(OSError("full"))
        await Completions().wait(done)

    asyncio.run(run())


def test_who_no_longer_waits_holds_nobody_up_and_cancels_nothing() -> None:
    async def run() -> None:
        completions = Completions()
        futures: list[Future[int]] = [Future(), Future()]
        gone, other = (asyncio.ensure_future(completions.wait(future)) for future in futures)
        await asyncio.sleep(0)
        gone.cancel()
        _complete(*futures)
        await other
        assert gone.cancelled()
        assert [future.result() for future in futures] == [1, 1]

    asyncio.run(run())


def test_a_future_may_outlive_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()

    async def run() -> None:
        asyncio.ensure_future(Completions().wait(future))  # noqa: RUF006 - ends with the loop
        await asyncio.sleep(0)

    asyncio.run(run())
    _complete(future)
    assert not caplog.records
