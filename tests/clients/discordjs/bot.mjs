// A discord.js bot and the people it meets, in the sandbox. Each step is looked at from both sides: what the
// library saw, and what a person sees. It is also how to test a bot of your own.

import assert from 'node:assert/strict';
import {
  ActionRowBuilder,
  ApplicationCommandOptionType,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  ChannelType,
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  Partials,
  RESTEvents,
  StringSelectMenuBuilder,
  TextInputBuilder,
  TextInputStyle,
  UserSelectMenuBuilder,
  version,
} from 'discord.js';
import { everywhere, forGuild } from './commands.mjs';
import { Person, breakGateway, breakRest, logged, makeChannel, makeGuild, makeRole, summary, url } from './people.mjs';
import { conclude, heard, step, until } from './steps.mjs';

const { Guilds, GuildMembers, GuildMessages, GuildMessageReactions, DirectMessages, MessageContent } = GatewayIntentBits;
const client = new Client({
  intents: [Guilds, GuildMembers, GuildMessages, GuildMessageReactions, DirectMessages, MessageContent],
  partials: [Partials.Channel],
  rest: { api: `${url}/api` },
});

const home = await makeGuild('Workshop');
const crew = await makeRole(home.id, 'crew');
const ana = await Person.join(home, 'ana', [crew.id]);
const ben = await Person.join(home, 'ben');

/** The bot answers the next interaction with `handle`, while a person acts. Answers what each of them got. */
async function meet(handle, act) {
  const answer = async () => {
    const interaction = await heard(client, Events.InteractionCreate);
    await handle(interaction);
    return interaction;
  };
  return Promise.all([answer(), act]);
}

/** A fresh channel, as the library has it. */
async function room(name, overwrites) {
  return client.channels.fetch(await makeChannel(home.id, name, overwrites));
}

const row = (...components) => new ActionRowBuilder().addComponents(...components);
const button = (id) => new ButtonBuilder().setCustomId(id).setLabel(id).setStyle(ButtonStyle.Primary);
const refusedWith = (code) => (error) => error.name === `DiscordAPIError[${code}]` && error.code === code;
const requests = (log, route) => log.filter((it) => it.route === route).map((it) => it.status);

await step('logs in', async () => {
  await Promise.all([heard(client, Events.ClientReady), client.login(process.env.SANDBOX_TOKEN)]);
  assert.equal(client.guilds.cache.get(home.id).name, 'Workshop');
  assert.equal((await summary()).connections, 1);
});

await step('registers a command everywhere', async () => {
  await client.application.commands.set(everywhere);
  const [, outcome] = await meet((it) => it.reply('pong'), ana.uses('ping'));
  assert.equal(outcome.message.content, 'pong');
});

await step('registers commands in a guild', async () => {
  const registered = await client.application.commands.set(forGuild, home.id);
  assert.deepEqual(registered.map((it) => it.name).sort(), ['Greet', 'Quote', 'everything', 'shop']);
  const options = registered.find((it) => it.name === 'everything').options;
  assert.equal(options.find((it) => it.name === 'count').maxValue, 10);
  assert.equal(options.find((it) => it.name === 'paper').type, ApplicationCommandOptionType.Attachment);
  assert.equal((await client.application.commands.fetch({ guildId: home.id })).size, 4);
});

await step('answers a slash command with one of each option', async () => {
  const given = {
    colour: 'Red', city: 'Berlin', count: 3, ratio: 2.5, loud: true, who: ben.id, where: home.channel_id,
    rank: crew.id, either: ana.id, paper: { filename: 'note.txt', text: 'from ana' },
  };
  const [interaction, outcome] = await meet(
    (it) => it.reply(`${it.options.getUser('who')} in ${it.options.getChannel('where')}`),
    ana.uses('everything', given),
  );
  const { options } = interaction;
  assert.equal(options.getString('colour'), 'red');
  assert.equal(options.getString('city'), 'Berlin');
  assert.equal(options.getInteger('count'), 3);
  assert.equal(options.getNumber('ratio'), 2.5);
  assert.equal(options.getBoolean('loud'), true);
  assert.equal(options.getMember('who').user.username, 'ben');
  assert.equal(options.getChannel('where').name, 'general');
  assert.equal(options.getRole('rank').name, 'crew');
  assert.equal(options.getMentionable('either').user.username, 'ana');
  assert.equal(await (await fetch(options.getAttachment('paper').url)).text(), 'from ana');
  assert.equal(interaction.user.username, 'ana');
  assert.deepEqual([...interaction.member.roles.cache.keys()].sort(), [crew.id, home.id].sort());
  assert.equal(outcome.message.content, `<@${ben.id}> in <#${home.channel_id}>`);
});

