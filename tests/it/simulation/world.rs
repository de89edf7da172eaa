//! The simulated world: a sandbox with guilds, three processes of the bot on one database, the network
//! between them, and the time. Its methods are what can happen; `play` decides what does.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use axum::http::StatusCode;
use bellringer::config::Config;
use bellringer::kernel::clock::Clock;
use bellringer::kernel::ids::{dereference, reference};
use bellringer::sandbox::client::{Client, Gateway, Person, Place};
use bellringer::sandbox::{Limits, Options, Sandbox};
use bellringer::store::db::{Db, Tx};
use bellringer::store::state::State;
use bellringer::worker::Step;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::chance::Chance;
use super::ground::Ground;
use super::network::{Answer, Ask, Asked, Network};
use super::process::{Process, Waiting};
use super::rhythm::Rhythm;
use super::{Sabotage, Setting, Wrong};

/// How many processes share the database. The first is the app.
pub(crate) const PROCESSES: usize = 3;
/// A client gives up on a request after this long.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);
/// A delivery is aborted after this long, however many requests it makes.
const IN_ALL: TimeDelta = TimeDelta::seconds(20);
/// Nothing older than this is posted.
const OLD: TimeDelta = TimeDelta::minutes(12 * 60 + 30);
/// The longest delay of a request, in milliseconds.
const LONGEST_WAY: i64 = 20_000;
const MANAGE_GUILD: u64 = 1 << 5;

/// The fate of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It takes effect and is answered.
    Pass,
    /// The connection closes; nothing was done.
    LostBefore,
    /// It takes effect; the connection closes without an answer.
    LostAfter,
    /// The connection closes; it takes effect some time later.
    Wanders,
    /// It takes effect; the answer is delayed.
    AnswerWaits,
    /// Nothing is done yet.
    Waits,
    /// 429 with this many seconds; nothing was done.
    Limited(i64, bool),
    /// 500; nothing was done.
    Broken,
    /// 502; nothing was done.
    BadGateway,
    /// It takes effect, and the answer is a 502.
    BadGatewayAfter,
    /// A proxy answers with its own status; nothing was done.
    Between(u16),
    /// It takes effect, but a proxy answers with its own status.
    BetweenAfter(u16),
}

impl Fate {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "passes",
            Self::LostBefore => "lost before its effect",
            Self::LostAfter => "answer lost",
            Self::Wanders => "given up, takes effect later",
            Self::AnswerWaits => "answer waits",
            Self::Waits => "waits",
            Self::Limited(_, false) => "429",
            Self::Limited(_, true) => "429 of the global limit",
            Self::Broken => "500",
            Self::BadGateway => "502",
            Self::BadGatewayAfter => "502 after its effect",
            Self::Between(429) => "429 without a time",
            Self::Between(_) => "turned away by something between",
            Self::BetweenAfter(_) => "turned away after its effect",
        }
    }
}

/// A guild and its people.
pub(crate) struct Floor {
    pub(crate) name: String,
    pub(crate) zone: chrono_tz::Tz,
    pub(crate) guild: bellringer::sandbox::client::Guild,
    /// Wins, recognition, expectations.
    pub(crate) channels: [String; 3],
    pub(crate) manager: String,
    pub(crate) reps: Vec<String>,
    pub(crate) rhythms: Vec<Rhythm>,
}

/// A person's action that is not answered yet.
pub(crate) struct Talk {
    pub(crate) interaction: String,
    what: Deed,
    asked: Asked,
    /// Whether a reply was sent before and its fate is unknown.
    is_in_doubt: bool,
    /// Whether the person has read the reply.
    is_read: bool,
}

/// The promise that holds once the person has read the reply.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Deed {
    Win { floor: usize, by: usize },
    Undo { win: i64 },
    Goal,
    Other,
}

/// What people were told, and what was observed.
#[derive(Default)]
pub(crate) struct Seen {
    /// Wins confirmed to their logger: floor, who, id.
    pub(crate) wins: Vec<(usize, usize, i64)>,
    /// Wins for which somebody was told that nothing was changed.
    pub(crate) denied: Vec<i64>,
    pub(crate) undone: Vec<i64>,
    pub(crate) goals: Vec<i64>,
    /// The messages of each post, by its reference.
    pub(crate) made: BTreeMap<String, Vec<String>>,
    /// Messages deleted by a person or with their channel.
    pub(crate) gone: BTreeSet<String>,
    /// Posts per schedule since the last jump in time.
    lately: HashMap<i64, BTreeSet<String>>,
    labels: HashMap<String, usize>,
}

