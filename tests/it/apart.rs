//! Stories of a feature that fails or panics: it doesn't block the others, and catches up later.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use bellringer::feature::{Duty, Feature, Features, Reactor};
use bellringer::features::FEATURES;
use bellringer::kernel::error::{Error, Result};
use bellringer::ledger::fact::{self, Fact};
use bellringer::people;
use bellringer::schedules::{self, Deadline, Kinds};
use bellringer::store::state::State;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::story::{MAYA, Story, april, instant};
use crate::weekly::jump;

/// The captured log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn kept() -> (Self, tracing::subscriber::DefaultGuard) {
        // A callsite first reached without a subscriber may be cached as disabled, so one is always set.
        let _ = tracing::subscriber::set_global_default(Deaf);
        let log = Self::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn times(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.0.lock().unwrap()).matches(text).count()
    }
}

/// A subscriber that enables everything and records nothing.
struct Deaf;

impl Subscriber for Deaf {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All features, with a failing one before them.
pub(crate) fn after(stumbling: &'static Feature) -> &'static Features {
    std::iter::once(stumbling).chain(FEATURES.iter().copied()).collect::<Vec<_>>().leak()
}

/// How a planted reaction fails.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Panics,
    Says,
    BreaksARule,
}

macro_rules! stumbling {
    ($wrong:expr) => {{
        static IS_WELL: AtomicBool = AtomicBool::new(false);
        static STUMBLING: Feature = Feature {
            reactors: &[Reactor {
                name: "stumbling",
                react: |tx, _, guild, _| {
                    Box::pin(async move {
                        sqlx::query("UPDATE guild SET noise_most = noise_most + 1 WHERE id = $1")
                            .bind(guild.id)
                            .execute(&mut **tx)
                            .await?;
                        match $wrong {
                            _ if IS_WELL.load(Ordering::SeqCst) => Ok(()),
                            Wrong::Panics => panic!("planted"),
                            Wrong::Says => Err(Error::other("stumbling", "planted")),
                            Wrong::BreaksARule => {
                                sqlx::query("UPDATE person SET guild_id = 99").execute(&mut **tx).await?;
                                Ok(())
                            }
                        }
                    })
                },
            }],
            ..Feature::NONE
        };
        (&STUMBLING, &IS_WELL)
    }};
}

#[tokio::test]
async fn a_reaction_that_goes_wrong_is_taken_back_alone_and_made_up_for_later() {
    for (stumbling, is_well) in
        [stumbling!(Wrong::Panics), stumbling!(Wrong::Says), stumbling!(Wrong::BreaksARule)]
    {
        let mut story = Story::begin().await;
        story.stage.worker = Arc::new(story.stage.worker.with(after(stumbling)));
        let (log, _kept) = Log::kept();
        story.runs("Ana", "win log", json!({"amount": "4k"})).await;
        story.runs("Ben", "goal set", json!({"metric": "wins", "target": "1"})).await;
        story.runs("Ben", "win log", json!({"amount": "5k"})).await;
        let state = story.stage.state.clone();
        let one = async |sql: &'static str| {
            let (number,): (i64,) = sqlx::query_as(sql).fetch_one(state.db.read()).await.unwrap();
            number
        };
        let owed = "SELECT COUNT(*) FROM reaction";
        let (facts, written) = ("SELECT COUNT(*) FROM fact", "SELECT noise_most FROM guild");
        let before = one(written).await;
        // The others have reacted: the goal is reached, and badges were awarded.
        assert_eq!(one("SELECT COUNT(*) FROM goal WHERE reached_at IS NOT NULL").await, 1);
        assert!(one("SELECT COUNT(*) FROM badge").await >= 2);
        assert_eq!(story.channel("wins").await.len(), 2);
        assert_eq!((one(owed).await, before), (one(facts).await, 20));
        assert!(log.times("reacting to a fact: stumbling") >= 3, "{}", log.times("stumbling"));
        // The pause grows with the time since the first failure, and nothing is retried before it is over.
        let tries = log.times("reacting to a fact: stumbling");
        story.stage.passes(TimeDelta::seconds(2)).await.unwrap();
        assert_eq!(log.times("reacting to a fact: stumbling"), tries);
        story.stage.passes(TimeDelta::seconds(4)).await.unwrap();
        assert!(log.times("reacting to a fact: stumbling") > tries);
        is_well.store(true, Ordering::SeqCst);
        story.stage.passes(TimeDelta::minutes(1)).await.unwrap();
        assert_eq!((one(owed).await, one(written).await), (0, before + one(facts).await), "each once");
        story.expected_failures = state.failures();
        story.ends().await;
    }
}

