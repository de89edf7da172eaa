//! The story fixture: a guild of three reps and a manager, set up on a Monday morning.

use std::sync::{Arc, LazyLock};

use bellringer::demo::stage::{Speech, Stage};
use bellringer::features::FEATURES;
use bellringer::kernel::calendar::Zone;
use bellringer::outbox::subject::{self, About, Compose, Said, Told};
use bellringer::people::{self, Voice};
use bellringer::sandbox::client::{self, Outcome};
use bellringer::words::Language;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::database::Database;

/// The manager of every story.
pub(crate) const MAYA: &str = "Maya";

/// The language of stories: American English, or the one in `BELLRINGER_TEST_LANGUAGE`. Texts are then
/// converted back to American English, so that assertions still hold.
#[expect(clippy::disallowed_methods, reason = "where no environment says so, it is the default")]
pub(crate) fn spoken() -> Language {
    static SPOKEN: LazyLock<Language> = LazyLock::new(|| {
        let tag = std::env::var("BELLRINGER_TEST_LANGUAGE");
        tag.map_or_else(|_| Language::default(), |tag| Language::of(&tag).expect("it is a language"))
    });
    *SPOKEN
}

fn as_spoken(text: &str) -> String {
    spoken().read(text)
}

/// How many of the ledger's sums don't match its entries.
pub(crate) const UNEQUAL_SUMS: &str =
    "SELECT COUNT(*) FROM (SELECT metric_id, person_id, SUM(quantity) AS q FROM entry GROUP BY 1, 2) AS e
     FULL JOIN (SELECT metric_id, person_id, SUM(quantity) AS q FROM total WHERE grain = 'month' GROUP BY 1, 2) AS t
     ON t.metric_id = e.metric_id AND t.person_id = e.person_id WHERE COALESCE(t.q, 0) <> COALESCE(e.q, 0)";

/// A stage, with the checks that every story ends with.
pub(crate) struct Story {
    /// The stage.
    pub(crate) stage: Stage,
    /// How many failures the story expects.
    pub(crate) expected_failures: u64,
    database: Option<Database>,
}

/// A local time in April 2026; the 6th is a Monday.
pub(crate) fn april(day: u32, time: &str) -> NaiveDateTime {
    format!("2026-04-{day:02}T{time}:00").parse().unwrap()
}

/// The instant of a local time in the stories' default zone.
pub(crate) fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    Zone::parse("America/New_York").unwrap().instant(local)
}

impl Story {
    /// Monday, 6 April 2026, 08:00 in New York: Maya, Ana, Ben and Cleo, and `/setup` has been run.
    pub(crate) async fn begin() -> Self {
        Self::begin_on(Database::fresh().await).await
    }

    /// The same on this database; in a file if there is none.
    pub(crate) async fn begin_on(database: Option<Database>) -> Self {
        let mut story = Self::before_setup_on(database, "America/New_York", april(6, "08:00")).await;
        let channels = ["wins", "recognition", "expectations"].map(|name| story.stage.channel(name));
        let options = json!({"time_zone": "America/New_York", "currency": "USD", "wins_channel": channels[0],
            "recognition_channel": channels[1], "expectations_channel": channels[2]});
        story.runs(MAYA, "setup", options).await;
        story
    }

    /// The same without badges, which would clutter the story.
    pub(crate) async fn begin_without_badges() -> Self {
        let mut story = Self::begin().await;
        let others = FEATURES.iter().filter(|it| it.reactors.iter().all(|reactor| reactor.name != "badges"));
        let others = others.copied().collect::<Vec<_>>().leak();
        story.stage.worker = Arc::new(story.stage.worker.with(others));
        story
    }

    /// The same people at a time in a zone, before any setup.
    pub(crate) async fn before_setup(zone: &str, now: NaiveDateTime) -> Self {
        Self::before_setup_on(Database::fresh().await, zone, now).await
    }