/// Everything.
pub(crate) struct World {
    pub(crate) chance: Chance,
    pub(crate) setting: Setting,
    pub(crate) control: Client,
    pub(crate) floors: Vec<Floor>,
    pub(crate) processes: Vec<Option<Process>>,
    pub(crate) talk: Option<Talk>,
    pub(crate) last_interaction: Option<String>,
    /// Requests that were given up but are still in transit, and when they arrive.
    wandering: Vec<(DateTime<Utc>, Ask)>,
    pub(crate) seen: Seen,
    pub(crate) wrong: Vec<Wrong>,
    pub(crate) trace: Vec<String>,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// True time, as Discord has it.
    pub(crate) now: DateTime<Utc>,
    /// How far the bot's clock is ahead of that.
    pub(crate) skew: TimeDelta,
    /// Whether time was skipped since the world was last idle.
    pub(crate) leapt: Option<DateTime<Utc>>,
    pub(crate) denied: BTreeSet<(usize, usize)>,
    pub(crate) ended: BTreeSet<(usize, usize)>,
    pub(crate) is_full: bool,
    busy: Option<Tx>,
    reply_failed: bool,
    /// Whether the processes ever failed to run out of work; a planted bug may cause that.
    pub(crate) is_endless: bool,
    failures: u64,
    /// A connection that reads the database directly.
    pub(crate) watch: State,
    network: Network,
    clock: Clock,
    told: Option<DateTime<Utc>>,
    configs: Vec<Config>,
    sandbox: Sandbox,
    ground: Ground,
}

