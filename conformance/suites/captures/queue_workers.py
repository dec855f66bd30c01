"""Two connections with user and password, a queue group, an unsubscribe after two messages. Argument: the server's URL."""

import asyncio
import sys

import nats


async def main() -> None:
    options = {"user": "app", "password": "secret", "no_echo": True}
    boss = await nats.connect(sys.argv[1], name="boss", **options)
    worker = await nats.connect(sys.argv[1], name="worker", **options)
    done = asyncio.Event()

    async def work(message) -> None:
        await message.respond(b"done: " + message.data)

    await worker.subscribe("jobs.*", queue="workers", cb=work)
    await worker.flush()

    async def result(message) -> None:
        print(message.data.decode())
        if message.data.endswith(b"2"):
            done.set()

    inbox = boss.new_inbox()
    results = await boss.subscribe(inbox, cb=result)
    await results.unsubscribe(limit=2)
    for number in (1, 2):
        await boss.publish("jobs.print", b"page %d" % number, reply=inbox)
        await boss.flush()
    await asyncio.wait_for(done.wait(), 3)
    await worker.close()
    await boss.close()


asyncio.run(main())
