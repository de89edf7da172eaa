//! Embeds: the limits of each part, and the result.

use serde_json::{Value, json};

use super::super::{Any, Floor};
use super::{Rule, Sent, Source, forms, long, page, story};

const LIMITS: Source = page!("resources/message#embed-object-embed-limits");
const EMBED: Source = page!("resources/message#embed-object");
const CREATE: Source = page!("resources/message#create-message");

pub(super) fn rules() -> Vec<Rule> {
    let one = |part: Value| json!({ "embeds": [part] });
    let field = |part: Value| one(json!({ "fields": [part] }));
    let mut rules = forms(
        Sent::Message,
        vec![
            (
                "embed.count",
                CREATE,
                "A message can have at most 10 embeds.",
                json!({ "embeds": vec![json!({ "title": "t" }); 11] }),
                "/embeds",
            ),
            ("embed.object", EMBED, "An embed is an object.", one(json!("text")), "/embeds/0"),
            (
                "embed.title.length",
                LIMITS,
                "A title can have at most 256 characters.",
                one(json!({ "title": long(257) })),
                "/embeds/0/title",
            ),
            (
                "embed.description.length",
                LIMITS,
                "A description can have at most 4,096 characters.",
                one(json!({ "description": long(4097) })),
                "/embeds/0/description",
            ),
            (
                "embed.fields.count",
                LIMITS,
                "An embed can have at most 25 fields.",
                one(json!({ "fields": vec![json!({ "name": "n", "value": "v" }); 26] })),
                "/embeds/0/fields",
            ),
            (
                "embed.field.name.length",
                LIMITS,
                "A field's name can have at most 256 characters.",
                field(json!({ "name": long(257), "value": "v" })),
                "/embeds/0/fields/0/name",
            ),
            (
                "embed.field.value.length",
                LIMITS,
                "A field's value can have at most 1,024 characters.",
                field(json!({ "name": "n", "value": long(1025) })),
                "/embeds/0/fields/0/value",
            ),
            (
                "embed.field.name.needed",
                EMBED,
                "A field needs a name.",
                field(json!({ "value": "v" })),
                "/embeds/0/fields/0/name",
            ),
            (
                "embed.field.value.needed",
                EMBED,
                "A field needs a value.",
                field(json!({ "name": "n" })),
                "/embeds/0/fields/0/value",
            ),
            (
                "embed.field.value.empty",
                LIMITS,
                "A field's value can't be only whitespace, because it's trimmed.",
                field(json!({ "name": "n", "value": " " })),
                "/embeds/0/fields/0/value",
            ),
            (
                "embed.field.inline.type",
                EMBED,
                "inline is a boolean.",
                field(json!({ "name": "n", "value": "v", "inline": "no" })),
                "/embeds/0/fields/0/inline",
            ),
            (
                "embed.footer.length",
                LIMITS,
                "A footer can have at most 2,048 characters.",
                one(json!({ "footer": { "text": long(2049) } })),
                "/embeds/0/footer/text",
            ),
            (
                "embed.footer.needed",
                EMBED,
                "A footer needs text.",
                one(json!({ "footer": {} })),
                "/embeds/0/footer/text",
            ),
            (
                "embed.footer.icon",
                EMBED,
                "A footer's icon is an http(s) URL or an attachment.",
                one(json!({ "footer": { "text": "t", "icon_url": "ftp://a.example" } })),
                "/embeds/0/footer/icon_url",
            ),
            (
                "embed.author.length",
                LIMITS,
                "An author's name can have at most 256 characters.",
                one(json!({ "author": { "name": long(257) } })),
                "/embeds/0/author/name",
            ),
            (
                "embed.author.needed",
                EMBED,
                "An author needs a name.",
                one(json!({ "author": {} })),
                "/embeds/0/author/name",
            ),
            (
                "embed.author.url",
                EMBED,
                "An author's url is an http(s) URL.",
                one(json!({ "author": { "name": "n", "url": "mailto:a@a.example" } })),
                "/embeds/0/author/url",
            ),
            (
                "embed.total",
                LIMITS,
                "All embeds in a message can have at most 6,000 characters in total.",
                json!({ "embeds": [{ "description": long(4000) }, { "description": long(2001) }] }),
                "/embeds",
            ),
            (
                "embed.total.parts",
                LIMITS,
                "Titles, names, values, footers and authors count toward that total.",
                one(json!({ "title": "t", "description": long(4096), "footer": { "text": long(1800) },
                    "author": { "name": long(100) }, "fields": [{ "name": "nn", "value": "vv" }] })),
                "/embeds",
            ),
            (
                "embed.timestamp",
                EMBED,
                "A timestamp is in ISO 8601 format.",
                one(json!({ "timestamp": "today" })),
                "/embeds/0/timestamp",
            ),
            (
                "embed.color.most",
                Source::Observed("https://docs.rs/twilight-validate/latest/twilight_validate/embed/"),
                "A colour can be at most 0xFFFFFF.",
                one(json!({ "color": 0x0100_0000 })),
                "/embeds/0/color",
            ),
            (
                "embed.color.type",
                EMBED,
                "A colour is an integer.",
                one(json!({ "color": "red" })),
                "/embeds/0/color",
            ),
            (
                "embed.url",
                EMBED,
                "An embed's url is a valid URL.",
                one(json!({ "url": "here" })),
                "/embeds/0/url",
            ),
            (
                "embed.image.url",
                EMBED,
                "An image is an http(s) URL or an attachment.",
                one(json!({ "image": { "url": "here" } })),
                "/embeds/0/image/url",
            ),
            (
                "embed.image.needed",
                EMBED,
                "An image needs a url.",
                one(json!({ "image": {} })),
                "/embeds/0/image/url",
            ),
            (
                "embed.thumbnail.url",
                EMBED,
                "A thumbnail is an http(s) URL or an attachment.",
                one(json!({ "thumbnail": { "url": "data:image/png" } })),
                "/embeds/0/thumbnail/url",
            ),
            (
                "embed.image.attachment",
                Source::Own,
                "An attachment:// URL is refused if its file isn't sent with the message.",
                one(json!({ "image": { "url": "attachment://card.png" } })),
                "/embeds/0/image",
            ),
        ],
    );
    rules.push(story!(
        "embed.trimmed",
        LIMITS,
        "Whitespace around text is trimmed and doesn't count.",
        trimmed
    ));
    rules.push(story!(
        "embed.type",
        CREATE,
        "The type is always rich, whatever is sent; provider and video are ignored.",
        rich
    ));
    rules.push(story!(
        "embed.size",
        CREATE,
        "An image's height, width and proxy_url are ignored.",
        unsized_image
    ));
    rules
}