impl World {
    /// Sets up the world: guilds in different zones, each with its schedules, an expectation, and its people.
    pub(crate) async fn begin(seed: u64, setting: Setting) -> Self {
        let mut chance = Chance::of(seed);
        let start = chance.pick(&["2026-03-05", "2026-10-29", "2026-06-11", "2026-04-02", "2026-03-26"]);
        let now: DateTime<Utc> = format!("{start}T12:00:00Z").parse().unwrap();
        let options = Options { now: Some(now), limits: Limits::Lifted, ..Options::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        control.set_log(false).await.unwrap();
        let network = Network::before(&sandbox.url()).await;
        let ground = Ground::fresh(setting.is_in_a_file).await;
        let database = ground.url();
        let configs: Vec<Config> = (0..PROCESSES)
            .map(|who| {
                let mut config =
                    Config::beside_sandbox(&network.address(who), sandbox.token(), database.clone());
                config.steps_itself = false;
                config.requests_per_second = Some(std::num::NonZeroU32::MAX);
                config
            })
            .collect();
        let clock = Clock::by_hand(now);
        let watch = State::new(Db::open(&database).await.unwrap(), clock.clone());
        let mut world = Self {
            chance,
            setting,
            control,
            floors: Vec::new(),
            processes: (0..PROCESSES).map(|_| None).collect(),
            talk: None,
            last_interaction: None,
            wandering: Vec::new(),
            seen: Seen::default(),
            wrong: Vec::new(),
            trace: Vec::new(),
            faults: BTreeMap::new(),
            now,
            skew: TimeDelta::zero(),
            leapt: None,
            denied: BTreeSet::new(),
            ended: BTreeSet::new(),
            is_full: false,
            busy: None,
            reply_failed: false,
            is_endless: false,
            failures: 0,
            watch,
            network,
            clock,
            told: Some(now),
            configs,
            sandbox,
            ground,
        };
        world.start(0).await;
        let zones = ["America/New_York", "UTC", "Asia/Kathmandu", "Europe/Berlin", "Australia/Lord_Howe"];
        let first = world.chance.below(zones.len());
        let second = (first + 1 + world.chance.below(zones.len() - 1)) % zones.len();
        for zone in [first, second] {
            world.set_up(zones[zone]).await;
        }
        for who in 1..PROCESSES {
            world.start(who).await;
        }
        world.ground.prepare(&world.watch.db, setting.sabotage).await;
        world
    }

    async fn set_up(&mut self, zone: &str) {
        let control = self.control.clone();
        let name = zone.rsplit('/').next().unwrap_or(zone).to_owned();
        let guild = control.guild(&name).await.unwrap();
        let mut channels = [const { String::new() }; 3];
        for (at, name) in ["wins", "recognition", "expectations"].into_iter().enumerate() {
            channels[at] = control.channel(&guild.id, name).await.unwrap();
        }
        let role = control.role(&guild.id, "Sales Manager", MANAGE_GUILD).await.unwrap();
        let maya = Person { roles: vec![role], ..Person::named("maya") };
        let manager = control.person(&guild.id, &maya).await.unwrap();
        let mut reps = Vec::new();
        for name in ["ana", "ben", "cleo"] {
            reps.push(control.person(&guild.id, &Person::named(name)).await.unwrap());
        }
        let place = Place::new(&guild.id, &guild.channel_id, &manager);
        let rhythms = Rhythm::of_a_guild(&mut self.chance);
        let mut commands = vec![
            (
                "setup",
                json!({"time_zone": zone, "currency": "USD", "wins_channel": channels[0],
                "recognition_channel": channels[1], "expectations_channel": channels[2]}),
            ),
            (
                "expect set",
                json!({"what": "Ten calls", "by": "friday 15:00", "if_met": "An early end.", "if_missed": "We talk."}),
            ),
        ];
        for rhythm in &rhythms {
            commands.push((
                "schedule set",
                json!({"post": rhythm.choice(), "when": rhythm.when(), "late": rhythm.late}),
            ));
        }
        for (command, options) in commands {
            let outcome = control.command(&place, command, options).await.unwrap();
            let said = outcome.message.map(|message| message.to_string()).unwrap_or_default();
            assert!(!said.contains("went wrong") && !said.is_empty(), "/{command}: {said}");
        }
        let since = self.now;
        let rhythms = rhythms.into_iter().map(|rhythm| rhythm.from(since)).collect();
        self.tell(format!("{name} is set up"));
        let zone = zone.parse().unwrap();
        self.floors.push(Floor { name, zone, guild, channels, manager, reps, rhythms });
    }

    // The trace ----------------------------------------------------------------------------------------------------

    pub(crate) fn tell(&mut self, text: impl AsRef<str>) {
        let time = self.now.format("%m-%d %H:%M:%S%.3f");
        let skew =
            if self.skew.is_zero() { String::new() } else { format!(" ({:+} s)", self.skew.num_seconds()) };
        self.trace.push(format!("{time}{skew} {}", text.as_ref()));
    }

    pub(crate) fn wrongs(&mut self, wrong: Wrong) {
        self.tell(format!("!! {wrong}"));
        self.wrong.push(wrong);
    }

    pub(crate) fn fault(&mut self, name: &'static str) {
        *self.faults.entry(name).or_default() += 1;
    }

    /// A post, numbered by first appearance: its reference is random.
    pub(crate) fn label(&mut self, reference: &str) -> String {
        let next = self.seen.labels.len() + 1;
        format!("post {}", self.seen.labels.entry(reference.to_owned()).or_insert(next))
    }

    fn place_name(&self, channel: &str) -> String {
        for floor in &self.floors {
            if let Some(at) = floor.channels.iter().position(|it| it == channel) {
                return format!("{}#{}", floor.name, ["wins", "recognition", "expectations"][at]);
            }
        }
        "elsewhere".to_owned()
    }

    fn described(&mut self, ask: &Ask) -> String {
        let what = ask.path.split('/').skip(3).map(|part| part.split('?').next().unwrap_or_default());
        let what: Vec<&str> = what.filter(|part| part.parse::<u64>().is_err()).collect();
        let mut text = format!("{} {}", ask.method, what.join("/"));
        if let Some(channel) = ask.id_after("channels") {
            text = format!("{text} {}", self.place_name(channel));
        }
        if let Some(about) = ask.about() {
            text = format!("{text} ({})", self.label(&about));
        }
        text
    }

    // Time ---------------------------------------------------------------------------------------------------------

    /// The time according to the bot.
    pub(crate) fn bots_now(&self) -> DateTime<Utc> {
        self.now + self.skew
    }

    /// Time passes.
    fn set_time(&mut self, now: DateTime<Utc>) {
        self.now = now;
        self.clock.set(self.bots_now());
    }

    /// Sets how far the bot's clock is ahead.
    pub(crate) fn skew_by(&mut self, skew: TimeDelta) {
        self.skew = skew;
        self.clock.correct(self.bots_now());
    }

    /// A little time passes. Requests that have waited too long are given up.
    pub(crate) async fn tick(&mut self, span: TimeDelta) {
        let until = self.now + span;
        for who in 0..PROCESSES {
            let gives_up = |process: &Option<Process>| {
                let (waiting, began) =
                    process.as_ref().and_then(|it| Some((it.waiting.as_ref()?, it.began?)))?;
                Some((waiting.since + PATIENCE).min(began + IN_ALL)).filter(|ends| *ends <= until)
            };
            while let Some(ends) = gives_up(&self.processes[who]) {
                self.set_time(ends.max(self.now));
                let fate = self.chance.pick(&[Fate::LostBefore, Fate::LostAfter, Fate::Wanders]);
                self.decide(who, fate).await;
            }
        }
        self.arrive(until).await;
        self.set_time(until.max(self.now));
    }

    /// Discord's clock follows.
    async fn sync(&mut self) {
        if self.told != Some(self.now) {
            self.told = Some(self.now);
            self.control.set_clock(Some(self.now)).await.unwrap();
        }
    }

    // Processes ----------------------------------------------------------------------------------------------------

    pub(crate) async fn start(&mut self, who: usize) {
        self.free().await;
        self.network.open(true);
        let (config, clock) = (self.configs[who].clone(), self.clock.clone());
        let process =
            if who == 0 { Process::app(config, clock).await } else { Process::worker(config, clock).await };
        self.network.open(false);
        if who == 0 {
            self.failures = 0;
            // The first commands are a manager's setup, without faults.
            self.network.open(self.floors.is_empty());
        }
        self.processes[who] = Some(process);
        self.tell(format!("process {who} is up"));
    }

    pub(crate) async fn crash(&mut self, who: usize) {
        let Some(process) = self.processes[who].take() else { return };
        let doing = match &process.waiting {
            Some(Waiting { answer: Some(_), .. }) => "after the effect of a request",
            Some(_) => "before the effect of a request",
            None => "between steps",
        };
        self.fault("crash");
        self.tell(format!("process {who} dies {doing}"));
        // Only a dead process doesn't notice that its connections close.
        process.die().await;
        if who == 0 {
            self.talk = None;
        }
    }

    /// Starts a step and runs it until its first request or its end.
    pub(crate) async fn step(&mut self, who: usize) -> Option<Step> {
        self.network.open(false);
        let now = self.now;
        let process = self.processes[who].as_mut()?;
        process.began = Some(now);
        process.begin();
        self.hear(who).await
    }

    /// Waits until the current step has ended or makes a request. Returns the end, if reached.
    async fn hear(&mut self, who: usize) -> Option<Step> {
        let process = self.processes[who].as_mut()?;
        let step = process.step.as_mut()?;
        let heard = async {
            tokio::select! {
                biased;
                asked = self.network.next() => Ok(asked),
                ended = step => Err(ended),
            }
        };
        let heard = tokio::time::timeout(Duration::from_mins(1), heard).await.unwrap_or_else(|_| {
            panic!("process {who} does nothing:\n{}", self.trace.join("\n"));
        });
        match heard {
            Ok(asked) => {
                assert_eq!(asked.who, who, "one thing at a time");
                let about = asked.ask.about();
                let what = self.described(&asked.ask);
                self.tell(format!("process {who} asks: {what}"));
                self.watch_overlap(who, about.as_deref());
                let waiting = Waiting { asked, answer: None, since: self.now };
                self.processes[who].as_mut()?.waiting = Some(waiting);
                None
            }
            Err(ended) => {
                self.processes[who].as_mut()?.step = None;
                let ended = ended.unwrap();
                match &ended {
                    Ok(Step::Idle) => {}
                    Ok(Step::Did) => self.tell(format!("process {who} has made a step")),
                    Err(error) => self.tell(format!("process {who} fails: {error}")),
                }
                if let Err(error) = &ended
                    && !self.is_full
                    && self.busy.is_none()
                {
                    self.wrongs(Wrong::Other(format!("a step failed with nothing to explain it: {error}")));
                }
                self.watch_failures();
                Some(ended.unwrap_or(Step::Did))
            }
        }
    }

    /// Leases exist so that no two processes have a request in progress for the same post.
    fn watch_overlap(&mut self, who: usize, about: Option<&str>) {
        let Some(about) = about else { return };
        let others = self.processes.iter().enumerate().filter(|(other, _)| *other != who);
        let other = others.filter_map(|(other, it)| Some((other, it.as_ref()?.waiting.as_ref()?)));
        let twice = other
            .filter(|(_, it)| it.asked.ask.about().as_deref() == Some(about))
            .map(|(other, _)| other)
            .next();
        if let Some(other) = twice {
            let label = self.label(about);
            self.wrongs(Wrong::Other(format!("processes {other} and {who} both send {label}")));
        }
    }

    fn watch_failures(&mut self) {
        let Some(app) = &self.processes[0] else { return };
        let failures = app.state.failures();
        if failures > self.failures && !self.is_full && self.busy.is_none() && !self.reply_failed {
            self.wrongs(Wrong::Other("a failure was reported with nothing to explain it".to_owned()));
        }
        self.failures = failures;
    }

    /// Decides the fate of the request that a process waits for. Returns the step's end, if reached.
    pub(crate) async fn decide(&mut self, who: usize, fate: Fate) -> Option<Step> {
        let mut waiting = self.processes[who].as_mut()?.waiting.take()?;
        if fate != Fate::Pass {
            self.fault(fate.name());
        }
        let had_effect = waiting.answer.is_some();
        self.tell(format!(
            "  process {who}: {}{}",
            fate.name(),
            if had_effect { ", having waited" } else { "" }
        ));
        let effect = matches!(
            fate,
            Fate::Pass | Fate::LostAfter | Fate::AnswerWaits | Fate::BadGatewayAfter | Fate::BetweenAfter(_)
        );
        if effect && !had_effect {
            waiting.answer = Some(self.take_effect(&waiting.asked.ask, Some(who)).await);
        }
        match (fate, waiting.answer.clone()) {
            (Fate::Waits | Fate::AnswerWaits, _) => {
                self.processes[who].as_mut()?.waiting = Some(waiting);
                return None;
            }
            (Fate::Pass, Some(answer)) => waiting.asked.answer(answer),
            (Fate::Limited(seconds, global), None) => waiting.asked.answer(Answer::limited(seconds, global)),
            (Fate::Broken, None) => {
                waiting.asked.answer(Answer::broken(StatusCode::INTERNAL_SERVER_ERROR));
            }
            (Fate::BadGateway | Fate::BadGatewayAfter, _) => {
                waiting.asked.answer(Answer::broken(StatusCode::BAD_GATEWAY));
            }
            (Fate::Between(status) | Fate::BetweenAfter(status), _) => {
                waiting.asked.answer(Answer::between(status));
            }
            (Fate::Wanders, None) if waiting.asked.ask.writes() => {
                let arrives = self.now + TimeDelta::milliseconds(self.chance.between(100, LONGEST_WAY));
                self.wandering.push((arrives, waiting.asked.ask.clone()));
                drop(waiting);
            }
            _ => drop(waiting),
        }
        self.hear(who).await
    }

    /// It reaches Discord even if its sender has given up.
    async fn arrive(&mut self, until: DateTime<Utc>) {
        self.wandering.sort_by_key(|(arrives, _)| *arrives);
        while self.wandering.first().is_some_and(|(arrives, _)| *arrives <= until) {
            let (arrives, ask) = self.wandering.remove(0);
            self.set_time(arrives.max(self.now));
            let what = self.described(&ask);
            self.tell(format!("arrives late: {what}"));
            self.take_effect(&ask, None).await;
        }
    }

    /// Discord executes a request.
    async fn take_effect(&mut self, ask: &Ask, who: Option<usize>) -> Answer {
        self.sync().await;
        let mut ask = ask.clone();
        let reference = ask.about();
        if ask.creates() && self.same_nonce_a_moment_ago(&ask, who) {
            // Two of Discord's servers don't see each other's nonces at the same moment.
            ask = ask.without_nonce();
            self.fault("nonce not seen");
        }
        let answer = self.network.forward(&ask).await;
        let id = answer.json()["id"].as_str().map(ToOwned::to_owned);
        if let (true, true, Some(reference), Some(id)) =
            (ask.creates(), answer.status.is_success(), reference, id)
        {
            self.made(reference, id).await;
        }
        answer
    }

    fn same_nonce_a_moment_ago(&self, ask: &Ask, who: Option<usize>) -> bool {
        let mine = ask.json()["nonce"].clone();
        let others = self.processes.iter().enumerate().filter(|(other, _)| Some(*other) != who);
        let mut waiting = others.filter_map(|(_, it)| it.as_ref()?.waiting.as_ref());
        waiting
            .any(|it| it.answer.is_some() && it.asked.ask.creates() && it.asked.ask.json()["nonce"] == mine)
    }

    /// A message was made, or an earlier one returned.
    async fn made(&mut self, reference: String, message: String) {
        let earlier = self.seen.made.entry(reference.clone()).or_default();
        if earlier.contains(&message) {
            return;
        }
        earlier.push(message);
        let left = earlier.iter().filter(|it| !self.seen.gone.contains(*it)).count();
        let label = self.label(&reference);
        if left > 1 {
            self.wrongs(Wrong::Doubled(format!("{label} is in its channel {left} times")));
        }
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT occurrence.schedule_id, occurrence.due FROM post JOIN occurrence ON occurrence.post_id = post.id WHERE post.id = $1",
        )
        .bind(dereference(&reference).unwrap_or_default())
        .fetch_optional(self.watch.db.read())
        .await
        .unwrap();
        let Some((schedule, due)) = row else { return };
        let due = bellringer::kernel::clock::at(due);
        let age = (self.now - due).min(self.bots_now() - due);
        if age > OLD {
            self.wrongs(Wrong::Other(format!("{label} was due {} hours ago", age.num_hours())));
        }
        if self.leapt.is_some_and(|leapt| due <= leapt) {
            let lately = self.seen.lately.entry(schedule).or_default();
            lately.insert(reference);
            if lately.len() > 1 {
                self.wrongs(Wrong::Other(format!("{label} is the second of its schedule after being away")));
            }
        }
    }

