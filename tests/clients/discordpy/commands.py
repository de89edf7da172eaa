"""What the bot offers: every type of option, a group, both context menus, buttons, selects and a form."""

import asyncio
import typing

import discord
from discord import app_commands

# What the library understood, for the steps to look at.
pinged = asyncio.Queue()
understood = asyncio.Queue()


class Counter(discord.ui.View):
    @discord.ui.button(label="add", custom_id="add")
    async def add(self, interaction, _button):
        await understood.put(interaction)
        await interaction.response.edit_message(content="1")

    @discord.ui.button(label="later", custom_id="later")
    async def later(self, interaction, _button):
        await interaction.response.defer()
        await interaction.edit_original_response(content="done", view=None)


class Choices(discord.ui.View):
    @discord.ui.select(
        custom_id="fruit",
        max_values=2,
        options=[discord.SelectOption(label=name) for name in ("apple", "pear", "plum")],
    )
    async def fruit(self, interaction, select):
        await interaction.response.send_message(" and ".join(select.values))

    @discord.ui.select(cls=discord.ui.UserSelect, custom_id="person")
    async def person(self, interaction, select):
        await understood.put(select.values[0])
        await interaction.response.send_message(f"hello {select.values[0].name}")


class Form(discord.ui.Modal, title="A form"):
    why = discord.ui.Label(
        text="Why?",
        component=discord.ui.TextInput(custom_id="why", style=discord.TextStyle.paragraph, max_length=200),
    )
    size = discord.ui.Label(
        text="How big?",
        component=discord.ui.Select(
            custom_id="size",
            options=[discord.SelectOption(label="Small", value="s"), discord.SelectOption(label="Large", value="l")],
        ),
    )

    async def on_submit(self, interaction):
        await understood.put(self.size.component.values)
        await interaction.response.send_message(f"because {self.why.component.value}")


class Shop(app_commands.Group):
    """A command with branches"""

    stock = app_commands.Group(name="stock", description="What is there")

    @app_commands.command(description="Opens it")
    async def open(self, interaction: discord.Interaction):
        await interaction.response.send_message("open")

    @stock.command(description="Adds to it")
    async def add(self, interaction: discord.Interaction, count: int):
        await interaction.response.send_message(f"{count} more")


@app_commands.command(description="Answers as a step wants it to")
async def ping(interaction: discord.Interaction):
    await pinged.put(interaction)


@app_commands.command(description="Takes one of each")
async def everything(
    interaction: discord.Interaction,
    colour: typing.Literal["red", "blue"],
    city: str,
    count: app_commands.Range[int, 1, 10],
    ratio: float,
    loud: bool,
    who: discord.Member,
    where: discord.TextChannel,
    rank: discord.Role,
    either: discord.Member | discord.Role,
    paper: discord.Attachment,
):
    await understood.put(interaction.namespace)
    await interaction.response.send_message(f"{who.mention} in {where.mention}")


@everything.autocomplete("city")
async def cities(interaction: discord.Interaction, current: str):
    await understood.put((current, interaction.namespace.colour))
    return [app_commands.Choice(name="Berlin", value="berlin")]


@app_commands.context_menu(name="Quote")
async def quote(interaction: discord.Interaction, message: discord.Message):
    await interaction.response.send_message(f"> {message.author.name}: {message.content}")


@app_commands.context_menu(name="Greet")
async def greet(interaction: discord.Interaction, member: discord.Member):
    await interaction.response.send_message(f"hi {member.mention}")
