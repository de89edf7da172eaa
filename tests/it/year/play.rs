//! A year of guilds, played step by step on a manual clock, and compared with an independent computation.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;

use bellringer::features::{FEATURES, kinds};
use bellringer::kernel::calendar::{Zone, day_of};
use bellringer::kernel::clock::{Clock, at};
use bellringer::kernel::ids::{ChannelId, GuildId, UserId};
use bellringer::kernel::quantity::Quantity;
use bellringer::kernel::wall_cron::WallCron;
use bellringer::ledger::{self, Entry, Source, metric};
use bellringer::people::{self, Guild};
use bellringer::schedules;
use bellringer::store::db::Db;
use bellringer::store::state::State;
use bellringer::words::Language;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::reckoning::{self, Span, behaviour, date, dues};

pub(crate) type Fails<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Zones with peculiarities: offsets of half and three quarters of an hour, half an hour of daylight saving,
/// changes at midnight and on Fridays, and both sides of the date line.
const PECULIAR: [&str; 24] = [
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Yangon",
    "Asia/Tehran",
    "Asia/Kabul",
    "Australia/Eucla",
    "Australia/Darwin",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Marquesas",
    "Pacific/Chatham",
    "America/St_Johns",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Asia/Gaza",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Pacific/Kiritimati",
    "Pacific/Apia",
    "Pacific/Pago_Pago",
    "Etc/GMT+12",
    "Etc/GMT-14",
];

/// Zones, and the day of a one-off, first or last change of the clock, or one on a Friday or Monday.
pub(crate) const UPHEAVALS: [(&str, NaiveDate); 32] = [
    // Days that never existed: two Saturdays, and a Friday.
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Fakaofo", date(2011, 12, 30)),
    ("Asia/Colombo", date(2006, 4, 15)),
    ("Australia/Eucla", date(2006, 12, 3)),
    ("America/Caracas", date(2007, 12, 9)),
    ("Asia/Dhaka", date(2009, 6, 19)),
    ("Europe/Moscow", date(2011, 3, 27)),
    ("Africa/Cairo", date(2014, 5, 15)),
    ("Europe/Moscow", date(2014, 10, 26)),
    ("America/Cancun", date(2015, 2, 1)),
    ("Asia/Pyongyang", date(2015, 8, 15)),
    ("Pacific/Norfolk", date(2015, 10, 4)),
    ("Europe/Istanbul", date(2016, 3, 27)),
    ("America/Caracas", date(2016, 5, 1)),
    ("Asia/Novosibirsk", date(2016, 7, 24)),
    ("Africa/Sao_Tome", date(2018, 1, 1)),
    ("Asia/Pyongyang", date(2018, 5, 4)),
    ("America/Sao_Paulo", date(2019, 2, 17)),
    ("Africa/Casablanca", date(2019, 5, 5)),
    ("Pacific/Norfolk", date(2019, 10, 6)),
    ("Africa/Juba", date(2021, 2, 1)),
    ("Asia/Amman", date(2022, 2, 25)),
    ("Asia/Tehran", date(2022, 9, 22)),
    ("America/Mexico_City", date(2022, 10, 30)),
    ("America/Nuuk", date(2023, 3, 25)),
    ("Africa/Cairo", date(2023, 4, 28)),
    ("Asia/Almaty", date(2024, 3, 1)),
    ("America/Asuncion", date(2024, 10, 6)),
    ("Africa/Casablanca", date(2025, 2, 23)),
    ("America/Havana", date(2025, 3, 9)),
];

/// One zone for each distinct behavior in a year, preferring peculiar ones.
pub(crate) fn one_of_each(span: Span) -> Vec<&'static str> {
    let zones = reckoning::zones();
    let known = zones.iter().filter(|(name, _)| !reckoning::CHANGED_SINCE.contains(name));
    let mut one_of_each = BTreeMap::new();
    for (name, zone) in known {
        let one = one_of_each.entry(behaviour(*zone, span)).or_insert(*name);
        if PECULIAR.contains(name) {
            *one = name;
        }
    }
    // Some peculiar zones behave alike: the date line has two names on either side.
    one_of_each.into_values().chain(PECULIAR).collect::<BTreeSet<_>>().into_iter().collect()
}