    /// Every clock jumps, Discord's too. Requests in transit still arrive.
    pub(crate) fn set_back(&mut self, span: TimeDelta) {
        for (arrives, _) in &mut self.wandering {
            *arrives -= span;
        }
        for process in self.processes.iter_mut().flatten() {
            if let Some(waiting) = &mut process.waiting {
                waiting.since -= span;
            }
            process.began = process.began.map(|began| began - span);
        }
        self.now -= span;
        self.clock.correct(self.bots_now());
    }

    /// Time passes in which nothing runs.
    pub(crate) async fn leap(&mut self, until: DateTime<Utc>) {
        self.arrive(until).await;
        self.set_time(until.max(self.now));
        self.seen.lately.clear();
        self.leapt = Some(self.bots_now());
    }

    // The disk -----------------------------------------------------------------------------------------------------

    pub(crate) async fn fill_disk(&mut self) {
        self.free().await;
        self.ground.fill(&self.processes, &self.watch.db, true).await;
        self.is_full = true;
        self.fault("disk full");
        self.tell("the disk is full");
    }

    /// Another program locks the database.
    pub(crate) async fn hold_database(&mut self) {
        self.free().await;
        self.ground.wait(&self.processes, 5).await;
        self.busy = Some(self.ground.hold(&self.watch.db).await);
        self.fault("database busy");
        self.tell("the database is busy");
    }

