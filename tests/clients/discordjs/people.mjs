// The people of the sandbox: they act and look through its control API, over plain HTTP.

export const url = process.env.SANDBOX_URL;

/** One request to the control API. */
export async function ask(method, path, body) {
  const response = await fetch(`${url}/sandbox${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} /sandbox${path}: ${response.status} ${answer.message}`);
  return answer;
}

export const makeGuild = (name) => ask('POST', '/guilds', { name });
export const makeRole = (guild, name) => ask('POST', `/guilds/${guild}/roles`, { name });
export const breakRest = (fault) => ask('POST', '/faults', fault);
export const breakGateway = (what) => ask('POST', '/gateway', what);
export const summary = () => ask('GET', '');

/** A new channel. Each has rate limits of its own, so steps that post take a fresh one. */
export async function makeChannel(guild, name, overwrites = []) {
  return (await ask('POST', `/guilds/${guild}/channels`, { name, overwrites })).id;
}

/** What went over REST and the gateway while `play` ran. */
export async function logged(play) {
  const { seq } = await summary();
  await play();
  return ask('GET', `/log?after=${seq}`);
}

/** Somebody in a guild. Acting waits for the bot's answer, and tells it as this person sees it. */
export class Person {
  static async join(guild, username, roles = []) {
    const { id } = await ask('POST', `/guilds/${guild.id}/people`, { username, roles });
    return new Person(guild, id);
  }

  constructor(guild, id) {
    this.id = id;
    this.place = { guild: guild.id, channel: guild.channel_id, user: id };
  }

  act(what, body) {
    return ask('POST', `/act/${what}`, body);
  }

  uses(name, options = {}) {
    return this.act('command', { ...this.place, name, options });
  }

  types(name, focused, options) {
    return this.act('autocomplete', { ...this.place, name, focused, options });
  }

  usesMenu(name, target) {
    return this.act('menu', { ...this.place, name, target });
  }

  presses(message, custom_id) {
    return this.act('button', { user: this.id, message, custom_id });
  }

  chooses(message, custom_id, values) {
    return this.act('select', { user: this.id, message, custom_id, values });
  }

  submits(interaction, values) {
    return this.act('modal', { user: this.id, interaction, values });
  }

  says(content, channel = this.place.channel) {
    return this.act('message', { user: this.id, channel, content });
  }

  reacts(message, emoji) {
    return this.act('reaction', { user: this.id, message, emoji });
  }

  /** What this person sees in a channel, oldest first. */
  sees(channel = this.place.channel) {
    return ask('GET', `/channels/${channel}/messages?as=${this.id}`);
  }

  /** One message as this person sees it; nothing if it is gone or not for them. */
  async seesMessage(id, channel = this.place.channel) {
    return (await this.sees(channel)).find((message) => message.id === id);
  }
}
