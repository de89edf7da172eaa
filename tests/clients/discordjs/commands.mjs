// The commands that the bot registers: every type of option, a group, and both context menus.

import { ApplicationCommandType, ContextMenuCommandBuilder, SlashCommandBuilder } from 'discord.js';

const everything = new SlashCommandBuilder()
  .setName('everything')
  .setDescription('Takes one of each')
  .addStringOption((it) =>
    it
      .setName('colour')
      .setDescription('A choice')
      .setRequired(true)
      .addChoices({ name: 'Red', value: 'red' }, { name: 'Blue', value: 'blue' }),
  )
  .addStringOption((it) => it.setName('city').setDescription('Suggested while typing').setAutocomplete(true))
  .addIntegerOption((it) => it.setName('count').setDescription('1 to 10').setMinValue(1).setMaxValue(10))
  .addNumberOption((it) => it.setName('ratio').setDescription('A number'))
  .addBooleanOption((it) => it.setName('loud').setDescription('Yes or no'))
  .addUserOption((it) => it.setName('who').setDescription('A person'))
  .addChannelOption((it) => it.setName('where').setDescription('A channel'))
  .addRoleOption((it) => it.setName('rank').setDescription('A role'))
  .addMentionableOption((it) => it.setName('either').setDescription('A person or a role'))
  .addAttachmentOption((it) => it.setName('paper').setDescription('A file'));

const shop = new SlashCommandBuilder()
  .setName('shop')
  .setDescription('A command with branches')
  .addSubcommand((it) => it.setName('open').setDescription('Opens it'))
  .addSubcommandGroup((group) =>
    group
      .setName('stock')
      .setDescription('What is there')
      .addSubcommand((it) =>
        it
          .setName('add')
          .setDescription('Adds to it')
          .addIntegerOption((count) => count.setName('count').setDescription('How many').setRequired(true)),
      ),
  );

const menu = (name, type) => new ContextMenuCommandBuilder().setName(name).setType(type);

export const forGuild = [
  everything,
  shop,
  menu('Quote', ApplicationCommandType.Message),
  menu('Greet', ApplicationCommandType.User),
];
export const everywhere = [new SlashCommandBuilder().setName('ping').setDescription('Answers')];