    /// The disk has room again, and the database is unlocked.
    pub(crate) async fn free(&mut self) {
        if let Some(tx) = self.busy.take() {
            tx.commit().await.unwrap();
            self.ground.wait(&self.processes, 2_000).await;
            self.tell("the database is free");
        }
        if std::mem::take(&mut self.is_full) {
            self.ground.fill(&self.processes, &self.watch.db, false).await;
            self.tell("the disk has room");
        }
    }

    // People -------------------------------------------------------------------------------------------------------

    /// A person uses a command; the reply's fate is decided later.
    pub(crate) async fn says(&mut self, floor: usize, user: &str, command: &str, options: Value, what: Deed) {
        let guild = &self.floors[floor].guild;
        let place = Place::new(&guild.id, &guild.channel_id, user);
        self.sync().await;
        self.tell(format!("{}: /{command}", self.floors[floor].name));
        let outcome = self.control.command_unawaited(&place, command, options).await.unwrap();
        if self.processes[0].is_none() {
            return;
        }
        self.last_interaction = Some(outcome.interaction.clone());
        self.reply(outcome.interaction, what).await;
    }

    /// The same command is delivered again.
    pub(crate) async fn repeats(&mut self) {
        let Some(interaction) = self.last_interaction.clone() else { return };
        self.sync().await;
        self.tell("the last command arrives again");
        self.fault("command delivered twice");
        self.control.redeliver(&interaction).await.unwrap();
        // What was refused then may be allowed now.
        self.seen.denied.retain(|id| id.to_string() != interaction);
        self.reply(interaction, Deed::Other).await;
    }

