"""A discord.py bot and the people it meets, in the sandbox. Each step is looked at from both sides: what the
library saw, and what a person sees. It is also how to test a bot of your own."""

import asyncio
import io
import os
import platform
import sys
import time
import urllib.request

import aiohttp
import discord
import yarl
from discord import app_commands

import commands
from commands import Choices, Counter, Form, pinged, understood
from people import URL, Person, break_gateway, break_rest, logged, make_channel, make_guild, make_role, summary
from steps import play_all, step

# Both of them: with the first alone, discord.py takes the token to Discord's own gateway.
GATEWAY = yarl.URL(URL.replace("http", "ws", 1))
discord.http.Route.BASE = f"{URL}/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = GATEWAY

LIMIT = 5
# discord.py takes five seconds before it identifies again.
LONG_LIMIT = 10
POST_MESSAGE = "POST /channels/{id}/messages"

# Every address that the library asks, so that the gateway's can be looked at.
asked = []
trace = aiohttp.TraceConfig()


@trace.on_request_start.append
async def note(_session, _context, params):
    asked.append(params.url)


intents = discord.Intents.default()
intents.members = True
intents.message_content = True
bot = discord.Client(intents=intents, http_trace=trace, guild_ready_timeout=0.2)
tree = app_commands.CommandTree(bot)

home = make_guild("Workshop")
crew = make_role(home, "crew")
ana = Person(home, "ana", [crew["id"]])
ben = Person(home, "ben")
guild_only = discord.Object(home["id"])


async def heard(event, fits=None, limit=LIMIT):
    return await bot.wait_for(event, check=fits, timeout=limit)


async def soon(awaited):
    return await asyncio.wait_for(awaited, LIMIT)


async def meet(handle):
    """Ana uses /ping and the bot answers with `handle`. Answers what each of them got."""

    async def answer():
        interaction = await soon(pinged.get())
        await handle(interaction)
        return interaction

    return await asyncio.gather(answer(), ana.uses("ping"))


def says(content, **more):
    """A `handle` that replies at once."""
    return lambda interaction: interaction.response.send_message(content, **more)


async def room(name, overwrites=()):
    """A fresh channel, as the library has it."""
    return await bot.fetch_channel(int(make_channel(home, name, overwrites)))


def statuses(since, route=POST_MESSAGE):
    return [entry["status"] for entry in logged(since) if entry.get("route") == route]


def read(url):
    with urllib.request.urlopen(url, timeout=LIMIT) as response:
        return response.read().decode()


async def refused(code, awaited):
    try:
        await awaited
    except discord.HTTPException as error:
        assert error.code == code, error
        return error
    raise AssertionError(f"not refused with {code}")


def contents(channel):
    return [seen["content"] for seen in ana.sees(channel.id)]


@step
async def logs_in():
    await bot.login(os.environ["SANDBOX_TOKEN"])
    bot.connection = asyncio.create_task(bot.connect())
    await soon(bot.wait_until_ready())
    assert bot.get_guild(int(home["id"])).name == "Workshop"
    assert summary()["connections"] == 1


@step
async def has_its_gateway_compressed():
    [gateway] = [url for url in asked if url.scheme == "ws"]
    # The second where Python has it: since 3.14, or with the package zstandard.
    assert gateway.query["compress"] in ("zlib-stream", "zstd-stream"), gateway
    assert (gateway.host, gateway.port) == (GATEWAY.host, GATEWAY.port)


@step
async def registers_a_command_everywhere():
    tree.add_command(commands.ping)
    await tree.sync()
    _, outcome = await meet(says("pong"))
    assert outcome["message"]["content"] == "pong"


@step
async def registers_commands_in_a_guild():
    for command in (commands.everything, commands.Shop(), commands.quote, commands.greet):
        tree.add_command(command, guild=guild_only)
    registered = await tree.sync(guild=guild_only)
    assert sorted(it.name for it in registered) == ["Greet", "Quote", "everything", "shop"]
    options = {it.name: it for it in next(it for it in registered if it.name == "everything").options}
    assert options["count"].max_value == 10
    assert options["city"].autocomplete
    assert options["paper"].type is discord.AppCommandOptionType.attachment
    assert len(await tree.fetch_commands(guild=guild_only)) == 4


@step
async def answers_a_slash_command_with_one_of_each_option():
    paper = {"filename": "note.txt", "text": "from ana"}
    outcome = await ana.uses(
        "everything", colour="red", city="Berlin", count=3, ratio=2.5, loud=True, who=ben.id,
        where=home["channel_id"], rank=crew["id"], either=ana.id, paper=paper,
    )
    given = await soon(understood.get())
    assert (given.colour, given.city, given.count, given.ratio, given.loud) == ("red", "Berlin", 3, 2.5, True)
    assert isinstance(given.who, discord.Member) and given.who.name == "ben"
    assert given.where.name == "general"
    assert given.rank.name == "crew"
    assert [role.name for role in given.either.roles] == ["@everyone", "crew"]
    assert await given.paper.read() == b"from ana"
    assert outcome["message"]["content"] == f"<@{ben.id}> in <#{home['channel_id']}>"


