//! Non-members get nothing new: people who have left, and people of another server by their id. What was
//! earned stays, and can be viewed.

use std::collections::BTreeSet;

use bellringer::sandbox::client::{Outcome, Person};
use serde_json::{Value, json};

use crate::permissions::{refuses, rows};
use crate::story::{MAYA, Story, said};

const REASON: &str = "You stayed late until the demo worked";

/// What a command does for the person in its option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Gives them something.
    New,
    /// Shows their data, or removes something.
    Theirs,
}

/// Every option that names a person: its command, its name, and the other options.
fn options() -> Vec<(&'static str, &'static str, Value, For)> {
    use For::{New, Theirs};
    let thanks = |ben: &str| json!({"to": ben, "reason": REASON});
    vec![
        ("win log", "with", json!({"amount": "4k"}), New),
        ("win log", "with_2", json!({"amount": "4k"}), New),
        ("win log", "with_3", json!({"amount": "4k"}), New),
        ("win list", "who", json!({}), Theirs),
        ("win why", "who", json!({}), Theirs),
        ("kudos give", "to", json!({"reason": REASON}), New),
        ("kudos give", "and", thanks("{ben}"), New),
        ("kudos give", "and_2", thanks("{ben}"), New),
        ("kudos give", "and_3", thanks("{ben}"), New),
        ("kudos give", "and_4", thanks("{ben}"), New),
        ("kudos list", "who", json!({}), Theirs),
        ("goal set", "who", json!({"metric": "wins", "target": "5"}), New),
        ("profile", "who", json!({}), Theirs),
        (
            "expect set",
            "who",
            json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "A", "if_missed": "B"}),
            New,
        ),
        ("shoutout nominate", "who", json!({"reason": REASON}), New),
        ("team add", "who", json!({"team": "South"}), New),
        ("team remove", "who", json!({"team": "North"}), Theirs),
        ("privacy show", "who", json!({}), Theirs),
        ("privacy erase", "who", json!({}), Theirs),
    ]
}

/// Context menus, and whether they give something to the person they are used on.
const MENUS: [(&str, bool); 3] =
    [("Give kudos", true), ("Give kudos for this", true), ("Log as a win", false)];

/// A story in which Dana has earned something and left, and Stranger X is in another server; returns both
/// users.
async fn begin() -> (Story, String, String) {
    let mut story = Story::begin().await;
    story.stage.joins("Dana", false).await.unwrap();
    let dana = story.stage.user("Dana");
    for team in ["North", "South"] {
        story.runs(MAYA, "team create", json!({"name": team})).await;
    }
    story.runs(MAYA, "team add", json!({"team": "North", "who": dana})).await;
    story.runs("Ben", "win list", json!({})).await;
    story.runs("Dana", "me sharing", json!({"profile": true})).await;
    story.runs("Dana", "win log", json!({"amount": "5k", "customer": "Acme"})).await;
    story.stage.says("Dana", "general", "Acme signed!").await.unwrap();
    let control = story.stage.control.clone();
    let other = control.guild("Elsewhere").await.unwrap();
    let stranger = Person { display_name: Some("Stranger X".to_owned()), ..Person::named("stranger") };
    let stranger = control.person(&other.id, &stranger).await.unwrap();
    control.remove_person(&story.stage.guild.id, &dana).await.unwrap();
    (story, dana, stranger)
}

fn names_and_says_what_to_do(outcome: &Outcome, name: &str, what: &str) {
    let told = said(outcome);
    assert!(outcome.ephemeral && refuses(outcome), "{what}: {told}");
    assert!(
        told.contains(&format!("{name} isn't in this server")) && told.contains("Pick"),
        "{what}: {told}"
    );
}

/// Each option of the registered commands that names a person, and each context menu.
async fn registered(story: &Story) -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    let (channel, maya) = (story.stage.channel("general"), story.stage.user(MAYA));
    let commands = story.stage.control.commands(&channel, &maya).await.unwrap();
    let (mut options, mut menus) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<(String, Value)> = Vec::new();
    for command in commands {
        let name = command["name"].as_str().unwrap().to_owned();
        if command["type"] == 1 {
            open.push((name, command));
        } else {
            menus.insert(name);
        }
    }
    while let Some((name, level)) = open.pop() {
        for option in level["options"].as_array().into_iter().flatten() {
            let inner = option["name"].as_str().unwrap();
            match option["type"].as_i64().unwrap() {
                1 | 2 => open.push((format!("{name} {inner}"), option.clone())),
                // A user, or any mentionable.
                6 | 9 => drop(options.insert((name.clone(), inner.to_owned()))),
                _ => {}
            }
        }
    }
    (options, menus)
}

