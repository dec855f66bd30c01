"""nats-py programs: what an application that uses this library sees of the server."""

import asyncio
from contextlib import asynccontextmanager

import nats
import nats.errors
import pytest
from nats.aio.msg import Msg

TIMEOUT = 5


@asynccontextmanager
async def connected(url, **options):
    options = {"connect_timeout": TIMEOUT, "allow_reconnect": False} | options
    client = await nats.connect(url, **options)
    try:
        yield client
    finally:
        if not client.is_closed:
            await client.close()


async def eventually(condition) -> None:
    """nats-py's flush may overtake what it still holds back, so what the server knows is asked of the server."""
    for _ in range(250):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def collected(subscription, count) -> list[Msg]:
    return [await subscription.next_msg(timeout=TIMEOUT) for _ in range(count)]


def test_a_client_connects_and_learns_about_the_server(server):
    async def program():
        async with connected(server.url, name="suite") as client:
            assert client.is_connected
            assert client.max_payload == 1048576
            assert client._server_info["headers"] is True

    asyncio.run(program())


def test_every_message_arrives_in_order(server):
    async def program():
        async with connected(server.url) as client:
            subscription = await client.subscribe("orders.>")
            for number in range(1000):
                await client.publish(f"orders.{number % 7}", str(number).encode())
            messages = await collected(subscription, 1000)
            assert [int(message.data) for message in messages] == list(range(1000))
            assert messages[8].subject == "orders.1"

    asyncio.run(program())


@pytest.mark.parametrize(
    ("pattern", "subject", "arrives"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.d", False),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "x", True),
        ("*", "x.y", False),
    ],
)
def test_wildcards(server, pattern, subject, arrives):
    async def program():
        async with connected(server.url) as client:
            subscription = await client.subscribe(pattern)
            await client.publish(subject, b"x")
            await client.flush()
            if arrives:
                assert (await subscription.next_msg(timeout=TIMEOUT)).subject == subject
            else:
                await eventually(lambda: server.json("/varz")["in_msgs"] == 1)
                with pytest.raises(nats.errors.TimeoutError):
                    await subscription.next_msg(timeout=0.1)

    asyncio.run(program())


def test_request_and_reply_between_two_connections(server):
    async def program():
        async with connected(server.url) as service, connected(server.url) as client:

            async def answer(message):
                await message.respond(b"re: " + message.data)

            await service.subscribe("help", cb=answer)
            await eventually(lambda: server.json("/subsz?subs=1&test=help").get("subscriptions_list"))
            replies = await asyncio.gather(*(client.request("help", b"%d" % n, timeout=TIMEOUT) for n in range(50)))
            assert [reply.data for reply in replies] == [b"re: %d" % n for n in range(50)]

    asyncio.run(program())


def test_a_queue_group_shares_the_messages(server):
    async def program():
        async with connected(server.url) as first, connected(server.url) as second, connected(server.url) as sender:
            known = server.json("/varz")["subscriptions"]
            counts = {"first": 0, "second": 0, "all": 0}

            def counter(name):
                async def count(_):
                    counts[name] += 1

                return count

            await first.subscribe("work", queue="crew", cb=counter("first"))
            await second.subscribe("work", queue="crew", cb=counter("second"))
            await second.subscribe("work", cb=counter("all"))
            await eventually(lambda: server.json("/varz")["subscriptions"] >= known + 3)
            for _ in range(400):
                await sender.publish("work", b"x")
            await sender.flush()
            await eventually(lambda: counts["first"] + counts["second"] == 400 and counts["all"] == 400)
            assert min(counts["first"], counts["second"]) > 0

    asyncio.run(program())


def test_headers_travel_with_the_message(server):
    async def program():
        async with connected(server.url) as client:
            subscription = await client.subscribe("h")
            await client.publish("h", b"body", headers={"Kind": "test", "X-Odd": "a: b"})
            message = await subscription.next_msg(timeout=TIMEOUT)
            assert message.headers == {"Kind": "test", "X-Odd": "a: b"}
            assert message.data == b"body"

    asyncio.run(program())


