"""asyncio: a task that nobody awaits, and one whose failure ends the program."""

import asyncio

import log_center

log_center.init(project="shop")


async def forgotten():
    raise LookupError("nobody waits")  # RAISED HERE forgotten


async def main():
    task = asyncio.create_task(forgotten())
    await asyncio.sleep(0)
    del task
    await asyncio.sleep(0)
    raise asyncio.TimeoutError("late")  # RAISED HERE main


asyncio.run(main())
