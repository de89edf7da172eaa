//! The plot: scenes over two to three weeks, each near a due time, with a dozen events.

use bellringer::kernel::clock::at;
use bellringer::outbox::queue;
use bellringer::schedules;
use bellringer::worker::Step;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::rhythm::LATE;
use super::world::{Deed, Fate, PROCESSES, World};

const SCENES: usize = 10;
const EVENTS: usize = 16;
const SEND_MESSAGES: u64 = 1 << 11;
const READ_MESSAGE_HISTORY: u64 = 1 << 16;

/// How time passes between two scenes.
#[derive(Debug, Clone, Copy)]
enum Journey {
    /// The bot keeps working.
    Awake,
    /// Nothing runs, as when a machine is suspended.
    Asleep,
    /// Every process is dead.
    Down,
}

/// The fault rate, in percent of requests.
#[derive(Debug, Clone, Copy)]
struct Weather(usize);

/// Plays everything, then ends all faults.
pub(crate) async fn play(world: &mut World) {
    for _ in 0..SCENES {
        if world.is_over() {
            return;
        }
        let weather = Weather(world.chance.weigh(&[(2, 5), (4, 35), (2, 70)]));
        travel(world, weather).await;
        let all: Vec<usize> = (0..PROCESSES).collect();
        for who in all {
            if world.processes[who].is_none() && (who == 0 || world.chance.percent(70)) {
                world.start(who).await;
            }
        }
        for _ in 0..EVENTS {
            let milliseconds = world.chance.between(1, 20);
            world.tick(TimeDelta::milliseconds(milliseconds)).await;
            event(world, weather).await;
        }
        // The reply must be sent within Discord's three seconds of real time.
        let fate = reply_fate(world, weather);
        finish_talk(world, fate).await;
    }
    heal(world).await;
}

/// The fate of a request.
fn fate(world: &mut World, weather: Weather) -> Fate {
    if !world.chance.percent(weather.0) {
        return Fate::Pass;
    }
    let wait = world.chance.weigh(&[(4, 1), (3, 7), (2, 60), (1, 900)]);
    let status = world.chance.pick(&[302, 400, 403, 404, 405, 408, 413, 503]);
    world.chance.weigh(&[
        (4, Fate::LostBefore),
        (6, Fate::LostAfter),
        (3, Fate::Wanders),
        (5, Fate::AnswerWaits),
        (4, Fate::Waits),
        (3, Fate::Limited(wait, false)),
        (1, Fate::Limited(wait, true)),
        (2, Fate::Broken),
        (1, Fate::BadGateway),
        (3, Fate::BadGatewayAfter),
        (4, Fate::Between(status)),
        (2, Fate::BetweenAfter(status)),
        (1, Fate::Between(429)),
    ])
}

fn reply_fate(world: &mut World, weather: Weather) -> Fate {
    if !world.chance.percent(weather.0 / 2) {
        return Fate::Pass;
    }
    world.chance.weigh(&[
        (3, Fate::LostBefore),
        (3, Fate::LostAfter),
        (1, Fate::Limited(1, false)),
        (1, Fate::Broken),
        (1, Fate::BadGatewayAfter),
    ])
}

async fn finish_talk(world: &mut World, fate: Fate) {
    world.answer(fate).await;
    while world.talk.is_some() {
        world.answer(Fate::Pass).await;
    }
}

/// One event happens.
async fn event(world: &mut World, weather: Weather) {
    match world.chance.below(100) {
        0..36 => drop(work(world, weather).await),
        36..56 => person(world, weather).await,
        56..66 => {
            let seconds = world.chance.weigh(&[(3, 1), (3, 5), (2, 20), (1, 65), (1, 130)]);
            pause(world, weather, TimeDelta::seconds(seconds)).await;
        }
        66..71 => {
            let who = world.chance.below(PROCESSES);
            if world.processes[who].is_some() {
                world.crash(who).await;
            } else {
                world.start(who).await;
            }
        }
        71..74 => {
            let at_fault = world.chance.percent(50);
            if world.chance.percent(40) {
                world.free().await;
            } else if at_fault {
                world.fill_disk().await;
            } else {
                world.hold_database().await;
            }
        }
        74..78 => {
            let (floor, channel) = (world.chance.below(2), world.chance.below(3));
            if world.denied.is_empty() {
                let denied = world.chance.pick(&[SEND_MESSAGES, READ_MESSAGE_HISTORY]);
                world.permit(floor, channel, denied).await;
            } else {
                permit_all(world).await;
            }
        }
        78..80 => world.delete_one().await,
        84 if world.chance.percent(20) => {
            let (floor, channel) = (world.chance.below(2), world.chance.below(3));
            world.end_channel(floor, channel).await;
        }
        85 if world.chance.percent(40) && world.processes[0].is_some() => {
            if world.chance.percent(25) {
                world.forget_gateway().await;
            } else {
                world.cut_gateway().await;
            }
        }
        86 if !world.setting.clocks_are_right => clocks(world).await,
        _ => {}
    }
}