await step('answers a subcommand, and one in a group', async () => {
  const [open] = await meet((it) => it.reply('open'), ana.uses('shop open'));
  assert.equal(open.options.getSubcommand(), 'open');
  const [add, outcome] = await meet(
    (it) => it.reply(`${it.options.getInteger('count')} more`),
    ana.uses('shop stock add', { count: 4 }),
  );
  assert.equal(add.options.getSubcommandGroup(), 'stock');
  assert.equal(outcome.message.content, '4 more');
});

await step('defers, then edits the reply', async () => {
  const [interaction, outcome] = await meet(async (it) => {
    await it.deferReply();
    await it.editReply('worth the wait');
  }, ana.uses('ping'));
  assert.equal((await interaction.fetchReply()).content, 'worth the wait');
  assert.equal(outcome.message.content, 'worth the wait');
  assert.equal(outcome.ephemeral, false);
});

await step('defers for one pair of eyes', async () => {
  const [, outcome] = await meet(async (it) => {
    await it.deferReply({ flags: MessageFlags.Ephemeral });
    await it.editReply('only for ana');
  }, ana.uses('ping'));
  assert.equal(outcome.ephemeral, true);
  assert.equal((await ana.seesMessage(outcome.message.id)).content, 'only for ana');
  assert.equal(await ben.seesMessage(outcome.message.id), undefined);
});

await step('follows up, for all and for one', async () => {
  let open, secret;
  await meet(async (it) => {
    await it.reply('first');
    open = await it.followUp('for all');
    secret = await it.followUp({ content: 'for ana', flags: MessageFlags.Ephemeral });
  }, ana.uses('ping'));
  assert.equal((await ben.seesMessage(open.id)).content, 'for all');
  assert.equal((await ana.seesMessage(secret.id)).content, 'for ana');
  assert.equal(await ben.seesMessage(secret.id), undefined);
});

await step('edits its reply, and deletes it', async () => {
  const [interaction, outcome] = await meet((it) => it.reply('frist'), ana.uses('ping'));
  await interaction.editReply('first');
  const seen = await ana.seesMessage(outcome.message.id);
  assert.equal(seen.content, 'first');
  assert.ok(seen.edited_timestamp);
  await interaction.deleteReply();
  assert.equal(await ana.seesMessage(outcome.message.id), undefined);
});

await step('shows a modal and reads what was typed', async () => {
  const input = new TextInputBuilder().setCustomId('why').setStyle(TextInputStyle.Paragraph).setMaxLength(200);
  const select = new StringSelectMenuBuilder()
    .setCustomId('size')
    .addOptions({ label: 'Small', value: 's' }, { label: 'Large', value: 'l' });
  const modal = new ModalBuilder()
    .setCustomId('form')
    .setTitle('A form')
    .addLabelComponents(
      new LabelBuilder().setLabel('Why?').setTextInputComponent(input),
      new LabelBuilder().setLabel('How big?').setStringSelectMenuComponent(select),
    );
  const [, opened] = await meet((it) => it.showModal(modal), ana.uses('ping'));
  assert.equal(opened.modal.title, 'A form');
  const [submitted, outcome] = await meet(
    (it) => it.reply(`because ${it.fields.getTextInputValue('why')}`),
    ana.submits(opened.interaction, { why: 'it rains', size: ['l'] }),
  );
  assert.equal(submitted.customId, 'form');
  assert.deepEqual(submitted.fields.getStringSelectValues('size'), ['l']);
  assert.equal(outcome.message.content, 'because it rains');
});

await step('updates a message when its button is pressed', async () => {
  const [, asked] = await meet((it) => it.reply({ content: '0', components: [row(button('add'))] }), ana.uses('ping'));
  const [press, outcome] = await meet((it) => {
    assert.equal(it.message.content, '0');
    return it.update('1');
  }, ben.presses(asked.message.id, 'add'));
  assert.equal(press.user.id, ben.id);
  assert.equal(outcome.state, 'updated');
  assert.equal((await ana.seesMessage(asked.message.id)).content, '1');
});

await step('takes its time after a button', async () => {
  const [, asked] = await meet((it) => it.reply({ content: 'slow', components: [row(button('go'))] }), ana.uses('ping'));
  await meet(async (it) => {
    await it.deferUpdate();
    await it.editReply({ content: 'done', components: [] });
  }, ana.presses(asked.message.id, 'go'));
  const seen = await ana.seesMessage(asked.message.id);
  assert.equal(seen.content, 'done');
  assert.deepEqual(seen.components, []);
});

