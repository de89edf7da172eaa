//! Stories of the managers' digest, which nobody else ever sees.

use serde_json::json;

use crate::story::{MAYA, Story, april, instant, spoken, text};
use crate::weekly::jump;

const REASON: &str = "You stayed late until the demo worked";

/// Inbox items other than badges: owner and text.
async fn inboxes(story: &Story) -> Vec<(String, String)> {
    let sql = "SELECT person.name, inbox.subject FROM inbox JOIN person ON person.id = person_id
         WHERE item_key NOT LIKE 'badge:%' ORDER BY inbox.id";
    let rows: Vec<(String, String)> =
        sqlx::query_as(sql).fetch_all(story.stage.state.db.read()).await.unwrap();
    let mut laid = Vec::new();
    for (name, subject) in rows {
        laid.push((
            name,
            spoken().read(&serde_json::to_string(&story.composes(&subject).await.post).unwrap()),
        ));
    }
    laid
}

#[tokio::test]
async fn on_monday_managers_and_nobody_else_find_what_the_week_leaves_to_them() {
    let mut story = Story::begin().await;
    let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs("Cleo", "activity log", json!({"metric": "calls", "count": "9"})).await;
    story
        .runs(MAYA, "goal set", json!({"metric": "wins", "target": "50", "until": "30 april", "who": ana}))
        .await;
    story.runs(MAYA, "schedule pause", json!({"post": "shout-outs"})).await;
    for _ in 0..2 {
        story.runs("Ana", "kudos give", json!({"to": ben, "reason": REASON})).await;
        story.runs("Ben", "kudos give", json!({"to": ana, "reason": REASON})).await;
    }
    story.until(april(13, "08:45")).await;
    let laid = inboxes(&story).await;
    assert_eq!(laid.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [MAYA], "{laid:?}");
    for name in ["wins", "recognition", "expectations", "general"] {
        let messages = story.stage.control.messages(&story.stage.channel(name), None).await.unwrap();
        assert!(messages.iter().all(|it| !text(it).contains("Your week as a manager")), "#{name}");
    }
    let refused = story.hears("Ana", "schedule preview", json!({"post": "digest"})).await;
    assert!(refused.contains("Only managers"), "{refused}");
    for pressed in ["digest:show", "digest:list:0", "schedule:preview:digest"] {
        let outcome = story.presses_guessed("Ana", pressed).await;
        assert!(outcome.ephemeral && !crate::story::said(&outcome).contains("Cleo"));
    }
    let shown = story.hears(MAYA, "schedule preview", json!({"post": "digest"})).await;
    insta::assert_snapshot!(crate::story::stable(&shown));
    story.ends().await;
}

#[tokio::test]
async fn a_quiet_week_has_no_digest() {
    let mut story = Story::begin().await;
    story.until(april(20, "09:00")).await;
    assert!(inboxes(&story).await.is_empty());
    let told = story.hears(MAYA, "schedule explain", json!({"post": "digest"})).await;
    assert_eq!(told.matches("nothing to post").count(), 3, "{told}");
    story.ends().await;
}

#[tokio::test]
async fn after_missed_weeks_the_digest_tells_of_the_latest_that_has_ended() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
    story.runs(MAYA, "schedule pause", json!({"post": "shout-outs"})).await;
    story.runs(MAYA, "schedule set", json!({"post": "digest", "late": "roll it into the next one"})).await;
    story.runs("Ana", "activity log", json!({"metric": "calls", "count": "3"})).await;
    // The bot was away on Monday.
    jump(&story, instant(april(13, "12:00"))).await;
    story.stage.settle().await.unwrap();
    story.runs("Cleo", "activity log", json!({"metric": "calls", "count": "9"})).await;
    story.until(april(20, "08:45")).await;
    let laid = inboxes(&story).await;
    assert_eq!(laid.len(), 1, "{laid:?}");
    assert!(laid[0].1.contains("logged 9 calls") && !laid[0].1.contains("3 calls"), "{laid:?}");
    story.ends().await;
}

#[tokio::test]
async fn a_digest_that_is_looked_at_later_tells_of_what_there_was_and_only_those_who_still_manage() {
    let mut story = Story::begin().await;
    let ana = story.stage.user("Ana");
    let goal = json!({"metric": "wins", "target": "50", "until": "30 april", "who": ana});
    story.runs(MAYA, "goal set", goal).await;
    story.runs("Ana", "win log", json!({"amount": "4k"})).await;
    story.until(april(13, "08:45")).await;
    // Goals set and reached afterwards were not in it.
    let later = json!({"metric": "revenue", "target": "77k", "period": "month"});
    story.runs("Ben", "goal set", later).await;
    story.stage.joins("Newcomer", false).await.unwrap();
    story.runs("Newcomer", "me show", json!({})).await;
    story.until(april(24, "12:00")).await;
    let own = story.hears(MAYA, "inbox", json!({})).await;
    let first = own.split("Your week as a manager").last().unwrap();
    assert!(first.contains("50 wins") && !first.contains("77,000") && !first.contains("Newcomer"), "{own}");
    let (guild, maya) = (story.stage.guild.id.clone(), story.stage.user(MAYA));
    story.stage.control.change_person(&guild, &maya, json!({"roles": []})).await.unwrap();
    let own = story.hears(MAYA, "inbox", json!({})).await;
    assert!(own.contains("Only managers can see this one") && !own.contains("50 wins"), "{own}");
    story.ends().await;
}
