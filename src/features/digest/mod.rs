//! The managers' private digest: what a week leaves to whoever leads. It lies in their inboxes and nowhere else.

mod rules;
mod view;

use std::collections::HashSet;

use super::recognition::rules::Kind;
use super::{goals, kudos, recognition};
use crate::kernel::calendar::{Period, Span};
use crate::kernel::db::Reader;
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::ledger::metric::{self, Horizon};
use crate::ledger::roster::{self, Guild};
use crate::ledger::totals;
use crate::render::post::Post;

/// The digest about what has ended when a period begins; none when there is nothing to tell.
pub async fn compose(db: &mut Reader, guild: &Guild, period: Period) -> Result<Option<Post>> {
    let week = period.before();
    let fortnight = Period { span: Span::Custom, from: week.before().from, until: week.until };
    let month =
        Period { span: Span::Custom, from: fortnight.from - (fortnight.until - fortnight.from), ..week };
    let persons = roster::persons(&mut **db, guild.id).await?;
    let name = |person: &PersonId| {
        persons.get(person).map_or_else(|| "somebody".to_owned(), |it| it.name.to_string())
    };
    let metrics = metric::all(&mut **db, guild.id).await?;
    let mut recognised: HashSet<PersonId> =
        recognition::praised(db, guild, fortnight).await?.into_iter().collect();
    for known in [metric::WINS, metric::KUDOS] {
        let id = metric::built_in(&metrics, known)?.id;
        let sums = totals::by_person(&mut **db, id, fortnight).await?;
        recognised.extend(sums.into_iter().filter(|(_, sum)| *sum > 0).map(|(person, _)| person));
    }
    let absences = roster::absences(&mut **db, guild.id).await?;
    let is_away = |person: &PersonId| {
        let covers = |it: &Period| it.from <= fortnight.from && it.until >= fortnight.until;
        absences.get(person).is_some_and(|all| all.iter().any(covers))
    };
    let mut team: Vec<PersonId> = persons
        .values()
        .filter(|it| !it.manages && !it.is_erased && it.user.is_some() && !is_away(&it.id))
        .map(|it| it.id)
        .collect();
    team.sort_unstable();
    let moments = recognition::holding(db, guild, week).await?;
    let in_words = |it: &recognition::Moment| match it.kind {
        Kind::Nominated => it.reason.clone(),
        _ => it.reason.replace("this week", "last week"),
    };
    let mut told = view::Told::default();
    let mut work: Vec<(PersonId, i64, String)> = Vec::new();
    for metric in metrics.iter().filter(|it| !it.counts_thanks() && it.horizon == Horizon::Pipeline) {
        let [now, before @ ..] = totals::by_person_and_before::<4>(&mut **db, metric.id, week).await?;
        for (person, quantity) in now.into_iter().filter(|(_, quantity)| *quantity > 0) {
            let earlier: Vec<i64> = before.iter().filter_map(|it| it.get(&person)).copied().collect();
            let is_most = !earlier.is_empty() && earlier.iter().all(|it| quantity > *it);
            let most = if is_most { ", the most of their last four" } else { "" };
            let what = metric.show_named(quantity, guild.currency);
            work.push((person, quantity, format!("logged {what} last week{most}.")));
        }
    }
    work.sort_by_key(|(_, quantity, _)| std::cmp::Reverse(*quantity));
    // Where nothing at all happened, there is nobody to have been overlooked.
    if !recognised.is_empty() || !work.is_empty() {
        for person in rules::unrecognised(&team, &recognised) {
            let moment = moments.iter().find(|it| it.person == person).map(in_words);
            let done = || work.iter().find(|it| it.0 == person).map(|it| it.2.clone());
            told.unrecognised.push((name(&person), moment.or_else(done)));
        }
    }
    told.records =
        moments.iter().filter(|it| it.kind.is_record()).map(|it| (name(&it.person), in_words(it))).collect();
    let pairs = kudos::pairs(db, guild, month).await?;
    told.pairs = pairs.iter().map(|it| (name(&it.one), name(&it.other), it.times)).collect();
    told.goals = goals::off_pace(&mut *db, guild, period.from).await?;
    Ok(view::digest(told))
}