def test_a_request_without_responders_fails_at_once(server):
    async def program():
        async with connected(server.url) as client:
            with pytest.raises(nats.errors.NoRespondersError):
                await client.request("nobody", b"x", timeout=TIMEOUT)

    asyncio.run(program())


def test_unsubscribe_after_some_messages(server):
    async def program():
        async with connected(server.url) as client:
            subscription = await client.subscribe("few")
            await subscription.unsubscribe(limit=3)
            for number in range(10):
                await client.publish("few", b"%d" % number)
            assert [message.data for message in await collected(subscription, 3)] == [b"0", b"1", b"2"]
            await eventually(lambda: server.json("/connz")["connections"][0]["subscriptions"] == 0)

    asyncio.run(program())


def test_drain_delivers_what_is_under_way_and_closes(server):
    async def program():
        seen = []
        async with connected(server.url) as client, connected(server.url) as sender:

            async def slow(message):
                seen.append(message.data)
                await asyncio.sleep(0.001)

            await client.subscribe("d", cb=slow)
            await eventually(lambda: server.json("/subsz?subs=1&test=d").get("subscriptions_list"))
            for number in range(200):
                await sender.publish("d", b"%d" % number)
            await eventually(lambda: server.json("/varz")["out_msgs"] == 200)
            await client.drain()
            assert client.is_closed
        assert seen == [b"%d" % number for number in range(200)]

    asyncio.run(program())


def test_the_largest_payload_arrives_and_one_byte_more_does_not(start):
    server = start("max_payload: 4096\n")

    async def program():
        async with connected(server.url) as client:
            assert client.max_payload == 4096
            subscription = await client.subscribe("big")
            await client.publish("big", b"x" * 4096)
            assert len((await subscription.next_msg(timeout=TIMEOUT)).data) == 4096
            with pytest.raises(nats.errors.MaxPayloadError):
                await client.publish("big", b"x" * 4097)

    asyncio.run(program())


def test_a_megabyte_arrives_whole(server):
    async def program():
        async with connected(server.url) as client:
            subscription = await client.subscribe("mega")
            body = bytes(range(256)) * 4096
            await client.publish("mega", body)
            assert (await subscription.next_msg(timeout=TIMEOUT)).data == body

    asyncio.run(program())


def test_an_application_reconnects_and_keeps_its_subscriptions(start):
    server = start()

    async def program():
        events = []

        async def reconnected():
            events.append("reconnected")

        async def disconnected():
            events.append("disconnected")

        options = {
            "allow_reconnect": True,
            "reconnect_time_wait": 0.05,
            "max_reconnect_attempts": -1,
            "reconnected_cb": reconnected,
            "disconnected_cb": disconnected,
        }
        async with connected(server.url, **options) as client:
            subscription = await client.subscribe("again")
            await eventually(lambda: server.json("/connz")["connections"][0]["subscriptions"] == 1)
            assert await asyncio.to_thread(server.stop) == 0
            await asyncio.to_thread(server.start)
            await eventually(lambda: "reconnected" in events)
            assert events == ["disconnected", "reconnected"]
            await client.publish("again", b"back")
            assert (await subscription.next_msg(timeout=TIMEOUT)).data == b"back"

    asyncio.run(program())


def test_many_subscriptions_on_one_connection(server):
    async def program():
        async with connected(server.url) as client:
            total = 2000
            seen = asyncio.Queue()
            for number in range(total):
                await client.subscribe(f"many.{number}", cb=seen.put)
            await eventually(lambda: server.json("/varz")["subscriptions"] >= total)
            for number in range(0, total, 10):
                await client.publish(f"many.{number}", b"x")
            subjects = {(await asyncio.wait_for(seen.get(), TIMEOUT)).subject for _ in range(total // 10)}
            assert subjects == {f"many.{number}" for number in range(0, total, 10)}

    asyncio.run(program())


def test_an_application_that_does_not_want_its_own_messages(server):
    async def program():
        async with connected(server.url, no_echo=True) as client, connected(server.url) as other:
            own = await client.subscribe("echo")
            await client.publish("echo", b"mine")
            await eventually(lambda: server.json("/varz")["in_msgs"] == 1)
            await other.publish("echo", b"theirs")
            assert (await own.next_msg(timeout=TIMEOUT)).data == b"theirs"

    asyncio.run(program())
