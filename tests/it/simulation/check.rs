//! Final checks: against the channels, what people were told, and the ledger.

use std::collections::{BTreeMap, BTreeSet};

use bellringer::kernel::calendar::day_of;
use bellringer::kernel::clock::at;
use bellringer::kernel::ids::reference;
use chrono::NaiveDateTime;
use serde_json::Value;

use super::world::World;
use super::{Figures, Wrong};

bellringer::row! {
    struct Post {
        id: i64,
        state: String,
        failure: Option<String>,
        message_id: Option<i64>,
        channel_id: i64,
        key: String,
    }
}

/// Runs all checks, and counts what was checked.
pub(crate) async fn check(world: &mut World) -> Figures {
    let mut figures = Figures { faults: world.faults.clone(), ..Figures::default() };
    figures.wins = world.seen.wins.len();
    sums(world).await;
    wins(world).await;
    goals(world).await;
    figures.posts = posts(world).await;
    figures.occurrences = occurrences(world).await;
    figures
}

async fn count(world: &World, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(world.watch.db.read()).await.unwrap();
    count
}

/// No work is left, and every sum matches the ledger.
async fn sums(world: &mut World) {
    for (what, sql) in [
        ("posts are open", "SELECT COUNT(*) FROM post WHERE state IN ('waiting', 'claimed')"),
        ("facts are unreacted", "SELECT COUNT(*) FROM fact WHERE reacted_at IS NULL"),
        (
            "sums are not those of the ledger",
            "SELECT COUNT(*) FROM (SELECT metric_id, person_id, SUM(quantity) AS q FROM entry GROUP BY 1, 2) AS e
             FULL JOIN (SELECT metric_id, person_id, SUM(quantity) AS q FROM total WHERE grain = 'month' GROUP BY 1, 2) AS t
             ON t.metric_id = e.metric_id AND t.person_id = e.person_id WHERE COALESCE(t.q, 0) <> COALESCE(e.q, 0)",
        ),
        (
            "days are not those of the ledger",
            "SELECT COUNT(*) FROM (SELECT metric_id, person_id, day, SUM(quantity) AS q FROM entry GROUP BY 1, 2, 3) AS e
             FULL JOIN (SELECT metric_id, person_id, start_day AS day, SUM(quantity) AS q FROM total WHERE grain = 'day' GROUP BY 1, 2, 3) AS t
             ON t.metric_id = e.metric_id AND t.person_id = e.person_id AND t.day = e.day WHERE COALESCE(t.q, 0) <> COALESCE(e.q, 0)",
        ),
        (
            "wins don't count as one, or as none where they were taken back",
            "SELECT COUNT(*) FROM win WHERE (CASE WHEN undone_at IS NULL THEN 100 ELSE 0 END) <> (
                 SELECT COALESCE(SUM(entry.quantity), 0) FROM entry JOIN metric ON metric.id = entry.metric_id
                 WHERE entry.source = 'win' AND entry.source_id = win.id AND metric.name = 'wins')",
        ),
        (
            "wins don't count for their amount",
            "SELECT COUNT(*) FROM win WHERE (CASE WHEN undone_at IS NULL THEN amount ELSE 0 END) <> (
                 SELECT COALESCE(SUM(entry.quantity), 0) FROM entry JOIN metric ON metric.id = entry.metric_id
                 WHERE entry.source = 'win' AND entry.source_id = win.id AND metric.name = 'revenue')",
        ),
        (
            "bells are missing or too many",
            "SELECT ABS((SELECT COUNT(*) FROM win) - (SELECT COUNT(*) FROM post WHERE post_key LIKE 'win:%'))",
        ),
        (
            "occurrences were posted without a post",
            "SELECT COUNT(*) FROM occurrence WHERE outcome = 'posted' AND post_id IS NULL",
        ),
    ] {
        let left = count(world, sql).await;
        if left > 0 {
            world.wrongs(Wrong::Lost(format!("{left} {what}")));
        }
    }
}

