//! Changes to channels and reactions that both the bot and the people can make. For `rest` and `control`.

use serde_json::json;

use super::form::Form;
use super::messages;
use super::refused::{self, Refused};
use super::world::{Channel, Id, Overwrite, World};

/// The maximum in bytes; no Unicode emoji sequence comes close.
const LONGEST_EMOJI: usize = 64;

/// Reads a list of permission overwrites.
pub(crate) fn read_overwrites(list: &Form<'_>) -> Vec<Overwrite> {
    list.list(0..=1000)
        .iter()
        .filter_map(|form| {
            let bits = |key| form.get(key).and_then(|it| it.id()).unwrap_or(0);
            let for_member = form.need("type").and_then(|it| it.one_of(&[0, 1]))? == 1;
            Some(Overwrite {
                id: form.need("id")?.id()?,
                for_member,
                allow: bits("allow"),
                deny: bits("deny"),
            })
        })
        .collect()
}

/// There are no custom emoji here, only Unicode's. A keycap starts with a digit, `#` or `*`.
pub(crate) fn is_emoji(text: &str) -> bool {
    text.len() <= LONGEST_EMOJI
        && !text.is_ascii()
        && text.chars().all(|c| !c.is_ascii() || c.is_ascii_digit() || matches!(c, '#' | '*'))
}

impl World {
    /// Adds or removes a reaction; if nothing changes, no event is sent.
    pub(crate) fn react(
        &mut self,
        channel: Id,
        message: Id,
        person: Id,
        emoji: &str,
        add: bool,
    ) -> Result<(), Refused> {
        if !is_emoji(emoji) {
            return Err(refused::UNKNOWN_EMOJI);
        }
        let me = self.application;
        let guild = self.channel(channel)?.guild;
        if !messages::visible(self, channel, self.message(channel, message)?, person) {
            return Err(refused::UNKNOWN_MESSAGE);
        }
        let found = self.channel_mut(channel)?.messages.get_mut(&message).ok_or(refused::UNKNOWN_MESSAGE)?;
        let author = found.author;
        let people = found.reactions.entry(emoji.to_owned()).or_default();
        let changed = if add { people.insert(person) } else { people.remove(&person) };
        if !changed {
            return Ok(());
        }
        let (count, mine) = (people.len(), people.contains(&me));
        if !found.value["reactions"].is_array() {
            found.value["reactions"] = json!([]);
        }
        let Some(list) = found.value["reactions"].as_array_mut() else {
            return Ok(());
        };
        let shown = json!({ "id": null, "name": emoji });
        let entry = json!({
            "emoji": shown, "count": count, "count_details": { "burst": 0, "normal": count }, "burst_colors": [],
            "me": mine, "me_burst": false,
        });
        match list.iter().position(|it| it["emoji"] == shown) {
            Some(at) if count == 0 => drop(list.remove(at)),
            Some(at) => list[at] = entry,
            None => list.push(entry),
        }
        let mut data = json!({
            "user_id": person.to_string(), "channel_id": channel.to_string(), "message_id": message.to_string(),
            "emoji": shown, "burst": false, "type": 0,
        });
        if add {
            data["message_author_id"] = json!(author.to_string());
        }
        if let Some(guild) = guild.and_then(|id| self.guilds.get(&id)) {
            data["guild_id"] = json!(guild.id.to_string());
            if let Some(member) = guild.members.get(&person).filter(|_| add) {
                data["member"] = self.member_json(person, member);
            }
        }
        self.dispatch(if add { "MESSAGE_REACTION_ADD" } else { "MESSAGE_REACTION_REMOVE" }, guild, data);
        messages::feed(self, channel, message, "reacted");
        Ok(())
    }

    pub(crate) fn add_channel(
        &mut self,
        guild: Id,
        name: &str,
        kind: u8,
        overwrites: Vec<Overwrite>,
    ) -> Result<Id, Refused> {
        let id = self.next_id();
        let home = self.guild_mut(guild)?;
        let position = home.channels.len();
        home.channels.push(id);
        let name = name.to_owned();
        let channel =
            Channel { id, kind, guild: Some(guild), name, position, overwrites, ..Channel::default() };
        self.channels.insert(id, channel);
        Ok(id)
    }

    pub(crate) fn remove_channel(&mut self, id: Id) -> Result<(), Refused> {
        let value = self.channel_json(self.channel(id)?);
        let Some(channel) = self.channels.remove(&id) else {
            return Ok(());
        };
        self.whereabouts.retain(|_, at| *at != id);
        if let Some(guild) = channel.guild {
            self.guild_mut(guild)?.channels.retain(|it| *it != id);
            self.dispatch("CHANNEL_DELETE", Some(guild), value);
        }
        Ok(())
    }
}
