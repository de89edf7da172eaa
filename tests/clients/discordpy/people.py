"""The people of the sandbox: they act and look through its control API, over plain HTTP."""

import asyncio
import json
import os
import urllib.error
import urllib.request

URL = os.environ["SANDBOX_URL"]


def ask(method, path, body=None):
    """One request to the control API."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{URL}/sandbox{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        message = json.load(error)["message"]
        raise RuntimeError(f"{method} /sandbox{path}: {error.code} {message}") from None


def make_guild(name):
    return ask("POST", "/guilds", {"name": name})


def make_role(guild, name):
    return ask("POST", f"/guilds/{guild['id']}/roles", {"name": name})


def make_channel(guild, name, overwrites=()):
    """A new channel. Each has rate limits of its own, so steps that post take a fresh one."""
    body = {"name": name, "overwrites": list(overwrites)}
    return ask("POST", f"/guilds/{guild['id']}/channels", body)["id"]


def break_rest(**fault):
    return ask("POST", "/faults", fault)


def break_gateway(**mishap):
    return ask("POST", "/gateway", mishap)


def summary():
    return ask("GET", "")


def logged(since):
    """What went over REST and the gateway since `summary()["seq"]` was this."""
    return ask("GET", f"/log?after={since}")


class Person:
    """Somebody in a guild. Acting waits for the bot's answer, and tells it as this person sees it."""

    def __init__(self, guild, username, roles=()):
        body = {"username": username, "roles": list(roles)}
        self.id = ask("POST", f"/guilds/{guild['id']}/people", body)["id"]
        self.place = {"guild": guild["id"], "channel": guild["channel_id"], "user": self.id}

    async def act(self, what, **body):
        # In a thread, since the bot answers on this one.
        return await asyncio.to_thread(ask, "POST", f"/act/{what}", body)

    async def uses(self, name, **options):
        return await self.act("command", **self.place, name=name, options=options)

    async def types(self, name, focused, **options):
        return await self.act("autocomplete", **self.place, name=name, focused=focused, options=options)

    async def uses_menu(self, name, target):
        return await self.act("menu", **self.place, name=name, target=target)

    async def presses(self, message, custom_id):
        return await self.act("button", user=self.id, message=message, custom_id=custom_id)

    async def chooses(self, message, custom_id, values):
        return await self.act("select", user=self.id, message=message, custom_id=custom_id, values=values)

    async def submits(self, interaction, **values):
        return await self.act("modal", user=self.id, interaction=interaction, values=values)

    async def says(self, content, channel=None):
        return await self.act("message", user=self.id, channel=channel or self.place["channel"], content=content)

    async def reacts(self, message, emoji):
        return await self.act("reaction", user=self.id, message=message, emoji=emoji)

    def sees(self, channel=None):
        """What this person sees in a channel, oldest first."""
        return ask("GET", f"/channels/{channel or self.place['channel']}/messages?as={self.id}")

    def sees_message(self, message, channel=None):
        """One message as this person sees it; None if it is gone or not for them."""
        return next((seen for seen in self.sees(channel) if seen["id"] == str(message)), None)