/// Everything people have read is true.
async fn wins(world: &mut World) {
    let rows: Vec<(i64, Option<i64>)> =
        sqlx::query_as("SELECT id, undone_at FROM win").fetch_all(world.watch.db.read()).await.unwrap();
    let rows: BTreeMap<i64, Option<i64>> = rows.into_iter().collect();
    for (index, (_, _, id)) in world.seen.wins.clone().into_iter().enumerate() {
        if !rows.contains_key(&id) {
            world.wrongs(Wrong::Lost(format!("the win acknowledged as number {index} is not there")));
        }
    }
    for id in world.seen.undone.clone() {
        if rows.get(&id).copied().flatten().is_none() {
            world.wrongs(Wrong::Lost("a win that was taken back still counts".to_owned()));
        }
    }
    for id in world.seen.denied.clone() {
        if rows.contains_key(&id) {
            world.wrongs(Wrong::Other(
                "somebody read that nothing was changed, and their win is logged".to_owned(),
            ));
        }
    }
}

/// Goals that were set exist, and reached ones were announced.
async fn goals(world: &mut World) {
    let rows: Vec<(i64,)> =
        sqlx::query_as("SELECT id FROM goal").fetch_all(world.watch.db.read()).await.unwrap();
    for id in world.seen.goals.clone() {
        if !rows.contains(&(id,)) {
            world.wrongs(Wrong::Lost("a goal that was acknowledged is not there".to_owned()));
        }
    }
    let unannounced: Vec<(String, i64, i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT span, from_day, until_day, target, reached_at FROM goal WHERE (reached_at IS NOT NULL OR target <= (
             SELECT COALESCE(SUM(quantity), 0) FROM entry WHERE entry.metric_id = goal.metric_id
             AND (goal.person_id IS NULL OR entry.person_id = goal.person_id) AND day >= from_day AND day < until_day))
         AND 1 <> (SELECT COUNT(*) FROM post WHERE post_key = 'goal:' || goal.id || ':reached')
                + (SELECT COUNT(*) FROM inbox WHERE item_key = 'goal:' || goal.id || ':reached') ORDER BY set_at, id",
    )
    .fetch_all(world.watch.db.read())
    .await
    .unwrap();
    for (span, from, until, target, reached) in unannounced {
        let days = format!("{} to {}", day_of(from), day_of(until - 1));
        let reached = reached.map(|instant| at(instant).to_string());
        world.wrongs(Wrong::Lost(format!(
            "the goal of {target} for a {span}, {days}, was not announced once; reached: {reached:?}"
        )));
    }
}

/// Each post is in its channel once, or has a reason why not.
async fn posts(world: &mut World) -> usize {
    let mut present: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut shown: BTreeSet<String> = BTreeSet::new();
    for floor in 0..world.floors.len() {
        for channel in 0..3 {
            if world.ended.contains(&(floor, channel)) {
                continue;
            }
            let id = world.floors[floor].channels[channel].clone();
            for message in world.control.messages(&id, None).await.unwrap() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let footer = text(&message["embeds"][0]["footer"]["text"]);
                let reference = footer.rsplit_once('#').map(|(_, it)| it.to_owned()).unwrap_or_default();
                shown.insert(format!("{id}/{}", text(&message["id"])));
                present.entry(reference).or_default().push(text(&message["id"]));
            }
        }
    }
    let rows: Vec<Post> = sqlx::query_as(
        "SELECT id, state, failure, message_id, channel_id, post_key AS key FROM post ORDER BY id",
    )
    .fetch_all(world.watch.db.read())
    .await
    .unwrap();
    for post in &rows {
        let reference = reference(post.id);
        let (label, kind) = (world.label(&reference), post.key.split(':').next().unwrap_or_default());
        let there = present.remove(&reference).unwrap_or_default();
        if there.len() > 1 {
            world.wrongs(Wrong::Doubled(format!("{label} ({kind}) is in its channel {} times", there.len())));
        }
        let message = post.message_id.unwrap_or_default().to_string();
        let made = world.seen.made.get(&reference).cloned().unwrap_or_default();
        match (post.state.as_str(), &post.failure) {
            ("sent", _) => {
                let is_there = shown.contains(&format!("{}/{message}", post.channel_id));
                if !made.contains(&message) || !(is_there || world.seen.gone.contains(&message)) {
                    world.wrongs(Wrong::Lost(format!(
                        "{label} ({kind}) is recorded as sent, and is not there"
                    )));
                }
            }
            ("failed" | "held", Some(why)) if !why.is_empty() => {
                let text = format!("{label} ({kind}) is {}: {why}", post.state);
                world.tell(text);
            }
            (state, _) => {
                world.wrongs(Wrong::Lost(format!("{label} ({kind}) is {state}, and nothing says why")));
            }
        }
    }
    present.remove("");
    if !present.is_empty() {
        world.wrongs(Wrong::Other(format!("{} messages are of no post", present.len())));
    }
    rows.len()
}

