//! All SQL of what people say of themselves.

use chrono::NaiveDate;
use sqlx::any::AnyExecutor;

use super::Setting;
use crate::chat::permit::Member;
use crate::kernel::calendar::{Period, day_number, day_of};
use crate::kernel::db::{Tx, flag};
use crate::kernel::error::Result;
use crate::kernel::ids::PersonId;
use crate::kernel::state::State;

pub(super) async fn set(tx: &mut Tx, person: PersonId, setting: Setting) -> Result<()> {
    let query = match setting {
        Setting::Praise(praise) => {
            sqlx::query("UPDATE person SET praise = $2 WHERE id = $1").bind(person).bind(praise.name())
        }
        Setting::Sharing(shares) => {
            sqlx::query("UPDATE person SET shares_profile = $2 WHERE id = $1").bind(person).bind(flag(shares))
        }
        Setting::Messages(channel) => sqlx::query("UPDATE person SET dm_channel = $2 WHERE id = $1")
            .bind(person)
            .bind(channel.map(|channel| channel.0)),
        Setting::Birthday(date) => sqlx::query("UPDATE person SET birthday = $2 WHERE id = $1")
            .bind(person)
            .bind(date.map(|(month, day)| i64::from(month * 100 + day))),
        Setting::FirstDay(day) => sqlx::query("UPDATE person SET first_day = $2 WHERE id = $1")
            .bind(person)
            .bind(day.map(day_number)),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}

/// Writes an absence in the place of those it touches, and returns what they make together.
pub(super) async fn go_away(tx: &mut Tx, state: &State, by: Member, away: Period) -> Result<Period> {
    let touched: Vec<(i64, i64)> = sqlx::query_as(
        "DELETE FROM away WHERE person_id = $1 AND from_day <= $3 AND until_day >= $2 RETURNING from_day, until_day",
    )
    .bind(by.person)
    .bind(day_number(away.from))
    .bind(day_number(away.until))
    .fetch_all(&mut **tx)
    .await?;
    let from = touched.iter().map(|it| it.0).chain([day_number(away.from)]).min().unwrap_or_default();
    let until = touched.iter().map(|it| it.1).chain([day_number(away.until)]).max().unwrap_or_default();
    sqlx::query(
        "INSERT INTO away (id, guild_id, person_id, from_day, until_day) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(state.id())
    .bind(by.guild)
    .bind(by.person)
    .bind(from)
    .bind(until)
    .execute(&mut **tx)
    .await?;
    Ok(Period::days(day_of(from), day_of(until - 1)))
}

pub(super) async fn come_back(tx: &mut Tx, person: PersonId, today: NaiveDate) -> Result<()> {
    for sql in [
        "DELETE FROM away WHERE person_id = $1 AND from_day >= $2",
        "UPDATE away SET until_day = $2 WHERE person_id = $1 AND until_day > $2",
    ] {
        sqlx::query(sql).bind(person).bind(day_number(today)).execute(&mut **tx).await?;
    }
    Ok(())
}

/// How many things a person did that build later periods, and how many that count in theirs: rows of the ledger that were
/// not taken back, each thing once.
pub(super) async fn balance(on: impl AnyExecutor<'_>, by: Member, period: Period) -> Result<(i64, i64)> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT horizon, COUNT(*) FROM (
             SELECT DISTINCT metric.horizon, made.source, made.source_id FROM entry AS made JOIN metric ON metric.id = made.metric_id
             WHERE made.guild_id = $1 AND made.person_id = $2 AND made.day >= $3 AND made.day < $4 AND made.reverses IS NULL
               AND metric.name <> 'kudos'
               AND NOT EXISTS (SELECT 1 FROM entry AS undone WHERE undone.reverses = made.id)) AS things GROUP BY horizon",
    )
    .bind(by.guild)
    .bind(by.person)
    .bind(day_number(period.from))
    .bind(day_number(period.until))
    .fetch_all(on)
    .await?;
    let of = |name: &str| rows.iter().find(|(horizon, _)| horizon == name).map_or(0, |(_, count)| *count);
    Ok((of("pipeline"), of("forecast")))
}
