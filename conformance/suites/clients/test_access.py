"""Who may connect, and what they may do, as a nats-py program meets it."""

import asyncio

import nats
import nats.errors
import pytest

TIMEOUT = 5
# bcrypt of "s3cr3t" with cost 4
HASH = "$2a$04$GO7DCERI9rYyXEVnkoZ6v.R.ZFcuFKpqYoL.AgbQ60e4WfQzlaYZu"

PERMISSIONS = """
authorization {
  users = [
    {
      user: limited, password: limited
      permissions {
        publish: { allow: ["ok.>", "_INBOX.>"], deny: "ok.not" }
        subscribe: ["ok.>", "_INBOX.>"]
      }
    }
  ]
}
"""


async def connect(url, **options):
    return await nats.connect(url, allow_reconnect=False, connect_timeout=TIMEOUT, **options)


def accepted(server, **options):
    async def program():
        client = await connect(server.url, **options)
        await client.flush()
        await client.close()

    asyncio.run(program())


def refused(server, **options) -> str:
    """The text of the refusal."""
    said = []

    async def on_error(error):
        said.append(str(error))

    async def program():
        with pytest.raises((nats.errors.Error, asyncio.TimeoutError)) as raised:
            await connect(server.url, error_cb=on_error, **options)
        said.append(str(raised.value))

    asyncio.run(program())
    return " ".join(said)


def test_user_and_password(start):
    server = start("authorization { user: derek, password: T0pS3cr3t }")
    accepted(server, user="derek", password="T0pS3cr3t")
    assert "Authorization Violation" in refused(server, user="derek", password="wrong")
    assert "Authorization Violation" in refused(server)


def test_token(start):
    server = start("authorization { token: deadbeef }")
    accepted(server, token="deadbeef")
    assert "Authorization Violation" in refused(server, token="beef")


def test_users_from_flags(start):
    server = start("", "--user", "ivan", "--pass", "pw")
    accepted(server, user="ivan", password="pw")
    assert "Authorization Violation" in refused(server, user="ivan", password="PW")


def test_a_list_of_users_with_a_hashed_password(start):
    server = start(
        f'authorization {{ users = [ {{user: plain, password: "p"}}, {{user: hashed, password: "{HASH}"}} ] }}'
    )
    accepted(server, user="plain", password="p")
    accepted(server, user="hashed", password="s3cr3t")
    assert "Authorization Violation" in refused(server, user="hashed", password=HASH)


def test_no_auth_user_lets_anonymous_clients_in(start):
    server = start('no_auth_user: guest\nauthorization { users = [ {user: guest, password: "g"} ] }')
    accepted(server)
    assert "Authorization Violation" in refused(server, user="guest", password="x")


def test_permissions(start):
    server = start(PERMISSIONS)

    async def program():
        said = []

        async def on_error(error):
            said.append(str(error))

        client = await connect(server.url, user="limited", password="limited", error_cb=on_error)
        allowed = await client.subscribe("ok.>")
        await client.publish("ok.yes", b"1")
        assert (await allowed.next_msg(timeout=TIMEOUT)).data == b"1"
        await client.publish("ok.not", b"2")
        await client.publish("other", b"3")
        await client.subscribe("other")
        for _ in range(250):
            if len(said) >= 3:
                break
            await asyncio.sleep(0.02)
        await client.close()
        return said

    said = [text.lower() for text in asyncio.run(program())]
    for subject, what in (("ok.not", "publish to"), ("other", "publish to"), ("other", "subscription to")):
        assert any(f'permissions violation for {what} "{subject}"' in text for text in said), said


def test_the_server_counts_who_is_connected(start):
    server = start("authorization { user: derek, password: pw }")

    async def program():
        client = await connect(server.url, user="derek", password="pw", name="counted")
        connections = server.json("/connz?auth=1")["connections"]
        assert [(entry["name"], entry["authorized_user"]) for entry in connections] == [("counted", "derek")]
        await client.close()

    asyncio.run(program())
