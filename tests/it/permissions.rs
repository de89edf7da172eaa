//! Who may do what: every command and button, tried by a rep it isn't about, by somebody new to Bellringer,
//! by a manager of another server, and by a manager.

use std::collections::BTreeSet;
use std::fmt::Write;

use bellringer::feature::tables;
use bellringer::features::{FEATURES, commands, routes};
use bellringer::render::post::Tone;
use bellringer::sandbox::client::{Outcome, Person, Place};
use serde_json::{Value, json};
use sqlx::{Column, Row};

use crate::story::{MAYA, Story, said};

/// A word in data that only Ana may read, and one in data that only her server may.
const PRIVATE: &str = "Velvetpaw";
const INTERNAL: &str = "Quillfeather";

/// Who is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Anyone, for themselves: it shows and changes nothing of others'.
    Everyone,
    /// Managers.
    Managers,
    /// The person it is about, and managers.
    Own,
    /// Only the person it is about.
    Alone,
}

/// A command or button, used on Ana's data.
pub(crate) struct Door {
    pub(crate) name: &'static str,
    /// The options of a command, or a button's `custom_id`; words in braces are looked up in the scene.
    pub(crate) input: Value,
    may: May,
}

fn door(name: &'static str, input: Value, may: May) -> Door {
    Door { name, input, may }
}

/// Every command.
pub(crate) fn commanded() -> Vec<Door> {
    use May::{Alone, Everyone, Managers, Own};
    vec![
        door("win log", json!({"amount": "2k"}), Everyone),
        door("win list", json!({"who": "{ana}"}), Own),
        door("win why", json!({"who": "{ana}"}), Own),
        door("activity log", json!({"metric": "calls"}), Everyone),
        door("goal list", json!({}), Everyone),
        door("goal set", json!({"metric": "wins", "target": "5", "who": "{ana}"}), Own),
        door("goal change", json!({"which": "{goal}", "target": "5"}), Own),
        door("goal history", json!({"which": "{goal}"}), Own),
        door("goal share", json!({"which": "{goal}"}), Alone),
        door("goal cancel", json!({"which": "{goal}"}), Own),
        door("me show", json!({}), Everyone),
        door("me praise", json!({"how": "in public"}), Everyone),
        door("me away", json!({"until": "friday"}), Everyone),
        door("me back", json!({}), Everyone),
        door("me sharing", json!({"profile": false}), Everyone),
        door("me messages", json!({"direct": false}), Everyone),
        door("me dates", json!({}), Everyone),
        door("inbox", json!({}), Everyone),
        door("profile", json!({"who": "{ana}"}), Alone),
        door("records", json!({}), Everyone),
        door(
            "kudos give",
            json!({"to": "{ana}", "reason": "You stayed late until the demo worked"}),
            Everyone,
        ),
        door("kudos list", json!({"who": "{ana}"}), Own),
        door("kudos undo", json!({"which": "{kudos}"}), Own),
        door("kudos allowance", json!({}), Managers),
        door("values list", json!({}), Everyone),
        door("values set", json!({"values": "Care"}), Managers),
        door("leaderboard", json!({}), Everyone),
        door("board show", json!({}), Managers),
        door("board set", json!({"cards": true}), Managers),
        door(
            "shoutout nominate",
            json!({"who": "{ana}", "reason": "You stayed late until the demo worked"}),
            Managers,
        ),
        door("shoutout preview", json!({}), Managers),
        door("expect list", json!({}), Everyone),
        door(
            "expect set",
            json!({"what": "X", "by": "friday 15:00", "if_met": "A", "if_missed": "B"}),
            Managers,
        ),
        door("expect end", json!({"which": "{expectation}"}), Managers),
        door("team list", json!({}), Everyone),
        door("team create", json!({"name": "South"}), Managers),
        door("team add", json!({"team": "North", "who": "{ben}"}), Managers),
        door("team remove", json!({"team": "North", "who": "{ana}"}), Managers),
        door("metric list", json!({}), Everyone),
        door("metric add", json!({"name": "demos"}), Managers),
        door("schedule list", json!({}), Managers),
        door("schedule set", json!({"post": "leaderboard", "when": "mondays 9:00"}), Managers),
        door("schedule pause", json!({"post": "leaderboard"}), Managers),
        door("schedule resume", json!({"post": "leaderboard"}), Managers),
        door("schedule preview", json!({"post": "leaderboard"}), Managers),
        door("schedule explain", json!({"post": "leaderboard"}), Managers),
        door("noise show", json!({}), Managers),
        door("noise set", json!({"most": 5}), Managers),
        door("setup", json!({}), Managers),
        door("help", json!({}), Everyone),
        door("privacy show", json!({"who": "{ana}"}), Own),
        door("privacy export", json!({}), Everyone),
        door("win undo", json!({"which": "{win}"}), Own),
        door("privacy erase", json!({"who": "{ana}"}), Own),
    ]
}