async fn permit_all(world: &mut World) {
    for (floor, channel) in world.denied.clone() {
        world.permit(floor, channel, 0).await;
    }
}

/// A process starts a step, or its request gets a verdict.
async fn work(world: &mut World, weather: Weather) -> Option<Step> {
    let up: Vec<usize> = (0..PROCESSES).filter(|who| world.processes[*who].is_some()).collect();
    if up.is_empty() {
        return None;
    }
    let who = world.chance.pick(&up);
    work_of(world, weather, who).await
}

async fn work_of(world: &mut World, weather: Weather, who: usize) -> Option<Step> {
    if world.processes[who].as_ref()?.is_idle() {
        return world.step(who).await;
    }
    let fate = fate(world, weather);
    world.decide(who, fate).await
}

/// Somebody does something, or gets an answer.
async fn person(world: &mut World, weather: Weather) {
    if world.talk.is_some() {
        let fate = reply_fate(world, weather);
        world.answer(fate).await;
        return;
    }
    if world.processes[0].is_none() {
        return;
    }
    let floor = world.chance.below(world.floors.len());
    let by = world.chance.below(world.floors[floor].reps.len());
    let rep = world.floors[floor].reps[by].clone();
    let manager = world.floors[floor].manager.clone();
    match world.chance.below(20) {
        0..11 => {
            let amount = world.chance.pick(&["1k", "2500", "4k", "12.5k"]);
            let mut options =
                json!({"amount": amount, "customer": world.chance.pick(&["Acme", "Birch", "Cedar"])});
            if world.chance.percent(25) {
                let other = (by + 1) % world.floors[floor].reps.len();
                options["with"] = json!(world.floors[floor].reps[other]);
            }
            if world.chance.percent(15) {
                options["when"] = json!("yesterday");
            }
            world.says(floor, &rep, "win log", options, Deed::Win { floor, by }).await;
        }
        11..14 => {
            let theirs: Vec<i64> =
                world.seen.wins.iter().filter(|(at, _, _)| *at == floor).map(|(_, _, id)| *id).collect();
            if let Some(win) = theirs.get(world.chance.below(theirs.len())).copied() {
                let options = json!({"which": World::reference(win)});
                world.says(floor, &manager, "win undo", options, Deed::Undo { win }).await;
            }
        }
        14..17 => {
            let target = world.chance.pick(&["1k", "3k", "9k", "20k"]);
            let mut options = json!({"metric": "revenue", "target": target});
            let whose = if world.chance.percent(60) {
                options["everyone"] = json!(true);
                manager
            } else {
                rep
            };
            options["period"] = json!(world.chance.pick(&["week", "month"]));
            world.says(floor, &whose, "goal set", options, Deed::Goal).await;
        }
        17 => {
            let rhythm = world.floors[floor].rhythms[world.chance.below(3)].choice();
            let options = json!({"post": rhythm, "late": world.chance.pick(&LATE)});
            world.says(floor, &manager, "schedule set", options, Deed::Other).await;
        }
        _ => world.repeats().await,
    }
}

/// A clock is set wrong, or right again: the bot's own, or everyone's.
async fn clocks(world: &mut World) {
    if world.skew.is_zero() {
        let (name, back, skew) = world.chance.pick(&[
            ("the bot's clock is set back an hour", 0, -3600),
            ("everyone's clock is set back an hour", 3600, 0),
            ("the bot's clock is set forward ten minutes", 0, 600),
            ("the bot's clock is set forward an hour", 0, 3600),
        ]);
        world.fault("clock set wrong");
        world.set_back(TimeDelta::seconds(back));
        world.skew_by(TimeDelta::seconds(skew));
        world.tell(name);
    } else {
        world.skew_by(TimeDelta::zero());
        world.tell("the bot's clock is right again");
    }
}

