//! Posts in Discord's format.

use serde_json::{Value, json};
use serenity::all::{
    ButtonStyle, CreateActionRow, CreateAllowedMentions, CreateAttachment, CreateButton, CreateEmbed,
    CreateEmbedFooter, CreateMessage, EditAttachments, EditMessage, MessageFlags,
};

use super::card::{Card, FILE};
use super::post::Post;
use crate::kernel::error::{Error, Result};

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

/// A post's card as an attachment; none if there is no card or it can't be drawn, which is reported. The
/// post's text is complete without it.
pub async fn picture(
    card: Option<&Card>,
    report: impl FnOnce(&'static str, &Error),
) -> Option<CreateAttachment> {
    draw(card?).await.inspect_err(|error| report(DRAWING, error)).ok()
}

const DRAWING: &str = "drawing a card";

/// Drawn off the async threads, since it takes milliseconds of CPU time; with alt text.
async fn draw(card: &Card) -> Result<CreateAttachment> {
    let card = card.clone();
    let drawn = tokio::task::spawn_blocking(move || (card.png(), card.alt())).await;
    let (png, alt) = drawn.map_err(|error| Error::other(DRAWING, error))?;
    let png = png.map_err(|error| Error::other(DRAWING, error))?;
    Ok(CreateAttachment::bytes(png, FILE).description(alt))
}

/// A message or an edit as JSON, with its picture as an attachment. An edit replaces the earlier picture.
pub fn with_picture(mut body: Value, file: &CreateAttachment) -> Value {
    body["embeds"][0]["image"] = json!({"url": format!("attachment://{}", file.filename)});
    body["attachments"] = json!([{"id": 0, "filename": file.filename, "description": file.description}]);
    body
}

/// Its buttons, five a row.
pub fn rows(post: &Post) -> Vec<CreateActionRow> {
    let button =
        |it: &super::post::Button| CreateButton::new(&it.id).label(&it.label).style(ButtonStyle::Secondary);
    post.buttons.chunks(5).map(|row| CreateActionRow::Buttons(row.iter().map(button).collect())).collect()
}

/// Only the people that the post names are pinged.
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

/// The post as an edit of an earlier message, removing its picture.
pub fn edit(post: &Post) -> EditMessage {
    EditMessage::new()
        .content(content(post))
        .embed(embed(post))
        .components(rows(post))
        .allowed_mentions(mentions(post))
        .attachments(EditAttachments::new())
}
