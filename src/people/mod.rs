//! Guilds, persons, teams and absences: their rows, read and written. The guild columns with feature settings
//! (budgets, limits, a board's style) are read and written by those features.

mod absence;
mod guild;
mod person;
mod team;
mod voice;

pub use absence::{absences, come_back, go_away};
pub use guild::{Guild, find_guild, guild, hold_guild, insert_guild, set_up};
pub use person::{
    Known, NOBODY, Person, Praise, Setting, at_the_door, erased, hold_person, keep_up_to_date, managers,
    meet_person, name, person, person_of, persons, set_person,
};
pub use team::{Scope, Team, belongs, insert_team, team_named, teams};
pub use voice::Voice;

use crate::store::table::{Erasure, Table, Trace};
use crate::words::people as words;

/// The tables of guilds, persons, teams and absences.
pub const TABLES: &[Table] = &[
    Table::new("guild", &[]).whose("id"),
    Table::new(
        "person",
        &[Trace::rows(
            words::trace_name_discord_account_and_preferences,
            "id = $1",
            Erasure::Loses(
                "user_id = NULL, name = 'a former teammate', manages = 0, praise = 'none', shares_profile = 0,
                 dm_channel = NULL, birthday = NULL, first_day = NULL",
            ),
        )],
    ),
    Table::new("team", &[]),
    Table::new("team_member", &[Trace::own(words::trace_teams, Erasure::Stays)])
        .of("team_id", "team"),
    Table::new("away", &[Trace::own(words::trace_time_off, Erasure::Goes)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_person_is_called_what_the_table_says() {
        let person = TABLES.iter().find(|it| it.name == "person").expect("there is one");
        let Erasure::Loses(what) = person.traces[0].erasure else { panic!() };
        assert!(what.contains(&format!("name = '{NOBODY}'")));
    }
}