/// Some seconds pass, once the person has received their reply.
async fn pause(world: &mut World, weather: Weather, span: TimeDelta) {
    let fate = reply_fate(world, weather);
    finish_talk(world, fate).await;
    world.tick(span).await;
    world.tell(format!("{} s pass", span.num_seconds()));
}

/// Moves to the next scene: near something due, or anywhere.
async fn travel(world: &mut World, weather: Weather) {
    pause(world, weather, TimeDelta::seconds(15)).await;
    world.free().await;
    let mut soon: Vec<DateTime<Utc>> = Vec::new();
    let horizon = world.now + TimeDelta::days(4);
    for floor in &world.floors {
        let dues = floor.rhythms.iter().flat_map(|rhythm| rhythm.due(floor.zone, horizon));
        soon.extend(dues.map(|(_, instant)| instant).filter(|instant| *instant > world.now));
    }
    let target = if soon.is_empty() || world.chance.percent(25) {
        world.now + TimeDelta::minutes(world.chance.between(20, 50 * 60))
    } else {
        let minutes = world.chance.pick(&[0, 0, 0, 1, 4, 6, 180, 11 * 60 + 50, 12 * 60 + 10, 30 * 60]);
        soon[world.chance.below(soon.len())] + TimeDelta::minutes(minutes) + TimeDelta::milliseconds(3)
    };
    let journey = world.chance.weigh(&[(5, Journey::Awake), (2, Journey::Asleep), (3, Journey::Down)]);
    match journey {
        // Days with such faults would consist only of retries.
        Journey::Awake => live(world, Weather(weather.0 / 5), target).await,
        Journey::Asleep => {
            world.tell("everything sleeps");
            world.leap(target).await;
        }
        Journey::Down => {
            for who in 0..PROCESSES {
                world.crash(who).await;
            }
            world.leap(target).await;
        }
    }
    world.tell(format!("{journey:?} until here"));
}

/// Time passes while the bot works: the clock moves from one due time to the next.
async fn live(world: &mut World, weather: Weather, until: DateTime<Utc>) {
    if world.processes.iter().all(Option::is_none) {
        world.start(1).await;
    }
    drain(world, weather).await;
    while !world.is_over() {
        let next = [
            schedules::next_due(&world.watch).await.unwrap(),
            queue::next_attempt(&world.watch).await.unwrap(),
        ];
        let soonest = world.now + TimeDelta::seconds(5);
        // No sleep is longer than that.
        let latest = world.now + TimeDelta::hours(6);
        let next = next.into_iter().flatten().min().map_or(latest, |next| at(next) - world.skew);
        let next = next.clamp(soonest, latest);
        if next > until {
            break;
        }
        world.tick(next - world.now).await;
        drain(world, weather).await;
    }
    let left = until - world.now;
    world.tick(left.max(TimeDelta::zero())).await;
}

/// The processes work until one of them finds nothing to do.
async fn drain(world: &mut World, weather: Weather) {
    for _ in 0..400 {
        if world.is_over() {
            return;
        }
        let milliseconds = world.chance.between(1, 9);
        world.tick(TimeDelta::milliseconds(milliseconds)).await;
        if work(world, weather).await == Some(Step::Idle)
            && world.processes.iter().flatten().all(|process| process.waiting.is_none())
        {
            return;
        }
    }
    world.tell("there is no end to it");
    world.is_endless = true;
}

/// All faults end, and a day and a half pass.
async fn heal(world: &mut World) {
    world.tell("all is well from here");
    world.free().await;
    permit_all(world).await;
    world.skew_by(TimeDelta::zero());
    finish_talk(world, Fate::Pass).await;
    world.tick(TimeDelta::seconds(30)).await;
    for who in 0..PROCESSES {
        if world.processes[who].is_none() {
            world.start(who).await;
        }
        while world.processes[who].as_ref().is_some_and(|process| process.waiting.is_some()) {
            world.decide(who, Fate::Pass).await;
        }
    }
    let until = world.now + TimeDelta::hours(36);
    live(world, Weather(0), until).await;
}
