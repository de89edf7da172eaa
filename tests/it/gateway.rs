//! Whatever Discord's gateway does, the process neither spins nor goes silent, reacts to a stop signal, and
//! rarely identifies. Uses Discord's real heartbeat interval, since a short one hides problems.

use std::time::{Duration, Instant};

use bellringer::sandbox::client::{Gateway, Greeting, Person, Place};
use bellringer::sandbox::{Client, Limits, Options, Sandbox};
use futures_util::future::join_all;
use serde_json::json;

use crate::bot::{Bot, Home};

/// The most CPU time of an idle bot, in hundredths of a second.
const IDLE: u64 = 100;
/// How long a process may take to react.
const SOON: Duration = Duration::from_secs(8);

/// A bot with its own sandbox, and somebody who uses it.
struct Met {
    sandbox: Sandbox,
    control: Client,
    home: Home,
    bot: Bot,
    place: Place,
}

impl Met {
    /// One whose first connections get these greetings.
    async fn greeted(with: Option<Greeting>) -> Self {
        let sandbox = Sandbox::start(Options { limits: Limits::Lifted, ..Options::default() }).await.unwrap();
        let control = sandbox.control();
        let guild = control.guild("Met").await.unwrap();
        let ana = control.person(&guild.id, &Person::named("ana")).await.unwrap();
        if let Some(with) = with {
            control.gateway(Gateway::Greet { with, times: 10_000 }).await.unwrap();
        }
        let home = Home::beside(&sandbox, &[]).await;
        let bot = home.start(&[]);
        let place = Place::new(&guild.id, &guild.channel_id, &ana);
        Self { sandbox, control, home, bot, place }
    }

    async fn ready() -> Self {
        let mut met = Self::greeted(None).await;
        met.bot.ready().await;
        met
    }

    /// How many connections had this outcome.
    async fn count(&self, did: &[&str]) -> usize {
        let log = self.control.log(0).await.unwrap();
        let is_one = |word: &serde_json::Value| word.as_str().is_some_and(|word| did.contains(&word));
        log.iter().filter(|entry| entry["kind"] == "socket" && is_one(&entry["did"])).count()
    }

    /// Stops on request, with nothing left undone.
    async fn stops(mut self, what: &str) {
        self.bot.terminate();
        let status = self.bot.ended(SOON).await;
        let log = self.home.log();
        assert!(status.success(), "{what}: {status}\n{log}");
        assert!(!log.contains("panicked"), "{what}: {log}");
        self.ends().await;
    }

    async fn ends(self) {
        self.sandbox.stop().await;
        drop(self.bot);
        self.home.drop().await;
    }
}

