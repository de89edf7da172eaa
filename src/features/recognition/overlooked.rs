//! The digest's sections about praise: who went without, and which records fell.

use std::collections::HashSet;

use chrono::NaiveTime;

use super::view::When;
use super::{Moment, Words, store, view};
use crate::feature::Part;
use crate::kernel::calendar::{Period, Span, day_number};
use crate::kernel::error::Result;
use crate::kernel::ids::{MetricId, PersonId};
use crate::kernel::quantity::Quantity;
use crate::ledger::metric::{self, Horizon, Metric};
use crate::ledger::totals;
use crate::people::{self, Voice};
use crate::store::db::Reader;
use crate::words::recognition as words;

/// The sections about the two weeks before a period.
pub(super) async fn parts(db: &mut Reader, voice: Voice<'_>, period: &Period) -> Result<Vec<Part>> {
    let week = period.before();
    let fortnight = Period { span: Span::Custom, from: week.before().from, until: week.until };
    let with = Words::read(db, voice.guild, day_number(week.from)).await?;
    let (persons, metrics) = (&with.persons, &with.metrics);
    let praised = store::praised(&mut *db, voice.id, fortnight, 0).await?;
    let mut recognised: HashSet<PersonId> = praised.into_iter().map(|it| it.person).collect();
    let (wins, thanks) =
        (metric::built_in(metrics, metric::WINS)?, metric::built_in(metrics, metric::KUDOS)?);
    for sums in totals::of_many(&mut *db, &[(wins.id, fortnight), (thanks.id, fortnight)]).await? {
        recognised.extend(sums.into_iter().filter(|(_, sum)| sum.is_positive()).map(|(person, _)| person));
    }
    let absences = people::absences(&mut **db, voice.id).await?;
    let is_away = |person: &PersonId| {
        let covers = |it: &Period| it.from <= fortnight.from && it.until >= fortnight.until;
        absences.get(person).is_some_and(|all| all.iter().any(covers))
    };
    // The digest may be opened later but must only list people known then.
    let begins = voice.zone.instant(period.from.and_time(NaiveTime::MIN)).timestamp_micros();
    let known = store::met_before(db, voice.id, begins).await?;
    let mut team: Vec<PersonId> = persons
        .values()
        .filter(|it| !it.manages && !it.is_erased && it.user.is_some() && !is_away(&it.id))
        .filter(|it| known.contains(&it.id))
        .map(|it| it.id)
        .collect();
    team.sort_unstable();
    let mut moments = super::moments(&mut *db, voice.guild, week).await?;
    moments.retain(|it| it.state != "vetoed");
    let mut work: Vec<(PersonId, Quantity, String)> = Vec::new();
    let leading = metrics.iter().filter(|it| !it.counts_thanks() && it.horizon == Horizon::Leading);
    let leading: Vec<&Metric> = leading.collect();
    let ids: Vec<MetricId> = leading.iter().map(|it| it.id).collect();
    let mut weeks = totals::by_person_and_before::<4>(&mut **db, &ids, week).await?;
    for metric in leading {
        let [now, before @ ..] = weeks.remove(&metric.id).unwrap_or_default();
        for (person, quantity) in now.into_iter().filter(|(_, quantity)| quantity.is_positive()) {
            let earlier: Vec<Quantity> = before.iter().filter_map(|it| it.get(&person)).copied().collect();
            let is_most = !earlier.is_empty() && earlier.iter().all(|it| quantity > *it);
            let what = metric.quantity_named(quantity, voice.currency);
            work.push((person, quantity, view::work(person, what, is_most, &with, voice)));
        }
    }
    work.sort_by_key(|(_, quantity, _)| std::cmp::Reverse(*quantity));
    let told = |moment: &Moment| view::told_of(moment, When::Last, &with, voice);
    let mut overlooked = Vec::new();
    // If nothing happened at all, nobody was overlooked.
    if !recognised.is_empty() || !work.is_empty() {
        for person in unrecognised(&team, &recognised) {
            let moment = moments.iter().find(|it| it.person == person).map(told);
            let done = || work.iter().find(|it| it.0 == person).map(|it| it.2.clone());
            // There is nothing true to praise them for.
            let check_in = || voice.say(words::check_in(people::name(persons, person)));
            overlooked.push(moment.or_else(done).unwrap_or_else(check_in));
        }
    }
    let records = moments.iter().filter(|it| it.kind.is_record()).map(told).collect();
    Ok(vec![
        Part { name: voice.say(words::overlooked_title()), lines: overlooked },
        Part { name: voice.say(words::records_title()), lines: records },
    ])
}

/// The team members without any recognition, in order.
fn unrecognised(team: &[PersonId], recognised: &HashSet<PersonId>) -> Vec<PersonId> {
    team.iter().copied().filter(|person| !recognised.contains(person)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_thanked_praised_or_rang_the_bell_is_not_among_them() {
        let team = [1, 2, 3].map(PersonId);
        assert_eq!(unrecognised(&team, &[PersonId(2)].into()), [PersonId(1), PersonId(3)]);
    }
}
