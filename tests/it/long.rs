//! Stories of content that doesn't fit into one message: it continues in the next, and nothing is dropped.

use serde_json::json;

use crate::story::{MAYA, Story, april, said};

/// Additional people with results for the week.
const MORE: usize = 110;

async fn lines_about(story: &Story, channel: &str, what: &str) -> Vec<String> {
    let all = story.channel(channel).await.join("\n");
    all.lines().filter(|line| line.contains(what)).map(str::to_owned).collect()
}

#[tokio::test]
async fn everything_that_is_expected_is_in_mondays_post_and_the_button_stands_below_it() {
    let mut story = Story::begin().await;
    for number in 0..40 {
        let what = format!("Expectation {number:02}");
        let expectation = json!({"what": what, "by": "friday 15:00", "if_met": "An early end ".repeat(8), "if_missed": "We talk."});
        story.runs(MAYA, "expect set", expectation).await;
    }
    let listed = story.runs(MAYA, "expect list", json!({})).await;
    assert!(said(&listed).contains("Expectation 00"));
    let preview = story.runs(MAYA, "schedule preview", json!({"post": "expectations"})).await;
    assert!(said(&preview).contains("Expectation 00") && preview.ephemeral);
    story.until(april(6, "09:00")).await;
    let all: Vec<String> = (0..40).map(|number| format!("Expectation {number:02}")).collect();
    let shown: Vec<String> = lines_about(&story, "expectations", "Expectation ").await;
    assert_eq!(shown.len(), 40, "{shown:?}");
    assert!(shown.iter().zip(&all).all(|(line, what)| line.contains(what)), "in their order: {shown:?}");
    let messages = story.stage.control.messages(&story.stage.channel("expectations"), None).await.unwrap();
    let with_button: Vec<usize> = (0..messages.len())
        .filter(|index| messages[*index]["components"].as_array().is_some_and(|it| !it.is_empty()))
        .collect();
    assert!(messages.len() > 1 && with_button == [messages.len() - 1], "{with_button:?}");
    story.ends().await;
}

#[tokio::test]
async fn a_board_of_everyone_has_everyone_when_it_is_posted_shown_and_final() {
    let mut story = Story::begin().await;
    story.runs(MAYA, "board set", json!({"style": "full: everyone on the board", "cards": false})).await;
    let names: Vec<String> =
        (0..MORE).map(|number| format!("Somebody-with-a-rather-long-name-{number:03}")).collect();
    for (number, name) in names.iter().enumerate() {
        story.stage.joins(name, false).await.unwrap();
        story.runs(name, "win log", json!({"amount": (1000 + number).to_string()})).await;
    }
    let whole = |text: &str| names.iter().filter(|name| text.contains(name.as_str())).count();
    story.runs(MAYA, "leaderboard", json!({"show": "this channel: the leaderboard everyone sees"})).await;
    assert_eq!(whole(&story.channel("general").await.join("\n")), MORE);
    story.until(april(10, "16:00")).await;
    let posted = story.channel("recognition").await;
    assert!(posted.len() > 1 && whole(&posted.join("\n")) == MORE, "{} messages", posted.len());
    let ben = json!({"amount": "90k"});
    story.runs("Ben", "win log", ben).await;
    story.until(april(13, "12:00")).await;
    let last = story.channel("recognition").await;
    let boards: Vec<&String> = last.iter().filter(|text| !text.contains("shout-outs")).collect();
    assert_eq!(boards.len(), posted.len(), "the same messages");
    let all = boards.iter().map(|it| it.as_str()).collect::<Vec<_>>().join("\n");
    assert!(whole(&all) == MORE && all.contains("Ben") && all.contains("Final"), "{all}");
    story.ends().await;
}

#[tokio::test]
async fn a_board_that_needs_another_number_of_messages_when_it_is_final_says_so() {
    const FULL: &str = "full: everyone on the board";
    const PODIUM: &str = "podium: top three, teams, most improved, most helpful";
    for (posted_as, final_as, said) in [
        (FULL, PODIUM, "There is nothing more: it all stands above."),
        (PODIUM, FULL, "…and more than there is room for here."),
    ] {
        let mut story = Story::begin().await;
        for number in 0..MORE {
            let name = format!("Somebody-with-a-rather-long-name-{number:03}");
            story.stage.joins(&name, false).await.unwrap();
            story.runs(&name, "win log", json!({"amount": (1000 + number).to_string()})).await;
        }
        story.runs(MAYA, "board set", json!({"style": posted_as, "cards": false})).await;
        story.runs(MAYA, "schedule pause", json!({"post": "shout-outs"})).await;
        story.until(april(10, "16:00")).await;
        let before = story.channel("recognition").await;
        assert!(before.iter().all(|text| !text.contains(said)), "{before:?}");
        story.runs(MAYA, "board set", json!({"style": final_as})).await;
        story.until(april(13, "12:00")).await;
        let after = story.channel("recognition").await;
        assert_eq!(after.len(), before.len(), "no message comes on Monday");
        assert!(after.last().unwrap().contains(said), "{after:?}");
        story.ends().await;
    }
}
