//! Which reader gets which language.

use bellringer::words::Language;
use serde_json::{Value, json};

use crate::story::{MAYA, Story, spoken};

/// Whether stories currently run in American English, so that British English differs.
fn in_english() -> bool {
    spoken() == Language::default()
}

#[tokio::test]
async fn a_guild_is_told_in_its_language_and_each_person_in_that_of_their_client() {
    if !in_english() {
        return;
    }
    let mut story = Story::begin().await;
    for typed in ["klingon", "en-XA", ""] {
        story.runs(MAYA, "setup", json!({"language": typed})).await;
    }
    story.runs("Ana", "setup", json!({"language": "en-GB"})).await;
    story.runs(MAYA, "setup", json!({"language": "english (uk)"})).await;
    story.runs("Ana", "win log", json!({"amount": "1k", "customer": "Acme", "when": "friday"})).await;
    story.runs("Ana", "win list", json!({})).await;
    story
        .runs("Ana", "goal set", json!({"metric": "wins", "target": "7", "until": "june 30", "share": true}))
        .await;
    story.runs(MAYA, "schedule list", json!({})).await;
    insta::assert_snapshot!(story.told());
    story.ends().await;
}

#[tokio::test]
async fn commands_options_and_choices_carry_every_language_for_discord_to_choose_from() {
    let story = Story::begin().await;
    let (channel, user) = (story.stage.channel("general"), story.stage.user(MAYA));
    let shown = story.stage.control.commands(&channel, &user).await.unwrap();
    let mut texts = 0;
    for command in &shown {
        carries(command, &mut texts);
    }
    assert!(texts > 200, "{texts}");
    story.ends().await;
}

fn carries(value: &Value, texts: &mut usize) {
    for key in ["name", "description"] {
        if value[key].as_str().is_some_and(|text| !text.is_empty()) {
            for language in Language::all() {
                let said = &value[format!("{key}_localizations")][language.tag()];
                assert!(said.as_str().is_some_and(|text| !text.is_empty()), "{language:?}: {key} of {value}");
            }
            *texts += 1;
        }
    }
    for part in ["options", "choices"] {
        value[part].as_array().into_iter().flatten().for_each(|it| carries(it, texts));
    }
}
