// A bot with /win log and /leaderboard on discord.js and better-sqlite3, as the guides of both would have it: a win is one row,
// synced to the disk before the reply, and the board is a sum over the rows of this week.
//
// What it does not do, and Bellringer does for the same two replies:
// - a guild's own time zone, currency, first day of the week and language: here weeks begin on Monday in UTC, and money is dollars;
// - a win shared between several people, closed on another day, with a kind and a note; taking one back without deleting it;
// - amounts as people write them ("12.5k", "€1.200,50"), and saying what is wrong with one;
// - sums that are kept with each win, so that a board over a year costs what one over a week does; one's own place and the
//   distance to the next in it, what changed since the last period, equal places;
// - what follows from a win in the background: the bell in a channel, once, whatever crashes; goals, records, badges, streaks,
//   recognition;
// - booking a win once when its interaction arrives twice, answering again when an answer was lost, and telling who could not
//   be answered in time.

import { createRequire } from 'node:module';
import Database from 'better-sqlite3';
import { Client, Events, GatewayIntentBits, MessageFlags, SlashCommandBuilder, version } from 'discord.js';

if (process.argv.includes('--version')) {
  const sqlite = new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get();
  const driver = createRequire(import.meta.url)('better-sqlite3/package.json').version;
  console.log(`discord.js ${version}, better-sqlite3 ${driver} with SQLite ${sqlite}, Node.js ${process.versions.node}`);
  process.exit();
}

const db = new Database(process.env.DATABASE_URL.replace('sqlite://', ''));
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE IF NOT EXISTS win (
    id INTEGER PRIMARY KEY,
    guild_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    cents INTEGER NOT NULL,
    customer TEXT NOT NULL,
    logged_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS win_week ON win (guild_id, logged_at);
`);
const insertWin = db.prepare('INSERT INTO win (guild_id, user_id, cents, customer, logged_at) VALUES (?, ?, ?, ?, ?)');
const best = db.prepare(`
  SELECT user_id, SUM(cents) AS cents FROM win
  WHERE guild_id = ? AND logged_at >= ? GROUP BY user_id ORDER BY cents DESC LIMIT 10
`);

const DAY = 86_400_000;

/** The Monday of this week, at midnight. */
function weekStart() {
  const today = Math.floor(Date.now() / DAY);
  // 1 January 1970 was a Thursday.
  return (today - ((today + 3) % 7)) * DAY;
}

const dollars = (cents) => `$${(cents / 100).toLocaleString('en-US')}`;

const win = {
  data: new SlashCommandBuilder()
    .setName('win')
    .setDescription('Wins')
    .addSubcommand((log) =>
      log
        .setName('log')
        .setDescription('Log a win')
        .addStringOption((it) => it.setName('amount').setDescription('How much').setRequired(true))
        .addStringOption((it) => it.setName('customer').setDescription('Who signed').setRequired(true)),
    ),
  async execute(interaction) {
    const cents = Math.round(Number(interaction.options.getString('amount')) * 100);
    if (!Number.isSafeInteger(cents)) {
      await interaction.reply({ content: 'The amount must be a number.', flags: MessageFlags.Ephemeral });
      return;
    }
    const customer = interaction.options.getString('customer');
    insertWin.run(interaction.guildId, interaction.user.id, cents, customer, Date.now());
    await interaction.reply({ content: `Logged ${dollars(cents)} from ${customer}.`, flags: MessageFlags.Ephemeral });
  },
};

const leaderboard = {
  data: new SlashCommandBuilder().setName('leaderboard').setDescription("This week's leaderboard"),
  async execute(interaction) {
    const rows = best.all(interaction.guildId, weekStart());
    const lines = rows.map((row, index) => `${index + 1}. <@${row.user_id}>: ${dollars(row.cents)}`);
    await interaction.reply({ content: lines.join('\n') || 'No wins this week yet.', flags: MessageFlags.Ephemeral });
  },
};

const commands = new Map([win, leaderboard].map((command) => [command.data.name, command]));
const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: `${process.env.DISCORD_API_URL}/api` },
});

client.once(Events.ClientReady, async (ready) => {
  await ready.application.commands.set([...commands.values()].map((command) => command.data));
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  try {
    await commands.get(interaction.commandName)?.execute(interaction);
  } catch (error) {
    console.error(error);
  }
});

await client.login(process.env.DISCORD_TOKEN);