@step
async def answers_a_subcommand_and_one_in_a_group():
    assert (await ana.uses("shop open"))["message"]["content"] == "open"
    assert (await ana.uses("shop stock add", count=4))["message"]["content"] == "4 more"


@step
async def defers_then_edits_the_reply():
    async def handle(interaction):
        await interaction.response.defer(thinking=True)
        await interaction.edit_original_response(content="worth the wait")

    interaction, outcome = await meet(handle)
    assert (await interaction.original_response()).content == "worth the wait"
    assert outcome["message"]["content"] == "worth the wait"
    assert not outcome["ephemeral"]


@step
async def defers_for_one_pair_of_eyes():
    async def handle(interaction):
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.edit_original_response(content="only for ana")

    _, outcome = await meet(handle)
    assert outcome["ephemeral"]
    assert ana.sees_message(outcome["message"]["id"])["content"] == "only for ana"
    assert ben.sees_message(outcome["message"]["id"]) is None


@step
async def follows_up_for_all_and_for_one():
    sent = []

    async def handle(interaction):
        await interaction.response.send_message("first")
        sent.append(await interaction.followup.send("for all", wait=True))
        sent.append(await interaction.followup.send("for ana", ephemeral=True, wait=True))

    await meet(handle)
    to_all, to_one = sent
    assert ben.sees_message(to_all.id)["content"] == "for all"
    assert ana.sees_message(to_one.id)["content"] == "for ana"
    assert ben.sees_message(to_one.id) is None


@step
async def edits_its_reply_and_deletes_it():
    interaction, outcome = await meet(says("frist"))
    await interaction.edit_original_response(content="first")
    seen = ana.sees_message(outcome["message"]["id"])
    assert seen["content"] == "first" and seen["edited_timestamp"]
    await interaction.delete_original_response()
    assert ana.sees_message(outcome["message"]["id"]) is None


@step
async def shows_a_modal_and_reads_what_was_typed():
    _, opened = await meet(lambda interaction: interaction.response.send_modal(Form()))
    assert opened["modal"]["title"] == "A form"
    outcome = await ana.submits(opened["interaction"], why="it rains", size=["l"])
    assert await soon(understood.get()) == ["l"]
    assert outcome["message"]["content"] == "because it rains"


@step
async def updates_a_message_when_its_button_is_pressed():
    _, posted = await meet(says("0", view=Counter()))
    outcome = await ben.presses(posted["message"]["id"], "add")
    press = await soon(understood.get())
    assert press.message.content == "0" and press.user.name == "ben"
    assert outcome["state"] == "updated"
    assert ana.sees_message(posted["message"]["id"])["content"] == "1"


@step
async def takes_its_time_after_a_button():
    _, posted = await meet(says("slow", view=Counter()))
    await ana.presses(posted["message"]["id"], "later")
    seen = ana.sees_message(posted["message"]["id"])
    assert seen["content"] == "done" and seen["components"] == []


@step
async def takes_what_was_chosen_in_a_select():
    _, posted = await meet(says("choose", view=Choices()))
    outcome = await ana.chooses(posted["message"]["id"], "fruit", ["pear", "plum"])
    assert outcome["message"]["content"] == "pear and plum"


@step
async def takes_the_person_chosen_in_a_select():
    _, posted = await meet(says("choose", view=Choices()))
    outcome = await ana.chooses(posted["message"]["id"], "person", [ben.id])
    assert isinstance(await soon(understood.get()), discord.Member)
    assert outcome["message"]["content"] == "hello ben"


@step
async def suggests_while_somebody_types():
    outcome = await ana.types("everything", "city", colour="red", city="be")
    assert await soon(understood.get()) == ("be", "red")
    assert outcome["choices"] == [{"name": "Berlin", "value": "berlin"}]


@step
async def acts_on_a_message_from_its_menu():
    said = await ben.says("quotable")
    outcome = await ana.uses_menu("Quote", said["id"])
    assert outcome["message"]["content"] == "> ben: quotable"


@step
async def acts_on_a_person_from_their_menu():
    outcome = await ana.uses_menu("Greet", ben.id)
    assert outcome["message"]["content"] == f"hi <@{ben.id}>"