/// A fact that some features fail on.
#[derive(Serialize, Deserialize)]
struct Planted {
    is_bad: bool,
}

impl Fact for Planted {
    const KIND: &'static str = "planted";
}

#[tokio::test]
async fn what_waits_comes_together_and_the_one_that_cannot_be_reacted_to_is_owed_alone() {
    static TOGETHER: AtomicI64 = AtomicI64::new(0);
    static COUNTING: Feature = Feature {
        reactors: &[Reactor {
            name: "counting",
            react: |tx, _, guild, events| {
                Box::pin(async move {
                    TOGETHER.fetch_max(i64::try_from(events.len()).unwrap(), Ordering::SeqCst);
                    for event in events {
                        sqlx::query("UPDATE guild SET noise_most = noise_most + 1 WHERE id = $1")
                            .bind(guild.id)
                            .execute(&mut **tx)
                            .await?;
                        if event.of::<Planted>()?.is_some_and(|it| it.is_bad) {
                            return Err(Error::other("counting", "planted"));
                        }
                    }
                    Ok(())
                })
            },
        }],
        ..Feature::NONE
    };
    let mut story = Story::begin().await;
    let state = story.stage.state.clone();
    let guild = story.stage.guild_id();
    let mut tx = state.db.write().await.unwrap();
    for number in 0..5 {
        fact::tell(&mut tx, &state, guild, &Planted { is_bad: number == 2 }).await.unwrap();
    }
    tx.commit().await.unwrap();
    story.stage.worker.with(after(&COUNTING)).drain().await.unwrap();
    let one = async |sql: &'static str| {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(state.db.read()).await.unwrap();
        number
    };
    assert_eq!(TOGETHER.load(Ordering::SeqCst), 5);
    assert_eq!(one("SELECT COUNT(*) FROM reaction").await, 1, "the bad one");
    assert_eq!(one("SELECT noise_most FROM guild").await, 20 + 4, "the others, once each");
    assert_eq!(one("SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL").await, 0);
    story.expected_failures = state.failures();
    story.ends().await;
}