/// When a guild's schedule posts: which days, and what time.
#[derive(Debug, Clone, Copy)]
struct Plan {
    kind: &'static str,
    days: Days,
    time: NaiveTime,
}

#[derive(Debug, Clone, Copy)]
enum Days {
    /// A day of the week.
    Weekly(Weekday),
    /// These days of these months.
    Dated([u32; 3], [u32; 3]),
}

const fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("the time exists")
}

/// Every guild's defaults: Monday at 8:30, 9:00 and 12:00, Friday at 16:00 and 16:30.
const DEFAULTS: [Plan; 5] = [
    Plan { kind: "expectations", days: Days::Weekly(Weekday::Mon), time: clock(9, 0) },
    Plan { kind: "leaderboard", days: Days::Weekly(Weekday::Fri), time: clock(16, 0) },
    Plan { kind: "shoutouts", days: Days::Weekly(Weekday::Fri), time: clock(16, 30) },
    Plan { kind: "digest", days: Days::Weekly(Weekday::Mon), time: clock(8, 30) },
    Plan { kind: "final", days: Days::Weekly(Weekday::Mon), time: clock(12, 0) },
];

impl Plan {
    fn is_on(self, date: NaiveDate) -> bool {
        match self.days {
            Days::Weekly(day) => date.weekday() == day,
            Days::Dated(days, months) => days.contains(&date.day()) && months.contains(&date.month()),
        }
    }

    /// For the first clock changes of a zone in a span: the nights of the change and next to it, at a time
    /// that the clock skips or repeats.
    fn nights(zone: Tz, span: Span) -> Vec<Self> {
        let night = |before: i32, (instant, after): (DateTime<Utc>, i32)| {
            // Both a gap and a fold begin at the local time with the smaller offset.
            let middle = before.min(after) + (after - before).abs() / 2;
            let shown = instant.naive_utc() + TimeDelta::seconds(middle.into());
            let dates = [-1, 0, 1].map(|days| shown.date() + TimeDelta::days(days));
            (
                Days::Dated(dates.map(|date| date.day()), dates.map(|date| date.month())),
                clock(shown.hour(), shown.minute()),
            )
        };
        let changes = behaviour(zone, span);
        let nights = changes.windows(2).map(|pair| night(pair[0].1, pair[1]));
        nights.zip(kinds()).map(|((days, time), kind)| Self { kind: kind.name, days, time }).collect()
    }

    fn cron(self) -> String {
        let list = |numbers: [u32; 3]| numbers.map(|number| number.to_string()).join(",");
        let days = match self.days {
            Days::Weekly(day) => format!("* * {}", day.num_days_from_sunday()),
            Days::Dated(days, months) => format!("{} {} *", list(days), list(months)),
        };
        format!("{} {} {days}", self.time.minute(), self.time.hour())
    }
}

/// The result of a year.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) guilds: usize,
    pub(crate) occurrences: usize,
    /// Deviations from the reference, a line each.
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.guilds += other.guilds;
        self.occurrences += other.occurrences;
        self.wrong.extend(other.wrong);
    }
}

/// Guilds on their own database, and the span to play.
pub(crate) struct Guilds {
    state: State,
    span: Span,
    zones: BTreeMap<&'static str, Tz>,
    members: Vec<(GuildId, &'static str, Vec<Plan>)>,
}

impl Guilds {
    /// An empty database in a folder, at the start of the span.
    pub(crate) async fn found(folder: &Path, span: Span) -> Fails<Self> {
        let file = tempfile::Builder::new().suffix(".db").tempfile_in(folder)?.keep()?.1;
        let db = Db::open(&format!("sqlite://{}", file.display())).await?;
        let state = State::new(db, Clock::by_hand(span.0));
        Ok(Self { state, span, zones: reckoning::zones(), members: Vec::new() })
    }