#[tokio::test]
async fn who_is_not_a_member_gets_nothing_new_from_any_command_and_what_they_earned_stays() {
    let (mut story, dana, stranger) = begin().await;
    let ben = story.stage.user("Ben");
    let table = options();
    let (named, menus) = registered(&story).await;
    let tried = table.iter().map(|(command, option, ..)| ((*command).to_owned(), (*option).to_owned()));
    assert_eq!(tried.collect::<BTreeSet<_>>(), named, "every option that names a person is tried");
    assert_eq!(MENUS.iter().map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>(), menus);
    for (command, option, typed, what_for) in &table {
        for (user, name) in [(&dana, "Dana"), (&stranger, "Stranger X")] {
            let mut typed: Value = serde_json::from_str(&typed.to_string().replace("{ben}", &ben)).unwrap();
            typed[*option] = json!(user);
            let before = rows(&story).await;
            let outcome = story.runs(MAYA, command, typed).await;
            let what = format!("/{command} {option}:{name}");
            if *what_for == For::Theirs && name == "Dana" {
                assert!(!refuses(&outcome), "{what}: {}", said(&outcome));
                continue;
            }
            names_and_says_what_to_do(&outcome, name, &what);
            assert_eq!(rows(&story).await, before, "{what}");
        }
    }
    let told = story
        .hears("Ana", "leaderboard", json!({"show": "this channel: the leaderboard everyone sees"}))
        .await;
    assert!(told.contains("Dana") && told.contains("$5,000"), "{told}");
    story.ends().await;
}

#[tokio::test]
async fn who_is_not_a_member_is_thanked_from_no_menu() {
    let (mut story, dana, stranger) = begin().await;
    let place = story.stage.place("Ana", "general");
    let control = story.stage.control.clone();
    let written =
        control.messages(&story.stage.channel("general"), Some(&story.stage.user("Ana"))).await.unwrap();
    let message =
        written.iter().find(|it| it["content"] == "Acme signed!").unwrap()["id"].as_str().unwrap().to_owned();
    // Ana becomes known.
    story.runs("Ana", "win list", json!({})).await;
    let before = rows(&story).await;
    for (menu, target, name) in [
        ("Give kudos", &dana, "Dana"),
        ("Give kudos", &stranger, "Stranger X"),
        ("Give kudos for this", &message, "Dana"),
    ] {
        let outcome = control.menu(&place, menu, target).await.unwrap();
        names_and_says_what_to_do(&outcome, name, menu);
    }
    // For a message, the win belongs to the person who logs it.
    assert!(control.menu(&place, "Log as a win", &message).await.unwrap().modal.is_some());
    assert_eq!(rows(&story).await, before);
    story.ends().await;
}

#[tokio::test]
async fn who_has_left_since_a_form_or_a_button_was_shown_gets_nothing_from_it() {
    let mut story = Story::begin().await;
    for name in ["Dana", "Eve"] {
        story.stage.joins(name, false).await.unwrap();
    }
    let (dana, eve, ana) = (story.stage.user("Dana"), story.stage.user("Eve"), story.stage.user("Ana"));
    story.runs("Cleo", "kudos give", json!({"to": dana, "reason": REASON})).await;
    story.runs("Cleo", "kudos give", json!({"to": dana, "and": eve, "reason": REASON})).await;
    story.runs("Dana", "goal set", json!({"metric": "wins", "target": "5", "share": true})).await;
    story.runs("Ana", "win list", json!({})).await;
    let control = story.stage.control.clone();
    let place = story.stage.place("Ana", "general");
    let form = control.menu(&place, "Give kudos", &dana).await.unwrap();
    control.remove_person(&story.stage.guild.id, &dana).await.unwrap();

    let id = async |sql: &'static str| {
        let (id,): (i64,) = sqlx::query_as(sql).fetch_one(story.stage.state.db.read()).await.unwrap();
        bellringer::kernel::ids::reference(id)
    };
    let (alone, both) = (id("SELECT MIN(id) FROM kudos").await, id("SELECT MAX(id) FROM kudos").await);
    let goal = id("SELECT id FROM goal").await;
    story.runs(MAYA, "win list", json!({})).await;
    let before = rows(&story).await;
    let changed = story.runs(MAYA, "goal change", json!({"which": goal, "target": "7"})).await;
    names_and_says_what_to_do(&changed, "Dana", "goal change");
    let sent = control.modal(&ana, &form.interaction, json!({"reason": REASON})).await.unwrap();
    names_and_says_what_to_do(&sent, "Dana", "the form");
    let cheered = story.presses_guessed("Ana", &format!("goal:cheer:{goal}")).await;
    names_and_says_what_to_do(&cheered, "Dana", "cheer");
    let joined = story.presses_guessed("Ana", &format!("kudos:second:{alone}")).await;
    assert!(refuses(&joined) && said(&joined).contains("left this server"), "{}", said(&joined));
    assert_eq!(rows(&story).await, before);

    // Things set for a person who has left can be ended.
    assert!(!refuses(&story.runs(MAYA, "goal cancel", json!({"which": goal})).await));

    // The person who is still here gets theirs.
    let joined = story.presses_guessed("Ana", &format!("kudos:second:{both}")).await;
    assert!(!refuses(&joined), "{}", said(&joined));
    let new = "SELECT person.name FROM entry JOIN person ON person.id = entry.person_id
               WHERE entry.source = 'second' ORDER BY person.name";
    let names: Vec<(String,)> = sqlx::query_as(new).fetch_all(story.stage.state.db.read()).await.unwrap();
    assert_eq!(names.into_iter().map(|(name,)| name).collect::<Vec<_>>(), ["Ana", "Eve"]);
    story.ends().await;
}
