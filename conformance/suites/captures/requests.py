"""Requests, a responder, nobody listening, headers and a drain, with nats-py. Argument: the server's URL."""

import asyncio
import sys

import nats
from nats.errors import NoRespondersError


async def main() -> None:
    connection = await nats.connect(sys.argv[1], name="requests")

    async def answer(message) -> None:
        await message.respond(b"answer to " + message.data)

    await connection.subscribe("help", cb=answer)
    await connection.flush()
    for question in (b"first", b"second"):
        reply = await connection.request("help", question, timeout=2)
        print(reply.data.decode())
    try:
        await connection.request("nobody.listens", b"", timeout=2)
    except NoRespondersError:
        print("nobody listens")
    await connection.publish("news", b"A" * 100, headers={"Kind": "large"})
    await connection.drain()


asyncio.run(main())