    async fn before_setup_on(database: Option<Database>, zone: &str, now: NaiveDateTime) -> Self {
        let zone = Zone::parse(zone).unwrap();
        let url = database.as_ref().map(Database::url);
        let speech = Speech::Kept(String::new());
        let mut stage = Stage::open_on(url, "Story", spoken(), zone, now, speech).await.unwrap();
        stage.control = stage.control.reading(as_spoken);
        stage.channels(&["wins", "recognition", "expectations"]).await.unwrap();
        stage.joins(MAYA, true).await.unwrap();
        for name in ["Ana", "Ben", "Cleo"] {
            stage.joins(name, false).await.unwrap();
        }
        Self { stage, expected_failures: 0, database }
    }

    /// Stops the app, and continues with another database.
    pub(crate) async fn moves_to(&mut self, database: Database) {
        self.stage.moves_to(database.url()).await.unwrap();
        self.database = Some(database);
    }

    /// A person runs a command in #general; the worker does what follows.
    pub(crate) async fn runs(&mut self, name: &str, command: &str, options: Value) -> Outcome {
        self.stage.runs(name, "general", command, options).await.unwrap()
    }

    /// The same; returns the reply's text.
    pub(crate) async fn hears(&mut self, name: &str, command: &str, options: Value) -> String {
        said(&self.runs(name, command, options).await)
    }

    /// A person presses a button that wasn't shown: with a guessed or very old `custom_id`.
    pub(crate) async fn presses_guessed(&mut self, name: &str, custom_id: &str) -> Outcome {
        let (channel, user) = (self.stage.channel("general"), self.stage.user(name));
        self.presses_guessed_in(&channel, &user, custom_id).await
    }

    /// The same for any user, in any channel.
    pub(crate) async fn presses_guessed_in(&mut self, channel: &str, user: &str, custom_id: &str) -> Outcome {
        let message = self.button_of(channel, custom_id).await;
        let outcome = self.stage.control.button(user, &message, custom_id).await.unwrap();
        self.stage.settle().await.unwrap();
        outcome
    }

    /// A message by the bot in a channel, with a button with this `custom_id`.
    pub(crate) async fn button_of(&self, channel: &str, custom_id: &str) -> String {
        let summary = self.stage.control.summary().await.unwrap();
        let (url, token) = (summary["url"].as_str().unwrap(), summary["token"].as_str().unwrap());
        let button = json!({"content": "-", "components":
            [{"type": 1, "components": [{"type": 2, "style": 2, "label": "Press", "custom_id": custom_id}]}]});
        let answer = reqwest::Client::new()
            .post(format!("{url}/api/v10/channels/{channel}/messages"))
            .header("authorization", format!("Bot {token}"))
            .json(&button)
            .send()
            .await
            .unwrap();
        let message: Value = answer.json().await.unwrap();
        message["id"].as_str().unwrap().to_owned()
    }

    /// Advances to a local time; everything due on the way happens.
    pub(crate) async fn until(&mut self, local: NaiveDateTime) {
        self.stage.until(local).await.unwrap();
        self.stage.settle().await.unwrap();
    }

    /// The messages of a channel as everyone sees them, each as one text.
    pub(crate) async fn channel(&self, name: &str) -> Vec<String> {
        let messages = self.stage.control.messages(&self.stage.channel(name), None).await.unwrap();
        messages.iter().map(text).collect()
    }

    /// The current text of a stored subject.
    pub(crate) async fn composes(&self, kept: &str) -> Told {
        let state = &self.stage.state;
        let mut db = state.db.reader().await.unwrap();
        let id = self.stage.guild_id();
        let guild = people::guild(&mut *db, id).await.unwrap();
        FEATURES
            .compose(&mut db, state, Voice::of(&guild, &state.clock), &About::parse(kept).unwrap())
            .await
            .unwrap()
    }