bellringer::row! {
    /// The outcome of a schedule's due time.
    struct Occurrence {
        local_time: String,
        due: i64,
        outcome: String,
        decided_at: i64,
    }
}

impl Occurrence {
    /// Whether an outcome was justified: nothing in time is skipped, nothing is folded against the policy,
    /// and expectations have a post every week.
    fn has_a_reason(&self, kind: &str, all: &[Self]) -> bool {
        // By the decider's clock, right or wrong.
        let is_late = self.decided_at - self.due > 300_000_000;
        let is_overtaken = all.iter().any(|next| next.due > self.due && next.due <= self.decided_at);
        match self.outcome.as_str() {
            "posted" => true,
            "quiet" => kind != "expectations",
            "skipped" | "folded" => is_late || is_overtaken,
            _ => false,
        }
    }
}

/// Every due time of a schedule was decided once, and with a valid reason.
async fn occurrences(world: &mut World) -> usize {
    let mut checked = 0;
    let until = world.now;
    for floor in 0..world.floors.len() {
        let zone = world.floors[floor].zone;
        for rhythm in world.floors[floor].rhythms.clone() {
            let rows: Vec<Occurrence> = sqlx::query_as(
                "SELECT local_time, due, outcome, decided_at FROM occurrence JOIN schedule ON schedule.id = occurrence.schedule_id
                 WHERE schedule.guild_id = $1 AND schedule.kind = $2",
            )
            .bind(world.floors[floor].guild.id.parse::<i64>().unwrap())
            .bind(rhythm.kind)
            .fetch_all(world.watch.db.read())
            .await
            .unwrap();
            let decided: BTreeSet<(NaiveDateTime, i64)> = rows
                .iter()
                .map(|row| (bellringer::kernel::calendar::local_of(&row.local_time).unwrap(), row.due))
                .collect();
            let due: BTreeSet<(NaiveDateTime, i64)> = rhythm
                .due(zone, until)
                .into_iter()
                .map(|(local, instant)| (local, instant.timestamp_micros()))
                .collect();
            checked += due.len();
            let name = format!("{} of {}", rhythm.kind, world.floors[floor].name);
            for row in rows.iter().filter(|row| !row.has_a_reason(rhythm.kind, &rows)) {
                let Occurrence { local_time, outcome, .. } = row;
                world.wrongs(Wrong::Lost(format!("{name}, due {local_time}, was {outcome} for no reason")));
            }
            for (local, _) in due.difference(&decided) {
                world.wrongs(Wrong::Lost(format!("{name}, due {local}, was never decided")));
            }
            for (local, _) in decided.difference(&due) {
                world.wrongs(Wrong::Other(format!("{name} was decided for {local}, and was not due")));
            }
        }
    }
    checked
}