await step('takes what was chosen in a select', async () => {
  const select = new StringSelectMenuBuilder()
    .setCustomId('fruit')
    .setMaxValues(2)
    .addOptions(['apple', 'pear', 'plum'].map((value) => ({ label: value, value })));
  const [, asked] = await meet((it) => it.reply({ components: [row(select)] }), ana.uses('ping'));
  const [chosen, outcome] = await meet(
    (it) => it.reply(it.values.join(' and ')),
    ana.chooses(asked.message.id, 'fruit', ['pear', 'plum']),
  );
  assert.ok(chosen.isStringSelectMenu());
  assert.equal(outcome.message.content, 'pear and plum');
});

await step('takes the person chosen in a select', async () => {
  const select = new UserSelectMenuBuilder().setCustomId('person');
  const [, asked] = await meet((it) => it.reply({ components: [row(select)] }), ana.uses('ping'));
  const [chosen, outcome] = await meet(
    (it) => it.reply(`hello ${it.users.first().username}`),
    ana.chooses(asked.message.id, 'person', [ben.id]),
  );
  assert.equal(chosen.members.first().id, ben.id);
  assert.equal(outcome.message.content, 'hello ben');
});

await step('suggests while somebody types', async () => {
  const [typing, outcome] = await meet(
    (it) => it.respond([{ name: 'Berlin', value: 'berlin' }]),
    ana.types('everything', 'city', { colour: 'Red', city: 'be' }),
  );
  assert.deepEqual(typing.options.getFocused(true), { name: 'city', type: 3, value: 'be', focused: true });
  assert.equal(typing.options.getString('colour'), 'red');
  assert.deepEqual(outcome.choices, [{ name: 'Berlin', value: 'berlin' }]);
});

await step('acts on a message from its menu', async () => {
  const said = await ben.says('quotable');
  const [menu, outcome] = await meet((it) => it.reply(`> ${it.targetMessage.content}`), ana.usesMenu('Quote', said.id));
  assert.equal(menu.targetMessage.author.id, ben.id);
  assert.equal(outcome.message.content, '> quotable');
});

await step('acts on a person from their menu', async () => {
  const [menu, outcome] = await meet((it) => it.reply(`hi ${it.targetUser}`), ana.usesMenu('Greet', ben.id));
  assert.equal(menu.targetMember.displayName, 'ben');
  assert.equal(outcome.message.content, `hi <@${ben.id}>`);
});

await step('posts an embed, buttons and a file', async () => {
  const channel = await room('posts');
  const embed = new EmbedBuilder().setTitle('Report').setDescription('All well').setColor(0x2e8b57)
    .addFields({ name: 'Wins', value: '3', inline: true }).setFooter({ text: 'weekly' }).setTimestamp();
  const link = new ButtonBuilder().setLabel('More').setStyle(ButtonStyle.Link).setURL('https://example.com/');
  const posted = await channel.send({
    embeds: [embed],
    components: [row(button('ok'), link)],
    files: [new AttachmentBuilder(Buffer.from('a,b\n1,2\n'), { name: 'report.csv', description: 'figures' })],
  });
  const file = posted.attachments.first();
  assert.equal(file.name, 'report.csv');
  assert.equal(file.description, 'figures');
  const [seen] = await ana.sees(channel.id);
  assert.equal(seen.embeds[0].fields[0].value, '3');
  assert.equal(seen.components[0].components[1].url, 'https://example.com/');
  assert.equal(await (await fetch(seen.attachments[0].url)).text(), 'a,b\n1,2\n');
});

await step('edits a message of its own, and deletes it', async () => {
  const channel = await room('edits');
  const posted = await channel.send('tpyo');
  await Promise.all([
    heard(client, Events.MessageUpdate, (before, after) => before.content === 'tpyo' && after.content === 'typo'),
    posted.edit('typo'),
  ]);
  assert.equal((await ana.seesMessage(posted.id, channel.id)).content, 'typo');
  await Promise.all([heard(client, Events.MessageDelete, (it) => it.id === posted.id), posted.delete()]);
  assert.deepEqual(await ana.sees(channel.id), []);
});

await step('reads history in pages', async () => {
  const channel = await room('history');
  const said = [];
  for (let number = 1; number <= 7; number += 1) said.push(await ana.says(`${number}`, channel.id));
  const page = async (query) => (await channel.messages.fetch(query)).map((it) => it.content).join('');
  assert.equal(await page({ limit: 3 }), '765');
  assert.equal(await page({ limit: 3, before: said[4].id }), '432');
  assert.equal(await page({ limit: 3, after: said[1].id }), '543');
  assert.equal(await page({ limit: 3, around: said[3].id }), '543');
  assert.equal((await channel.messages.fetch({ message: said[0].id, force: true })).author.id, ana.id);
});

