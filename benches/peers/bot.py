"""The same bot as bot.mjs on discord.py and the sqlite3 of Python's library; what it does not do stands there."""

import os
import platform
import sqlite3
import sys
import time

import discord
import yarl
from discord import app_commands

if "--version" in sys.argv:
    print(f"discord.py {discord.__version__}, SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}")
    sys.exit()

# discord.py has no setting for either. With the first alone, it would take the token to Discord's own gateway.
URL = os.environ["DISCORD_API_URL"]
discord.http.Route.BASE = f"{URL}/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(URL.replace("http", "ws", 1))

# Without transactions that Python begins by itself, each insert is one, and is committed when it returns.
db = sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite://"), isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.executescript("""
    CREATE TABLE IF NOT EXISTS win (
        id INTEGER PRIMARY KEY,
        guild_id INTEGER NOT NULL,
        user_id INTEGER NOT NULL,
        cents INTEGER NOT NULL,
        customer TEXT NOT NULL,
        logged_at INTEGER NOT NULL
    );
    CREATE INDEX IF NOT EXISTS win_week ON win (guild_id, logged_at);
""")
# Statements of the same text are prepared once: the connection keeps them.
INSERT_WIN = "INSERT INTO win (guild_id, user_id, cents, customer, logged_at) VALUES (?, ?, ?, ?, ?)"
BEST = """
    SELECT user_id, SUM(cents) AS cents FROM win
    WHERE guild_id = ? AND logged_at >= ? GROUP BY user_id ORDER BY cents DESC LIMIT 10
"""

DAY = 86_400


def week_start():
    """The Monday of this week, at midnight."""
    today = int(time.time()) // DAY
    # 1 January 1970 was a Thursday.
    return (today - (today + 3) % 7) * DAY


def dollars(cents):
    return f"${cents / 100:,.2f}"


class Bot(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents.default())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self):
        await self.tree.sync()


bot = Bot()
win = app_commands.Group(name="win", description="Wins")
bot.tree.add_command(win)


@win.command(name="log", description="Log a win")
@app_commands.describe(amount="How much", customer="Who signed")
async def log(interaction: discord.Interaction, amount: str, customer: str):
    try:
        cents = round(float(amount) * 100)
    except (ValueError, OverflowError):
        await interaction.response.send_message("The amount must be a number.", ephemeral=True)
        return
    db.execute(INSERT_WIN, (interaction.guild_id, interaction.user.id, cents, customer, int(time.time())))
    await interaction.response.send_message(f"Logged {dollars(cents)} from {customer}.", ephemeral=True)


@bot.tree.command(name="leaderboard", description="This week's leaderboard")
async def leaderboard(interaction: discord.Interaction):
    rows = db.execute(BEST, (interaction.guild_id, week_start())).fetchall()
    lines = [f"{place}. <@{user}>: {dollars(cents)}" for place, (user, cents) in enumerate(rows, 1)]
    await interaction.response.send_message("\n".join(lines) or "No wins this week yet.", ephemeral=True)


bot.run(os.environ["DISCORD_TOKEN"])