@step
async def posts_an_embed_buttons_and_a_file():
    channel = await room("posts")
    embed = discord.Embed(title="Report", description="All well", colour=0x2E8B57, timestamp=discord.utils.utcnow())
    embed.add_field(name="Wins", value="3").set_footer(text="weekly")
    view = Counter().add_item(discord.ui.Button(label="More", url="https://example.com/"))
    file = discord.File(io.BytesIO(b"a,b\n1,2\n"), "report.csv", description="figures")
    posted = await channel.send(embed=embed, view=view, file=file)
    assert await posted.attachments[0].read() == b"a,b\n1,2\n"
    assert posted.attachments[0].description == "figures"
    [seen] = ana.sees(channel.id)
    assert seen["embeds"][0]["fields"][0]["value"] == "3"
    assert seen["components"][0]["components"][2]["url"] == "https://example.com/"
    assert read(seen["attachments"][0]["url"]) == "a,b\n1,2\n"


@step
async def edits_a_message_of_its_own_and_deletes_it():
    channel = await room("edits")
    posted = await channel.send("tpyo")
    (before, after), _ = await asyncio.gather(
        heard("message_edit", lambda before, _: before.id == posted.id), posted.edit(content="typo")
    )
    assert (before.content, after.content) == ("tpyo", "typo")
    assert contents(channel) == ["typo"]
    await asyncio.gather(heard("message_delete", lambda it: it.id == posted.id), posted.delete())
    assert contents(channel) == []


@step
async def reads_history_in_pages():
    channel = await room("history")
    said = [await ana.says(str(number), channel.id) for number in range(105)]
    at = [discord.Object(it["id"]) for it in said]

    async def page(**query):
        return [int(message.content) async for message in channel.history(**query)]

    since = summary()["seq"]
    assert await page(limit=None) == list(reversed(range(105)))
    assert statuses(since, "GET /channels/{id}/messages") == [200, 200]
    assert await page(limit=3, before=at[50]) == [49, 48, 47]
    assert await page(limit=3, after=at[50]) == [51, 52, 53]
    assert sorted(await page(limit=3, around=at[50])) == [49, 50, 51]
    assert (await channel.fetch_message(at[0].id)).author.id == int(ana.id)


@step
async def reacts_and_sees_a_reaction():
    channel = await room("reactions")
    posted = await channel.send("vote")
    await posted.add_reaction("🔔")
    (reaction, user), _ = await asyncio.gather(
        heard("reaction_add", lambda _, user: user.id == int(ana.id)), ana.reacts(str(posted.id), "🔔")
    )
    assert (reaction.emoji, reaction.count, user.name) == ("🔔", 2, "ana")
    assert ana.sees_message(posted.id, channel.id)["reactions"][0]["count"] == 2


@step
async def reads_the_guild_its_channels_roles_and_members():
    guild = await bot.fetch_guild(int(home["id"]))
    assert guild.approximate_member_count == 4
    assert (await bot.fetch_channel(int(home["channel_id"]))).type is discord.ChannelType.text
    assert len(await guild.fetch_channels()) > 1
    assert (await guild.fetch_role(int(crew["id"]))).name == "crew"
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "bot", "crew"]
    assert (await guild.fetch_member(int(ana.id))).name == "ana"
    assert len([member async for member in guild.fetch_members(limit=10)]) == 4
    cached = bot.get_guild(guild.id)
    assert [member.name for member in await cached.query_members("ben")] == ["ben"]
    assert len(await cached.chunk()) == 4
    assert (await bot.fetch_user(int(ben.id))).name == "ben"


@step
async def writes_a_direct_message_and_hears_one():
    direct = await (await bot.fetch_user(int(ana.id))).create_dm()
    await direct.send("psst")
    assert contents(direct) == ["psst"]
    answer, _ = await asyncio.gather(
        heard("message", lambda it: it.author.id == int(ana.id)), ana.says("what?", str(direct.id))
    )
    assert answer.content == "what?" and answer.guild is None


@step
async def hears_what_somebody_types_edits_and_deletes():
    typed, _ = await asyncio.gather(
        heard("message", lambda it: it.author.id == int(ana.id)), ana.says("good mornign")
    )
    assert typed.content == "good mornign"
    assert [role.name for role in typed.author.roles] == ["@everyone", "crew"]
    await asyncio.gather(
        heard("message_edit", lambda _, after: after.content == "good morning"),
        ana.act("edit", user=ana.id, message=str(typed.id), content="good morning"),
    )
    await asyncio.gather(
        heard("message_delete", lambda it: it.id == typed.id), ana.act("delete", user=ana.id, message=str(typed.id))
    )