    /// A guild in a zone, with the default schedules.
    pub(crate) async fn join(&mut self, zone: &'static str) -> Fails {
        self.join_with(zone, DEFAULTS.to_vec()).await
    }

    /// A guild whose schedules are moved to the nights of its zone's clock changes; none if there are no
    /// changes.
    pub(crate) async fn join_by_night(&mut self, zone: &'static str) -> Fails {
        let nights = Plan::nights(self.zones[zone], self.span);
        if nights.is_empty() { Ok(()) } else { self.join_with(zone, nights).await }
    }

    async fn join_with(&mut self, zone: &'static str, plans: Vec<Plan>) -> Fails {
        let (state, id) = (&self.state, GuildId(i64::try_from(self.members.len())? + 1));
        let channel = |kind| Some(channel(id, kind));
        let guild = Guild {
            zone: Zone::parse(zone).ok_or("the zone is missing")?,
            recognition_channel: channel("leaderboard"),
            expectations_channel: channel("expectations"),
            ..ledger::meet_guild(state, id, Language::default()).await?
        };
        let person = people::meet_person(state, id, UserId(1), "Ana", None).await?;
        let revenue = metric::named(state.db.read(), id, metric::REVENUE).await?;
        let mut tx = state.db.write().await?;
        people::set_up(&mut tx, state, &guild).await?;
        schedules::create_defaults(&mut tx, state, &guild, &FEATURES).await?;
        // Something to post in every week.
        let first_day = self.span.0.timestamp() / 86_400;
        let entries = (0..54).map(|week| Entry {
            metric: revenue.id,
            person,
            quantity: Quantity(100_000 + week),
            day: day_of(first_day + 7 * week),
            source: Source("win"),
            source_id: state.id(),
        });
        ledger::record(&mut tx, state, id, &entries.collect::<Vec<_>>()).await?;
        sqlx::query(
            "INSERT INTO expectation (id, guild_id, what, weekly, first_due, if_met, if_missed, set_by, set_at)
             VALUES ($1, $2, 'Ten calls', 1, '1990-01-05T17:00:00', 'An early end.', 'We talk.', $3, 0)",
        )
        .bind(state.id())
        .bind(id)
        .bind(person)
        .execute(&mut *tx)
        .await?;
        for default in DEFAULTS {
            let plan = plans.iter().find(|plan| plan.kind == default.kind);
            if plan.is_some_and(|plan| matches!(plan.days, Days::Weekly(_))) {
                continue;
            }
            let cron = plan.and_then(|plan| WallCron::from_fields(&plan.cron()));
            sqlx::query(
                "UPDATE schedule SET cron = COALESCE($3, cron), paused_at = $4 WHERE guild_id = $1 AND kind = $2",
            )
            .bind(id)
            .bind(default.kind)
            .bind(cron.as_ref().map(|cron| cron.fields().to_owned()))
            .bind(cron.is_none().then(|| state.micros()))
            .execute(&mut *tx)
            .await?;
        }
        schedules::reckon_anew(&mut tx, state, &guild).await?;
        tx.commit().await?;
        self.members.push((id, zone, plans));
        Ok(())
    }

    /// Plays the span, and compares the result with the reference.
    pub(crate) async fn play(self) -> Fails<Tally> {
        let reckoned = self.reckon();
        let until = self.span.1.timestamp_micros();
        let mut steps = 0;
        // More steps than occurrences: something is decided again and again.
        while let Some(due) = schedules::next_due(&self.state).await?
            && due <= until
            && steps <= reckoned.len()
        {
            self.state.clock.set(at(due));
            while steps <= reckoned.len() && schedules::step(&self.state, &FEATURES).await? {
                steps += 1;
            }
        }
        let wrong = self.compare(&reckoned).await?;
        self.state.db.close().await;
        Ok(Tally { guilds: self.members.len(), occurrences: reckoned.len(), wrong })
    }