#[tokio::test]
async fn a_duty_that_panics_ends_nothing_holds_up_nobody_and_is_tried_again() {
    static TRIED: AtomicI64 = AtomicI64::new(0);
    static DONE: AtomicBool = AtomicBool::new(false);
    static STUMBLING: Feature = Feature {
        duties: &[Duty {
            name: "stumbling",
            step: |_| {
                Box::pin(async {
                    match TRIED.fetch_add(1, Ordering::SeqCst) {
                        0 => panic!("planted"),
                        1 => Err(Error::other("stumbling", "planted")),
                        _ => Ok(!DONE.swap(true, Ordering::SeqCst)),
                    }
                })
            },
            due: |_| Box::pin(async { Result::Ok(None) }),
        }],
        ..Feature::NONE
    };
    let mut story = Story::begin().await;
    let (log, _kept) = Log::kept();
    story.runs("Ana", "win log", json!({"amount": "4k"})).await;
    story.runs(MAYA, "schedule pause", json!({"post": "shout-outs"})).await;
    let worker = story.stage.worker.with(after(&STUMBLING));
    let stop = CancellationToken::new();
    let running = worker.run(stop.clone());
    let living = async {
        jump(&story, instant(april(10, "16:00"))).await;
        while !DONE.load(Ordering::SeqCst) || story.channel("recognition").await.is_empty() {
            // A sleeper that read the clock before the jump checks again.
            story.stage.clock.set(story.stage.clock.now() + TimeDelta::microseconds(1));
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    tokio::join!(running, living);
    assert_eq!(log.times("doing=\"stumbling\""), 2);
    assert_eq!(story.channel("recognition").await.len(), 1, "the week's board came meanwhile");
    story.expected_failures = 2;
    story.ends().await;
}

/// The subjects of deadlines that passed, in order.
static PASSED: Mutex<Vec<i64>> = Mutex::new(Vec::new());
/// Whether the failing subject has recovered.
static IS_WELL: AtomicBool = AtomicBool::new(false);
/// The failing subject.
const STUMBLES: i64 = 1;
const PLANTED: &[Deadline] = &[Deadline {
    name: "planted",
    passed: |tx, _, guild, subject| {
        Box::pin(async move {
            sqlx::query("UPDATE guild SET noise_most = noise_most + 1 WHERE id = $1")
                .bind(guild.id)
                .execute(&mut **tx)
                .await?;
            assert!(subject != STUMBLES || IS_WELL.load(Ordering::SeqCst), "planted");
            PASSED.lock().unwrap().push(subject);
            Ok(())
        })
    },
}];

#[tokio::test]
async fn a_deadline_passes_once_on_its_guilds_wall_clock_and_one_that_stumbles_holds_up_no_other() {
    static DATED: Feature = Feature { deadlines: PLANTED, ..Feature::NONE };
    let mut story = Story::begin().await;
    story.stage.worker = Arc::new(story.stage.worker.with(after(&DATED)));
    let (log, _kept) = Log::kept();
    let state = story.stage.state.clone();
    let of = story.stage.guild_id();
    let arrange = async |subject: i64, local: &str| {
        let mut tx = state.db.write().await.unwrap();
        let guild = people::guild(&mut *tx, of).await.unwrap();
        let local = local.parse().unwrap();
        schedules::arrange(&mut tx, &state, &guild, (&PLANTED[0], subject), local).await.unwrap();
        tx.commit().await.unwrap();
    };
    arrange(STUMBLES, "2026-04-06T12:00:00").await;
    arrange(2, "2026-04-06T12:00:00").await;
    arrange(3, "2026-04-06T13:00:00").await;
    arrange(3, "2026-04-06T15:00:00").await;
    arrange(4, "2026-04-06T13:00:00").await;
    arrange(5, "2026-04-06T18:00:00").await;
    let mut tx = state.db.write().await.unwrap();
    schedules::call_off(&mut tx, story.stage.guild_id(), &PLANTED[0], 4).await.unwrap();
    tx.commit().await.unwrap();
    let passed = || PASSED.lock().unwrap().clone();
    story.until(april(6, "14:00")).await;
    assert_eq!(passed(), [2], "3 is later now, 4 was called off");
    assert!((2..40).contains(&log.times("planted")), "tried with pauses that grow");
    assert_eq!(written(&state).await, 20 + 1, "what stumbles is taken back");
    IS_WELL.store(true, Ordering::SeqCst);
    story.until(april(6, "15:00")).await;
    assert_eq!(passed(), [2, STUMBLES, 3]);
    // In a zone further west it is 18:00 three hours later.
    story.runs(MAYA, "setup", json!({"time_zone": "America/Los_Angeles"})).await;
    story.until(april(6, "20:59")).await;
    assert_eq!(passed(), [2, STUMBLES, 3]);
    story.until(april(6, "21:01")).await;
    assert_eq!(passed(), [2, STUMBLES, 3, 5]);
    let count = async |sql: &'static str| {
        let (count,): (i64,) = sqlx::query_as(sql).fetch_one(state.db.read()).await.unwrap();
        count
    };
    assert_eq!(count("SELECT COUNT(*) FROM schedule WHERE kind = 'planted'").await, 0);
    // A deadline arranged while the bot was being removed never fires.
    arrange(6, "2026-04-06T19:00:00").await;
    writes(&state, "UPDATE guild SET left_at = 1").await;
    story.until(april(6, "23:00")).await;
    assert_eq!(passed(), [2, STUMBLES, 3, 5]);
    assert_eq!(count("SELECT COUNT(*) FROM schedule WHERE next_due IS NOT NULL").await, 0);
    writes(&state, "UPDATE guild SET left_at = NULL").await;
    story.expected_failures = state.failures();
    story.ends().await;
}

async fn writes(state: &State, sql: &'static str) {
    let mut tx = state.db.write().await.unwrap();
    sqlx::query(sql).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn written(state: &State) -> i64 {
    let (number,): (i64,) =
        sqlx::query_as("SELECT noise_most FROM guild").fetch_one(state.db.read()).await.unwrap();
    number
}

#[test]
fn no_two_things_that_can_be_scheduled_share_a_name() {
    let mut names: Vec<&str> = FEATURES.posts().iter().map(|it| it.name).collect();
    names.extend(FEATURES.deadlines().iter().map(|it| it.name));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}