    /// Replaces stored subjects with composed texts, as versions before composing at sending time stored
    /// them.
    pub(crate) async fn writes_out(&self) {
        for table in ["post", "inbox", "folded"] {
            let sql = sqlx::AssertSqlSafe(format!("SELECT id, subject FROM {table}"));
            let rows: Vec<(i64, String)> =
                sqlx::query_as(sql).fetch_all(self.stage.state.db.read()).await.unwrap();
            for (id, about) in rows {
                let Told { post, line } = self.composes(&about).await;
                let said = subject::kept(&Said { post, line }).unwrap();
                let mut tx = self.stage.state.db.write().await.unwrap();
                let sql = sqlx::AssertSqlSafe(format!("UPDATE {table} SET subject = $2 WHERE id = $1"));
                sqlx::query(sql).bind(id).bind(said).execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    /// Everything that was posted, with ids that differ between runs replaced.
    pub(crate) fn told(&self) -> String {
        let told = stable(self.stage.told());
        if spoken() == Language::default() {
            return told;
        }
        // Longer words need more parts.
        told.split_inclusive('\n').filter(|line| !line.trim_end().ends_with(" (more):")).collect()
    }

    /// Ends the story early: the rest is not what it is about.
    pub(crate) async fn breaks_off(self) {
        self.stage.close().await.unwrap();
        if let Some(database) = self.database {
            database.drop().await;
        }
    }

    /// Ends the story: nothing may be undelivered, unreacted, or logged as an unexpected failure.
    pub(crate) async fn ends(mut self) {
        self.stage.settle().await.unwrap();
        let state = self.stage.state.clone();
        let (edits,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM post WHERE state = 'waiting' AND message_id IS NOT NULL")
                .fetch_one(state.db.read())
                .await
                .unwrap();
        if edits > 0 {
            // Progress messages are edited at most once a minute.
            self.stage.passes(TimeDelta::minutes(1)).await.unwrap();
        }
        for (what, sql) in [
            ("undelivered posts", "SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed')"),
            ("unreacted facts", "SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL"),
            ("sums that are not those of the ledger", UNEQUAL_SUMS),
        ] {
            let (left,): (i64,) = sqlx::query_as(sql).fetch_one(state.db.read()).await.unwrap();
            assert_eq!(left, 0, "{what} are left over");
        }
        let as_written = self.stage.control.reading(str::to_owned).log(0).await.unwrap();
        if spoken() != Language::default() {
            let english = crate::untranslated::words(&as_written);
            assert!(english.is_empty(), "no language has: {english:#?}");
        }
        let log: Vec<Value> = as_written.into_iter().map(|it| client::read(it, as_spoken)).collect();
        let feed = self.stage.control.feed(0).await.unwrap();
        let wrong = crate::reading::again(&log, &feed);
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        let shows_ids = |text: &String| {
            let mut links = text.match_indices("](person:");
            links.any(|(at, _)| !text[..at].ends_with('\\'))
        };
        let shown = feed.iter().map(|it| it.message["embeds"].to_string()).find(shows_ids);
        assert_eq!(shown, None, "whose name it is, is kept, and never shown");
        assert_eq!(state.failures(), self.expected_failures, "failures were logged");
        self.stage.close().await.unwrap();
        if let Some(database) = self.database {
            database.drop().await;
        }
    }
}

/// The text of an outcome's message.
pub(crate) fn said(outcome: &Outcome) -> String {
    outcome.message.as_ref().map(text).unwrap_or_default()
}

/// The text of a message.
pub(crate) fn text(message: &Value) -> String {
    stable(&bellringer::sandbox::transcript::lines(message, 200).join("\n"))
}

/// References are random, and a picture's size depends on compression; snapshots only show that they exist.
pub(crate) fn stable(text: &str) -> String {
    let mut sized = text.split(" bytes]");
    let mut unsized_text = sized.next().unwrap_or_default().to_owned();
    for rest in sized {
        let end = unsized_text.rfind(", ").unwrap_or(unsized_text.len());
        unsized_text.truncate(end);
        unsized_text.push(']');
        unsized_text.push_str(rest);
    }
    let text = unsized_text.as_str();
    let is_reference = |word: &str| {
        (12..=14).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            && word.bytes().filter(u8::is_ascii_digit).count() >= 2
    };
    let mut out = String::new();
    let mut word = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        let id = word.len() >= 17 && word.bytes().all(|b| b.is_ascii_digit());
        out.push_str(if id {
            "ID"
        } else if is_reference(&word) {
            "REF"
        } else {
            &word
        });
        word.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}