/// Every button.
pub(crate) fn pressable() -> Vec<Door> {
    use May::{Alone, Everyone, Managers, Own};
    vec![
        door("win:list", json!("win:list:{ana_id}:0"), Own),
        door("win:why", json!("win:why:{ana_id}:{revenue_id}:week:20549:0"), Own),
        door("win:menu", json!("win:menu"), Everyone),
        door("board:me", json!("board:me:{revenue_id}:week:20549:20556"), Everyone),
        door("expect:ack", json!("expect:ack:2026-04-06"), Everyone),
        door("goal:cheer", json!("goal:cheer:{goal}"), Alone),
        door("inbox:page", json!("inbox:page:0"), Everyone),
        door("kudos:form", json!("kudos:form:{ana_id}"), Everyone),
        door("kudos:list", json!("kudos:list:{ana_id}:given:0"), Own),
        door("kudos:undo", json!("kudos:undo:{kudos}"), Own),
        door("win:undo", json!("win:undo:{win}"), Own),
        door("kudos:second", json!("kudos:second:{private_kudos}"), Alone),
        door("shoutout:veto", json!("shoutout:veto:{moment}"), Managers),
        door("privacy:keep", json!("privacy:keep"), Everyone),
        door("privacy:erase", json!("privacy:erase:{ana_id}"), Own),
    ]
}

/// A server with all kinds of Ana's data, another server, and somebody who has just joined.
pub(crate) struct Scene {
    pub(crate) story: Story,
    /// The values for words in braces.
    words: Vec<(&'static str, String)>,
    /// A manager of the other server, in its channel.
    elsewhere: Place,
    channel_elsewhere: String,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let mut story = Story::begin().await;
        let (ana, ben) = (story.stage.user("Ana"), story.stage.user("Ben"));
        story.runs(MAYA, "metric add", json!({"name": "calls"})).await;
        story.runs(MAYA, "team create", json!({"name": "North"})).await;
        story.runs(MAYA, "team add", json!({"team": "North", "who": ana})).await;
        let expectation =
            json!({"what": PRIVATE, "by": "friday 15:00", "who": ana, "if_met": "A", "if_missed": "B"});
        story.runs(MAYA, "expect set", expectation).await;
        let win = json!({"amount": "5k", "customer": INTERNAL, "note": INTERNAL});
        story.runs("Ana", "win log", win).await;
        story.runs("Ana", "goal set", json!({"metric": "calls", "target": "777"})).await;
        story.runs("Ben", "win log", json!({"amount": "1k", "customer": "Acme"})).await;
        let maya = story.stage.user(MAYA);
        let thanks = json!({"to": maya, "reason": format!("{PRIVATE} you helped me with"), "private": true});
        story.runs("Ana", "kudos give", thanks).await;
        story
            .runs(
                "Ana",
                "kudos give",
                json!({"to": maya, "reason": format!("{INTERNAL} you helped me with")}),
            )
            .await;
        story.stage.joins("Zed", false).await.unwrap();
        let control = story.stage.control.clone();
        let other = control.guild("Elsewhere").await.unwrap();
        let role = control.role(&other.id, "Boss", 1 << 5).await.unwrap();
        let nora = Person { roles: vec![role], ..Person::named("nora") };
        let nora = control.person(&other.id, &nora).await.unwrap();
        let elsewhere = Place::new(&other.id, &other.channel_id, &nora);
        story.runs(MAYA, "shoutout preview", json!({})).await;
        let mut scene = Self { story, words: Vec::new(), elsewhere, channel_elsewhere: other.channel_id };
        let id = async |sql: &'static str| {
            let (id,): (i64,) =
                sqlx::query_as(sql).fetch_one(scene.story.stage.state.db.read()).await.unwrap();
            id
        };
        let reference = async |sql| bellringer::kernel::ids::reference(id(sql).await);
        scene.words = vec![
            ("ana", ana),
            ("ben", ben),
            ("ana_id", id("SELECT id FROM person WHERE name = 'Ana'").await.to_string()),
            (
                "revenue_id",
                id("SELECT id FROM metric WHERE name = 'revenue' ORDER BY id LIMIT 1").await.to_string(),
            ),
            ("win", reference("SELECT id FROM win WHERE customer = 'Quillfeather'").await),
            ("private_kudos", reference("SELECT MIN(id) FROM kudos").await),
            ("kudos", reference("SELECT MAX(id) FROM kudos").await),
            ("moment", reference("SELECT MIN(id) FROM moment").await),
            ("goal", reference("SELECT id FROM goal").await),
            ("expectation", reference("SELECT id FROM expectation").await),
        ];
        scene
    }

    /// An input with words in braces replaced.
    pub(crate) fn filled(&self, input: &Value) -> Value {
        let text = self
            .words
            .iter()
            .fold(input.to_string(), |text, (word, value)| text.replace(&format!("{{{word}}}"), value));
        serde_json::from_str(&text).unwrap()
    }

    /// Every row of the server, except those that any use writes about its user.
    pub(crate) async fn rows(&self) -> BTreeSet<String> {
        let mut rows = rows(&self.story).await;
        rows.retain(|row| !(row.starts_with("person ") && row.contains("name=Zed")));
        rows
    }

    async fn tries(&mut self, who: &str, door: &Door) -> Outcome {
        match self.filled(&door.input) {
            Value::String(custom_id) => self.story.presses_guessed(who, &custom_id).await,
            options => self.story.runs(who, door.name, options).await,
        }
    }

    async fn tries_elsewhere(&mut self, door: &Door) -> Option<Outcome> {
        let control = self.story.stage.control.clone();
        let outcome = match self.filled(&door.input) {
            Value::String(custom_id) => {
                let (channel, user) = (self.channel_elsewhere.clone(), self.elsewhere.user.clone());
                self.story.presses_guessed_in(&channel, &user, &custom_id).await
            }
            // Discord doesn't offer people of another server, so some can't even be sent.
            options => control.command(&self.elsewhere, door.name, options).await.ok()?,
        };
        self.story.stage.settle().await.unwrap();
        Some(outcome)
    }
}