    fn reckon(&self) -> BTreeMap<Name, i64> {
        let mut reckoned = BTreeMap::new();
        for (guild, zone, plans) in &self.members {
            for plan in plans {
                for (local, instant) in dues(self.zones[zone], |date| plan.is_on(date), plan.time, self.span)
                {
                    let local = local.format("%Y-%m-%dT%H:%M:%S").to_string();
                    let name = (guild.0, plan.kind.to_owned(), local);
                    reckoned.insert(name, instant.timestamp_micros());
                }
            }
        }
        reckoned
    }

    /// Each occurrence exactly once and no others, each decided at its instant, with its post made then.
    async fn compare(&self, reckoned: &BTreeMap<Name, i64>) -> Fails<Vec<String>> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT schedule.guild_id, schedule.kind, local_time, due, decided_at, outcome, post.channel_id, post.created_at
             FROM occurrence JOIN schedule ON schedule.id = schedule_id LEFT JOIN post ON post.id = post_id",
        )
        .fetch_all(self.state.db.read())
        .await?;
        let mut wrong = Vec::new();
        let mut posted = 0;
        let mut missing = reckoned.clone();
        for row in rows {
            let name = (row.guild_id, row.kind.clone(), row.local_time.clone());
            let right = missing.remove(&name).is_some_and(|instant| row.is_right(instant));
            if !right {
                wrong.push(format!("{}: reckoned {:?}, and {row:?}", self.zone(&name), reckoned.get(&name)));
            }
            posted += i64::from(row.outcome == "posted");
        }
        wrong.extend(
            missing.iter().map(|(name, at)| format!("{}: {name:?} at {at} is missing", self.zone(name))),
        );
        let (posts,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM post").fetch_one(self.state.db.read()).await?;
        if posts != posted {
            wrong.push(format!("{posts} posts were made of {posted} occurrences"));
        }
        Ok(wrong)
    }

    fn zone(&self, (guild, ..): &Name) -> &'static str {
        self.members.iter().find(|(id, ..)| id.0 == *guild).map_or("nobody's", |(_, zone, _)| zone)
    }
}

/// The channel for a guild's posts of a kind.
fn channel(guild: GuildId, kind: &str) -> ChannelId {
    ChannelId(guild.0 * 10 + i64::from(kind == "expectations"))
}

/// The identity of an occurrence: guild, kind, and wall-clock time.
type Name = (i64, String, String);

bellringer::row! {
    #[derive(Debug)]
    struct Row {
        guild_id: i64,
        kind: String,
        local_time: String,
        due: i64,
        decided_at: i64,
        outcome: String,
        channel_id: Option<i64>,
        created_at: Option<i64>,
    }
}

impl Row {
    fn is_right(&self, instant: i64) -> bool {
        let channel = channel(GuildId(self.guild_id), &self.kind).0;
        let became = match self.outcome.as_str() {
            "posted" => self.channel_id == Some(channel) && self.created_at == Some(instant),
            "kept" => self.kind == "final" && self.channel_id.is_none(),
            "told" => self.kind == "digest" && self.channel_id.is_none(),
            // Shout-outs and manager-only posts are rare; the others have content every week.
            "quiet" => {
                ["shoutouts", "digest", "final"].contains(&self.kind.as_str()) && self.channel_id.is_none()
            }
            _ => false,
        };
        became && self.due == instant && self.decided_at == instant
    }
}

/// A zone's guilds in a span, by day and by night.
pub(crate) async fn day_and_night(folder: &Path, zone: &'static str, span: Span) -> Fails<Tally> {
    let mut guilds = Guilds::found(folder, span).await?;
    guilds.join(zone).await?;
    guilds.join_by_night(zone).await?;
    guilds.play().await
}