    async fn reply(&mut self, interaction: String, what: Deed) {
        self.network.open(false);
        self.reply_failed = false;
        let asked = self.hear_reply(&interaction).await;
        self.watch_failures();
        self.talk = Some(Talk { interaction, what, asked, is_in_doubt: false, is_read: false });
    }

    /// The next reply to an interaction. Replies to earlier ones pass: the bot retries a reply that isn't
    /// accepted for seconds of real time, as while it identifies again.
    async fn hear_reply(&mut self, interaction: &str) -> Asked {
        loop {
            let heard = tokio::time::timeout(Duration::from_mins(1), self.network.next()).await;
            let asked = heard.unwrap_or_else(|_| panic!("nobody replies:\n{}", self.trace.join("\n")));
            assert!(asked.who == 0 && asked.ask.is_reply(), "{:?}", asked.ask.path);
            if !asked.ask.replies_to_another_than(interaction) {
                return asked;
            }
            self.tell("an earlier reply is given again");
            let answer = self.take_effect(&asked.ask, None).await;
            asked.answer(answer);
        }
    }

    /// Decides the fate of a reply.
    pub(crate) async fn answer(&mut self, fate: Fate) {
        let Some(mut talk) = self.talk.take() else { return };
        self.tell(format!("  the reply: {}", fate.name()));
        let effect = matches!(fate, Fate::Pass | Fate::LostAfter | Fate::BadGatewayAfter);
        let answer = if effect { Some(self.take_effect(&talk.asked.ask, None).await) } else { None };
        let is_taken = answer.as_ref().is_some_and(|answer| answer.status.is_success());
        if is_taken && !talk.is_read {
            self.read(&talk);
            talk.is_read = !talk.asked.ask.defers();
        }
        match (fate, answer) {
            (Fate::Pass, Some(answer)) => {
                let is_known = talk.is_in_doubt && answer.json()["code"] == json!(40060);
                let is_filled = talk.asked.ask.defers() && (is_taken || is_known);
                talk.asked.answer(answer);
                if is_filled {
                    let asked = self.hear_reply(&talk.interaction).await;
                    self.watch_failures();
                    self.talk = Some(Talk { asked, is_in_doubt: false, ..talk });
                }
                return;
            }
            // This waits in real time; the duration doesn't matter.
            (Fate::Limited(_, global), _) => talk.asked.answer(Answer::limited(0, global)),
            (Fate::Broken, _) => talk.asked.answer(Answer::broken(StatusCode::INTERNAL_SERVER_ERROR)),
            (Fate::BadGateway | Fate::BadGatewayAfter, _) => {
                talk.asked.answer(Answer::broken(StatusCode::BAD_GATEWAY));
            }
            _ => drop(talk.asked),
        }
        self.fault("reply lost or refused");
        self.reply_failed = true;
        let is_in_doubt = talk.is_in_doubt || !matches!(fate, Fate::Limited(..));
        if let Some(asked) = self.hear_again().await {
            self.talk = Some(Talk { asked, is_in_doubt, ..talk });
        }
        self.watch_failures();
    }

