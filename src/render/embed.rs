//! A post as Discord wants it.

use serenity::all::{
    ButtonStyle, CreateActionRow, CreateAllowedMentions, CreateButton, CreateEmbed, CreateEmbedFooter,
    CreateMessage, EditMessage, MessageFlags,
};

use super::post::Post;

/// The embed of a post, within Discord's limits.
pub fn embed(post: &Post) -> CreateEmbed {
    let post = post.clone().fitted();
    let mut embed = CreateEmbed::new().colour(post.tone.colour());
    if let Some(title) = post.title {
        embed = embed.title(title);
    }
    if !post.body.is_empty() {
        embed = embed.description(post.body);
    }
    if let Some(footer) = post.footer {
        embed = embed.footer(CreateEmbedFooter::new(footer));
    }
    embed.fields(post.fields.into_iter().map(|field| (field.name, field.value, false)))
}

/// Its buttons, five a row.
pub fn rows(post: &Post) -> Vec<CreateActionRow> {
    let button =
        |it: &super::post::Button| CreateButton::new(&it.id).label(&it.label).style(ButtonStyle::Secondary);
    post.buttons.chunks(5).map(|row| CreateActionRow::Buttons(row.iter().map(button).collect())).collect()
}

/// Nobody is pinged but those the post names.
pub fn mentions(post: &Post) -> CreateAllowedMentions {
    CreateAllowedMentions::new().users(post.pings.iter().map(|user| user.get()))
}

fn content(post: &Post) -> String {
    post.pings.iter().map(|user| format!("<@{user}>")).collect::<Vec<_>>().join(" ")
}

/// The post as a new message.
pub fn message(post: &Post) -> CreateMessage {
    let flags = if post.silent { MessageFlags::SUPPRESS_NOTIFICATIONS } else { MessageFlags::empty() };
    CreateMessage::new()
        .flags(flags)
        .content(content(post))
        .embed(embed(post))
        .components(rows(post))
        .allowed_mentions(mentions(post))
}

/// The post as an edit of an earlier message.
pub fn edit(post: &Post) -> EditMessage {
    EditMessage::new()
        .content(content(post))
        .embed(embed(post))
        .components(rows(post))
        .allowed_mentions(mentions(post))
}