async fn trimmed(floor: &Floor) -> Any {
    let padded = |count: usize| format!("  {}\n", long(count));
    let embed = json!({ "title": padded(256), "fields": [{ "name": padded(256), "value": padded(1024) }] });
    let (status, made) = floor.post(json!({ "embeds": [embed] })).await?;
    assert_eq!(status, 200, "{made}");
    let embed = &made["embeds"][0];
    assert_eq!((&embed["title"], &embed["fields"][0]["value"]), (&json!(long(256)), &json!(long(1024))));
    Ok(())
}

async fn rich(floor: &Floor) -> Any {
    let embed = json!({
        "title": "t", "type": "video", "provider": { "name": "p" }, "video": { "url": "https://a.example/v" },
    });
    let (_, made) = floor.post(json!({ "embeds": [embed] })).await?;
    assert_eq!(made["embeds"], json!([{ "title": "t", "type": "rich" }]));
    Ok(())
}

async fn unsized_image(floor: &Floor) -> Any {
    let image = json!({ "url": "https://a.example/i.png", "width": 9, "height": 9, "proxy_url": "https://b.example" });
    let (_, made) = floor.post(json!({ "embeds": [{ "image": image }] })).await?;
    let image = &made["embeds"][0]["image"];
    assert_eq!((&image["width"], &image["proxy_url"]), (&json!(0), &json!("https://a.example/i.png")));
    Ok(())
}