@step
async def pings_nobody_though_it_names_everyone():
    channel = await room("quiet")
    content = f"@everyone <@{ana.id}> <@&{crew['id']}>"
    quiet = await channel.send(content, allowed_mentions=discord.AllowedMentions.none())
    assert not quiet.mention_everyone and quiet.mentions == []
    only_ana = discord.AllowedMentions(everyone=True, users=[discord.Object(ana.id)], roles=False)
    loud = await channel.send(content, allowed_mentions=only_ana)
    assert loud.mention_everyone and [user.name for user in loud.mentions] == ["ana"]
    assert [seen["mention_everyone"] for seen in ana.sees(channel.id)] == [False, True]
    assert contents(channel) == [content, content]


@step
async def is_refused_a_message_that_is_too_long_50035():
    channel = await room("long")
    error = await refused(50035, channel.send("x" * 2001))
    assert "content: Must be 2000 or fewer in length." in error.text, error.text
    assert contents(channel) == []


@step
async def is_refused_a_channel_that_is_not_there_10003():
    assert isinstance(await refused(10003, bot.fetch_channel(1234567890123456789)), discord.NotFound)


@step
async def is_refused_where_it_may_not_write_50013():
    channel = await room("read-only", [{"id": home["bot_role_id"], "type": 0, "deny": "2048"}])
    assert isinstance(await refused(50013, channel.send("may I?")), discord.Forbidden)
    assert contents(channel) == []


@step
async def is_refused_a_second_answer_40060():
    _, outcome = await meet(says("once"))
    await ana.act("redeliver", interaction=outcome["interaction"])
    again = await soon(pinged.get())
    assert again.id == int(outcome["interaction"])
    await refused(40060, again.response.send_message("twice"))


@step
async def is_refused_an_answer_that_comes_late_10062():
    outcome = await ana.uses("ping")
    assert outcome["state"] == "silent"
    late = await soon(pinged.get())
    assert isinstance(await refused(10062, late.response.send_message("sorry")), discord.NotFound)


@step
async def keeps_to_the_rate_limit_of_a_channel():
    channel = await room("busy")
    since = summary()["seq"]
    for number in range(6):
        await channel.send(str(number))
    assert statuses(since) == [200] * 6
    assert contents(channel) == list("012345")


async def waits_out_a_429(is_global):
    channel = await room("patience")
    since, begun = summary()["seq"], time.monotonic()
    break_rest(route=POST_MESSAGE, kind="429", times=1, retry_after=0.6, **{"global": is_global})
    await channel.send("at last")
    assert time.monotonic() - begun >= 0.6
    assert statuses(since) == [429, 200]
    assert contents(channel) == ["at last"]


@step
async def waits_out_a_429_of_a_route():
    await waits_out_a_429(is_global=False)


@step
async def waits_out_a_429_of_everything():
    await waits_out_a_429(is_global=True)


@step
async def tries_again_after_a_500():
    channel = await room("stubborn")
    since = summary()["seq"]
    break_rest(route=POST_MESSAGE, kind="500", times=1)
    await channel.send("second time lucky")
    assert statuses(since) == [500, 200]
    assert contents(channel) == ["second time lucky"]


async def survives(**mishap):
    """Breaks the connection, says something meanwhile, and expects it once: nothing lost, nothing twice."""
    channel = await room("gateway")
    session, since, connections = bot.ws.session_id, summary()["seq"], len(asked)
    got = []

    async def on_message(message):
        if message.channel.id == channel.id:
            got.append(message.content)

    async def away():
        break_gateway(**mishap)
        await ana.says("while away", channel.id)

    bot.on_message = on_message
    await asyncio.gather(heard("resumed"), away())
    await asyncio.gather(heard("message", lambda it: it.content == "back again"), ana.says("back again", channel.id))
    del bot.on_message
    assert got == ["while away", "back again"], got
    assert bot.ws.session_id == session
    [gateway] = [url for url in asked[connections:] if url.scheme == "ws"]
    assert (gateway.host, gateway.port) == (bot.ws.gateway.host, bot.ws.gateway.port)
    assert [entry["event"] for entry in logged(since) if entry.get("event") == "RESUMED"] == ["RESUMED"]


@step
async def resumes_after_a_dropped_connection():
    await survives(do="drop")


@step
async def resumes_after_close_4000():
    await survives(do="close", code=4000)


@step
async def reconnects_when_asked_to():
    await survives(do="reconnect")


@step
async def begins_anew_when_its_session_is_invalid():
    before = bot.ws.session_id
    break_gateway(do="invalidate", resumable=False)
    await heard("ready", limit=LONG_LIMIT)
    assert bot.ws.session_id != before
    await asyncio.gather(heard("message", lambda it: it.content == "still there?"), ana.says("still there?"))


@step
async def logs_out():
    await bot.close()
    await soon(bot.connection)
    end = time.monotonic() + LIMIT
    while summary()["connections"]:
        assert time.monotonic() < end


VERSIONS = f"discord.py {discord.__version__} on Python {platform.python_version()}"
sys.exit(not asyncio.run(play_all(VERSIONS)))