await step('reacts, and sees a reaction', async () => {
  const channel = await room('reactions');
  const posted = await channel.send('vote');
  await posted.react('🔔');
  const [reaction] = await Promise.all([
    heard(client, Events.MessageReactionAdd, (_, user) => user.id === ana.id),
    ana.reacts(posted.id, '🔔'),
  ]);
  assert.equal(reaction.emoji.name, '🔔');
  assert.equal(reaction.count, 2);
  assert.equal((await ana.seesMessage(posted.id, channel.id)).reactions[0].count, 2);
});

await step('reads the guild, its channels, roles and members', async () => {
  const guild = await (await client.guilds.fetch(home.id)).fetch();
  assert.equal(guild.approximateMemberCount, 4);
  assert.equal((await guild.channels.fetch(home.channel_id, { force: true })).type, ChannelType.GuildText);
  assert.ok((await guild.channels.fetch()).size > 1);
  assert.equal((await guild.roles.fetch(crew.id, { force: true })).name, 'crew');
  assert.equal((await guild.members.fetch({ user: ana.id, force: true })).user.username, 'ana');
  assert.equal((await guild.members.search({ query: 'ben' })).first().id, ben.id);
  assert.equal((await guild.members.list({ limit: 10 })).size, 4);
  assert.equal((await guild.members.fetch()).size, 4);
  assert.equal((await client.users.fetch(ben.id, { force: true })).username, 'ben');
});

await step('writes a direct message, and hears one', async () => {
  const direct = await (await client.users.fetch(ana.id)).createDM();
  await direct.send('psst');
  assert.equal((await ana.sees(direct.id))[0].content, 'psst');
  const [answer] = await Promise.all([
    heard(client, Events.MessageCreate, (it) => it.author.id === ana.id),
    ana.says('what?', direct.id),
  ]);
  assert.equal(answer.content, 'what?');
  assert.equal(answer.guild, null);
});

await step('hears what somebody types, edits and deletes', async () => {
  const [typed] = await Promise.all([
    heard(client, Events.MessageCreate, (it) => it.author.id === ana.id),
    ana.says('good mornign'),
  ]);
  assert.equal(typed.content, 'good mornign');
  assert.equal(typed.member.roles.cache.has(crew.id), true);
  await Promise.all([
    heard(client, Events.MessageUpdate, (before, after) => after.content === 'good morning'),
    ana.act('edit', { user: ana.id, message: typed.id, content: 'good morning' }),
  ]);
  await Promise.all([
    heard(client, Events.MessageDelete, (it) => it.id === typed.id),
    ana.act('delete', { user: ana.id, message: typed.id }),
  ]);
});

await step('pings nobody, though it names everyone', async () => {
  const channel = await room('quiet');
  const content = `@everyone <@${ana.id}> <@&${crew.id}>`;
  const quiet = await channel.send({ content, allowedMentions: { parse: [] } });
  assert.equal(quiet.mentions.everyone, false);
  assert.equal(quiet.mentions.users.size, 0);
  const loud = await channel.send({ content, allowedMentions: { users: [ana.id], parse: ['everyone'] } });
  assert.equal(loud.mentions.everyone, true);
  assert.deepEqual([...loud.mentions.users.keys()], [ana.id]);
  const seen = await ana.sees(channel.id);
  assert.deepEqual(seen.map((it) => it.mention_everyone), [false, true]);
  assert.deepEqual(seen.map((it) => it.content), [content, content]);
});

await step('is refused a message that is too long (50035)', async () => {
  const channel = await room('long');
  await assert.rejects(channel.send('x'.repeat(2001)), (error) => {
    assert.equal(error.rawError.errors.content._errors[0].code, 'BASE_TYPE_MAX_LENGTH');
    return refusedWith(50035)(error);
  });
  assert.deepEqual(await ana.sees(channel.id), []);
});

await step('is refused a channel that is not there (10003)', async () => {
  await assert.rejects(client.channels.fetch('1234567890123456789'), refusedWith(10003));
});

await step('is refused where it may not write (50013)', async () => {
  const channel = await room('read-only', [{ id: home.bot_role_id, type: 0, deny: '2048' }]);
  await assert.rejects(channel.send('may I?'), refusedWith(50013));
  assert.deepEqual(await ana.sees(channel.id), []);
});