/// Every row of a story's server.
pub(crate) async fn rows(story: &Story) -> BTreeSet<String> {
    let guild: i64 = story.stage.guild.id.parse().unwrap();
    let mut rows = BTreeSet::new();
    for table in tables(FEATURES) {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {} WHERE {}", table.name, table.of_guild()));
        let db = story.stage.state.db.read();
        for row in sqlx::query(sql).bind(guild).fetch_all(db).await.unwrap() {
            let mut text = table.name.to_owned();
            for column in row.columns() {
                let name = column.name();
                let value = row.try_get::<Option<String>, _>(name).unwrap_or_else(|_| {
                    row.try_get::<Option<i64>, _>(name).unwrap().map(|it| it.to_string())
                });
                write!(text, " {name}={}", value.unwrap_or_default()).unwrap();
            }
            rows.insert(text);
        }
    }
    rows
}

/// Whether an answer is a refusal.
pub(crate) fn refuses(outcome: &Outcome) -> bool {
    let colour = outcome.message.as_ref().map(|message| &message["embeds"][0]["color"]);
    colour == Some(&json!(Tone::Refusal.colour()))
}

fn for_managers(outcome: &Outcome) -> bool {
    said(outcome).contains("Only managers can do that")
}

/// Each executable command, by its full name.
pub(crate) fn leaves() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for command in commands().into_iter().filter(|command| command.slash_action.is_some()) {
        if command.subcommands.is_empty() {
            names.insert(command.name.to_string());
        }
        names.extend(command.subcommands.iter().map(|inner| format!("{} {}", command.name, inner.name)));
    }
    names
}

#[tokio::test]
async fn every_command_and_everything_that_can_be_pressed_is_open_to_whom_it_should_be_and_to_nobody_else() {
    let tried = |doors: &[Door]| doors.iter().map(|door| door.name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(tried(&commanded()), leaves(), "every command is tried");
    let presses: BTreeSet<String> = routes().map(str::to_owned).collect();
    assert_eq!(tried(&pressable()), presses, "everything that can be pressed is tried");

    let mut scene = Scene::set().await;
    let doors: Vec<Door> = commanded().into_iter().chain(pressable()).collect();
    for door in &doors {
        for who in ["Ben", "Zed"] {
            let before = scene.rows().await;
            let outcome = scene.tries(who, door).await;
            let what = format!("{} tries {}: {}", who, door.name, said(&outcome));
            assert!(!said(&outcome).contains(PRIVATE), "{what}");
            if door.may == May::Everyone {
                assert!(!for_managers(&outcome), "{what}");
                continue;
            }
            assert!(outcome.ephemeral && refuses(&outcome), "{what}");
            assert_eq!(scene.rows().await, before, "{what}");
        }
        let before = scene.rows().await;
        if let Some(outcome) = scene.tries_elsewhere(door).await {
            let what = format!("elsewhere, Nora tries {}: {}", door.name, said(&outcome));
            let told = outcome.message.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(!told.contains(PRIVATE) && !told.contains(INTERNAL), "{what}");
        }
        assert_eq!(scene.rows().await, before, "elsewhere, Nora tries {}", door.name);
    }
    for door in &doors {
        let outcome = scene.tries(MAYA, door).await;
        let what = format!("Maya tries {}: {}", door.name, said(&outcome));
        assert!(!for_managers(&outcome), "{what}");
        assert!(outcome.message.is_some() || outcome.modal.is_some(), "{what}");
        if door.may == May::Alone {
            assert!(refuses(&outcome) && !said(&outcome).contains(PRIVATE), "{what}");
        }
    }
    scene.story.ends().await;
}