    /// A failed reply is retried; the last failure is reported.
    async fn hear_again(&mut self) -> Option<Asked> {
        let app = self.processes[0].as_ref().unwrap().state.clone();
        let before = self.failures;
        let reported = async {
            while app.failures() == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let heard = async {
            tokio::select! {
                asked = self.network.next() => Some(asked),
                () = reported => None,
            }
        };
        let Ok(heard) = tokio::time::timeout(Duration::from_mins(1), heard).await else {
            self.wrongs(Wrong::Other("a reply was lost, and nothing reports it".to_owned()));
            return None;
        };
        if let Some(asked) = &heard {
            assert!(asked.who == 0 && asked.ask.is_reply(), "{:?}", asked.ask.path);
        }
        heard
    }

    /// The person reads the reply, which makes it a promise.
    fn read(&mut self, talk: &Talk) {
        let said = String::from_utf8_lossy(&talk.asked.ask.body).into_owned();
        let id: i64 = talk.interaction.parse().unwrap_or_default();
        let nothing = said.contains("nothing changed");
        match talk.what {
            Deed::Win { floor, by } if said.contains("Logged ") => self.seen.wins.push((floor, by, id)),
            Deed::Win { .. } if nothing => self.seen.denied.push(id),
            Deed::Undo { win } if ["Undone", "already undid"].iter().any(|it| said.contains(it)) => {
                self.seen.undone.push(win);
            }
            Deed::Goal if said.contains("Goal set") => self.seen.goals.push(id),
            _ => {}
        }
        let told = if nothing { "nothing changed" } else { "it is done" };
        self.tell(format!("  they read that {told}"));
    }

    /// Takes a permission from the bot in a channel, or restores all.
    pub(crate) async fn permit(&mut self, floor: usize, channel: usize, denied: u64) {
        if self.ended.contains(&(floor, channel)) {
            return;
        }
        let (guild, id) = (&self.floors[floor].guild, &self.floors[floor].channels[channel]);
        let deny = |role: &str| json!({"id": role, "type": 0, "allow": "0", "deny": denied.to_string()});
        let overwrites =
            if denied == 0 { json!([]) } else { json!([deny(&guild.id), deny(&guild.bot_role_id)]) };
        let place = self.place_name(id);
        self.control.overwrites(id, overwrites).await.unwrap();
        if denied == 0 {
            self.denied.remove(&(floor, channel));
            self.tell(format!("permissions are back in {place}"));
        } else {
            self.denied.insert((floor, channel));
            self.fault("permission lost");
            self.tell(format!("permission {denied} is lost in {place}"));
        }
    }

    /// A person deletes one of the bot's messages.
    pub(crate) async fn delete_one(&mut self) {
        let there: Vec<String> =
            self.seen.made.values().flatten().filter(|it| !self.seen.gone.contains(*it)).cloned().collect();
        if there.is_empty() {
            return;
        }
        // References don't have the same order in a replay; message ids do.
        let mut there = there;
        there.sort();
        let message = there.swap_remove(self.chance.below(there.len()));
        self.control.delete_message(&message).await.unwrap();
        self.fault("message deleted");
        let reference =
            self.seen.made.iter().find(|(_, all)| all.contains(&message)).map(|(it, _)| it.clone());
        let label = self.label(&reference.unwrap_or_default());
        self.tell(format!("somebody deletes the message of {label}"));
        self.seen.gone.insert(message);
    }

    /// A channel is deleted, with all its messages.
    pub(crate) async fn end_channel(&mut self, floor: usize, channel: usize) {
        if !self.ended.is_empty() {
            return;
        }
        let id = self.floors[floor].channels[channel].clone();
        for message in self.control.messages(&id, None).await.unwrap() {
            self.seen.gone.insert(message["id"].as_str().unwrap_or_default().to_owned());
        }
        let place = self.place_name(&id);
        self.control.delete_channel(&id).await.unwrap();
        self.ended.insert((floor, channel));
        self.fault("channel deleted");
        self.tell(format!("{place} is deleted"));
    }

    /// The gateway connection is cut; the bot resumes by itself.
    pub(crate) async fn cut_gateway(&mut self) {
        self.control.gateway(Gateway::Drop).await.unwrap();
        self.fault("gateway cut");
        self.tell("the gateway is cut");
    }

    /// The gateway connection is cut, and Discord refuses to resume: the bot identifies again, and gets all
    /// guilds.
    pub(crate) async fn forget_gateway(&mut self) {
        self.free().await;
        self.fault("gateway won't resume");
        self.tell("the gateway is cut, and won't resume");
        self.control.gateway(Gateway::Forget).await.unwrap();
        let connected = async {
            while self.control.summary().await.unwrap()["connections"].as_u64().unwrap_or_default() == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(Duration::from_mins(1), connected).await.is_err() {
            self.wrongs(Wrong::Other("the bot is not back after its session was forgotten".to_owned()));
        }
    }

    /// The reference of a win, as `/win undo` takes it.
    pub(crate) fn reference(id: i64) -> String {
        reference(id)
    }

    /// Whether the planted bug was found, so that the run can end.
    pub(crate) fn is_over(&self) -> bool {
        let is_doubled = |wrong: &Wrong| matches!(wrong, Wrong::Doubled(_));
        self.setting.sabotage != Sabotage::None && (self.is_endless || self.wrong.iter().any(is_doubled))
    }

    pub(crate) async fn end(mut self) {
        // Whoever locked the database releases it.
        drop(self.busy.take());
        for process in &mut self.processes {
            if let Some(process) = process.take() {
                process.die().await;
            }
        }
        self.watch.db.close().await;
        self.sandbox.stop().await;
        self.ground.clear().await;
    }
}