await step('is refused a second answer (40060)', async () => {
  const [, outcome] = await meet((it) => it.reply('once'), ana.uses('ping'));
  const { interaction } = outcome;
  const [again] = await Promise.all([
    heard(client, Events.InteractionCreate, (it) => it.id === interaction),
    ana.act('redeliver', { interaction }),
  ]);
  await assert.rejects(again.reply('twice'), refusedWith(40060));
});

await step('is refused an answer that comes late (10062)', async () => {
  const [interaction, outcome] = await Promise.all([heard(client, Events.InteractionCreate), ana.uses('ping')]);
  assert.equal(outcome.state, 'silent');
  await assert.rejects(interaction.reply('sorry'), refusedWith(10062));
});

await step('keeps to the rate limit of a channel', async () => {
  const channel = await room('busy');
  let held = 0;
  client.rest.on(RESTEvents.RateLimited, () => (held += 1));
  const log = await logged(() => Promise.all([1, 2, 3, 4, 5, 6].map((number) => channel.send(`${number}`))));
  client.rest.removeAllListeners(RESTEvents.RateLimited);
  assert.ok(held > 0);
  assert.deepEqual(requests(log, 'POST /channels/{id}/messages'), [200, 200, 200, 200, 200, 200]);
  assert.equal((await ana.sees(channel.id)).map((it) => it.content).join(''), '123456');
});

for (const global of [false, true]) {
  await step(`waits out a 429 of ${global ? 'everything' : 'a route'}`, async () => {
    const channel = await room('patience');
    await breakRest({ route: 'POST /channels/{id}/messages', kind: '429', times: 1, retry_after: 0.6, global });
    const begun = performance.now();
    const log = await logged(async () => {
      const [limit] = await Promise.all([heard(client.rest, RESTEvents.RateLimited), channel.send('at last')]);
      assert.equal(limit.global, global);
    });
    assert.ok(performance.now() - begun >= 600);
    assert.deepEqual(requests(log, 'POST /channels/{id}/messages'), [429, 200]);
    assert.equal((await ana.sees(channel.id)).length, 1);
  });
}

await step('tries again after a 500', async () => {
  const channel = await room('stubborn');
  await breakRest({ route: 'POST /channels/{id}/messages', kind: '500', times: 2 });
  const log = await logged(() => channel.send('third time lucky'));
  assert.deepEqual(requests(log, 'POST /channels/{id}/messages'), [500, 500, 200]);
  assert.equal((await ana.sees(channel.id)).length, 1);
});

/** Breaks the connection, says something meanwhile, and expects it once: nothing lost, nothing twice. */
async function survives(mishap) {
  const channel = await room('gateway');
  const contents = [];
  const listen = (message) => message.channelId === channel.id && contents.push(message.content);
  client.on(Events.MessageCreate, listen);
  const { sessionId, resumeURL } = client.ws.shards.first().sessionInfo;
  const log = await logged(async () => {
    const away = breakGateway(mishap).then(() => ana.says('while away', channel.id));
    await Promise.all([
      heard(client, Events.ShardResume),
      heard(client, Events.Debug, (text) => text.includes(`Connecting to ${resumeURL}?`)),
      away,
    ]);
    const isBack = (message) => message.content === 'back again';
    await Promise.all([heard(client, Events.MessageCreate, isBack), ana.says('back again', channel.id)]);
  });
  client.off(Events.MessageCreate, listen);
  assert.deepEqual(contents, ['while away', 'back again']);
  assert.equal(client.ws.shards.first().sessionInfo.sessionId, sessionId);
  assert.equal(log.filter((it) => it.event === 'RESUMED').length, 1);
}

await step('resumes after a dropped connection', () => survives({ do: 'drop' }));
await step('resumes after close 4000', () => survives({ do: 'close', code: 4000 }));
await step('reconnects when asked to', () => survives({ do: 'reconnect' }));

await step('begins anew when its session is invalid', async () => {
  const before = client.ws.shards.first().sessionInfo.sessionId;
  await Promise.all([heard(client, Events.ShardReady), breakGateway({ do: 'invalidate', resumable: false })]);
  assert.notEqual(client.ws.shards.first().sessionInfo.sessionId, before);
  await Promise.all([
    heard(client, Events.MessageCreate, (it) => it.content === 'still there?'),
    ana.says('still there?'),
  ]);
});

await step('logs out', async () => {
  await client.destroy();
  await until(async () => (await summary()).connections === 0, 'the end of the connection');
});

process.exit(conclude(`discord.js ${version} on node ${process.version}`) ? 0 : 1);