/// Closed with a code, it reconnects and receives events.
async fn comes_again(code: u16) {
    let mut met = Met::ready().await;
    let (worked, closed) = (met.bot.worked(), Instant::now());
    met.control.gateway(Gateway::Close { code }).await.unwrap();
    while met.count(&["identified", "resumed"]).await < 2 {
        assert!(
            closed.elapsed() < Duration::from_secs(20),
            "{code}: it never came again\n{}",
            met.home.log()
        );
        assert_eq!(met.bot.asked("/healthz").await.0, 200, "{code}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answered = met.control.command(&met.place, "help", json!({})).await.unwrap();
    assert!(answered.message.is_some(), "{code}: {answered:?}");
    assert_eq!(met.bot.asked("/healthz").await.0, 200, "{code}");
    let worked = met.bot.worked() - worked;
    assert!(worked < IDLE, "{code}: the processor worked for {worked} hundredths of a second");
    assert!(met.count(&["identified"]).await <= 2, "{code}");
    met.stops(&code.to_string()).await;
}

#[tokio::test]
async fn whatever_it_is_closed_with_it_comes_again_and_neither_spins_nor_falls_silent() {
    let codes = [1000, 1001, 1005, 1011, 4000, 4001, 4002, 4003, 4005, 4006, 4007, 4008, 4009, 4321];
    join_all(codes.map(comes_again)).await;
}

/// Exits at once; returns its error line.
async fn ends_at_once(code: u16, at_start: bool) -> String {
    let mut met = if at_start {
        Met::greeted(Some(Greeting::Reject { code })).await
    } else {
        let met = Met::ready().await;
        met.control.gateway(Gateway::Close { code }).await.unwrap();
        met
    };
    let status = met.bot.ended(SOON).await;
    let log = met.home.log();
    assert_eq!(status.code(), Some(1), "{code}: {log}");
    let said: Vec<&str> = log.lines().filter(|line| !line.contains("INFO")).collect();
    assert_eq!(said.len(), 1, "{code}: {log}");
    let line = said[0].to_owned();
    assert!(met.count(&["identified", "rejected"]).await == 1, "{code}: it identified again");
    met.ends().await;
    line
}

#[tokio::test]
async fn what_only_a_person_can_mend_ends_it_at_once_in_one_line() {
    let codes = [4004, 4010, 4011, 4012, 4013, 4014];
    let (running, starting) = tokio::join!(
        join_all(codes.map(|code| ends_at_once(code, false))),
        join_all(codes.map(|code| ends_at_once(code, true)))
    );
    assert_eq!(running, starting);
    insta::assert_snapshot!(running.join("\n"));
}

/// While the gateway rejects it, it waits.
async fn waits(with: Greeting) {
    let mut met = Met::greeted(Some(with)).await;
    met.bot.listens().await;
    let (worked, began) = (met.bot.worked(), Instant::now());
    while began.elapsed() < Duration::from_secs(9) {
        let (status, _) = met.bot.asked("/healthz").await;
        assert_eq!(status, 200, "{with:?}");
        let (status, why) = met.bot.asked("/readyz").await;
        assert_eq!(status, 503, "{with:?}: {why}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let worked = met.bot.worked() - worked;
    assert!(worked < 2 * IDLE, "{with:?}: the processor worked for {worked} hundredths of a second");
    let tries = met.count(&["connected", "refused"]).await;
    assert!((1..=12).contains(&tries), "{with:?}: it came {tries} times");
    let identified = met.count(&["rejected", "identified"]).await;
    assert!(identified <= 3, "{with:?}: it identified {identified} times");
    met.stops(&format!("{with:?}")).await;
}

#[tokio::test]
async fn a_gateway_that_does_not_welcome_it_is_waited_for() {
    let greetings = [
        Greeting::Refuse { status: 401 },
        Greeting::Refuse { status: 429 },
        Greeting::Refuse { status: 503 },
        Greeting::Silence,
        Greeting::Close { code: 4000 },
        Greeting::Close { code: 4009 },
        Greeting::Close { code: 1005 },
        Greeting::Reject { code: 4000 },
        Greeting::Reject { code: 4003 },
        Greeting::Reject { code: 1005 },
        Greeting::Invalidate { resumable: false },
        Greeting::Invalidate { resumable: true },
    ];
    join_all(greetings.map(waits)).await;
}

#[tokio::test]
async fn once_it_is_welcome_again_it_comes() {
    let mut met = Met::greeted(Some(Greeting::Refuse { status: 503 })).await;
    met.bot.listens().await;
    while met.count(&["refused"]).await < 2 {
        assert_eq!(met.bot.asked("/healthz").await.0, 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (_, why) = met.bot.asked("/readyz").await;
    assert!(why.contains("Discord's gateway"), "{why}");
    met.control.gateway(Gateway::Greet { with: Greeting::Silence, times: 0 }).await.unwrap();
    met.bot.ready().await;
    let log = met.home.log();
    assert_eq!(log.matches("waiting for Discord's gateway").count(), 1, "{log}");
    met.stops("welcome").await;
}

#[tokio::test]
async fn a_session_that_cannot_be_resumed_is_begun_anew() {
    let mut met = Met::ready().await;
    met.control.gateway(Gateway::Forget).await.unwrap();
    while met.count(&["identified"]).await < 2 {
        assert_eq!(met.bot.asked("/healthz").await.0, 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let answered = met.control.command(&met.place, "help", json!({})).await.unwrap();
    assert!(answered.message.is_some(), "{answered:?}");
    met.stops("forgotten").await;
}
