//! Where a person and a guild leave traces in the database: the one table from which what is stored is shown, exported
//! and erased. A test misses a column that refers to a person and is not here.

use crate::kernel::ids::PersonId;
use crate::kernel::name;
use crate::render::post::Post;

/// What becomes of rows when the person that they are about is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// They stay, as somebody's whose name is gone: totals don't change.
    Stays,
    /// They go.
    Goes,
    /// They stay without what tells of the person: assignments of SQL.
    Loses(&'static str),
}

/// Rows of a table that are about a person.
#[derive(Debug, Clone, Copy)]
pub struct Trace {
    /// The table.
    pub table: &'static str,
    /// What they are, as people read it.
    pub what: &'static str,
    /// Which they are, as a condition on the person's id, $1.
    pub rows: &'static str,
    /// Where it is their text that makes them about somebody: it names the person.
    pub text: Option<Text>,
    /// What becomes of them.
    pub erasure: Erasure,
}

/// A text of a row that may name somebody.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// The column.
    pub column: &'static str,
    /// What it says of a person, as people read it; none where it doesn't name them, or doesn't read back.
    pub of: fn(&str, PersonId) -> Option<String>,
}

fn of_post(text: &str, whose: PersonId) -> Option<String> {
    let post: Post = serde_json::from_str(text).ok()?;
    serde_json::to_string(&post.of(whose)?).ok()
}

fn of_line(text: &str, whose: PersonId) -> Option<String> {
    name::names(text, whose).then(|| name::spoken(text))
}

const fn trace(table: &'static str, what: &'static str, rows: &'static str, erasure: Erasure) -> Trace {
    Trace { table, what, rows, text: None, erasure }
}

/// Rows whose text names the person. It is rewritten when they are erased.
const fn naming(table: &'static str, what: &'static str, rows: &'static str, text: Text) -> Trace {
    Trace { table, what, rows, text: Some(text), erasure: Erasure::Stays }
}

const OWN: &str = "person_id = $1";
/// What an erased person is called.
pub const NOBODY: &str = "somebody who left";

/// Every trace of a person. In this order they are erased.
pub const TRACES: [Trace; 30] = [
    trace("entry", "Rows of the ledger that count for you", OWN, Erasure::Stays),
    trace("total", "Sums over them by day and month", OWN, Erasure::Stays),
    trace("final_place", "Places on boards that are final", OWN, Erasure::Stays),
    trace("team_member", "Teams you are in", OWN, Erasure::Stays),
    trace("win", "Wins you logged", OWN, Erasure::Loses("note = NULL")),
    trace("win", "Wins you took back", "undone_by = $1", Erasure::Stays),
    trace("win_share", "Wins you share in", OWN, Erasure::Stays),
    trace(
        "goal",
        "Goals for you",
        OWN,
        Erasure::Loses("cancelled_at = COALESCE(cancelled_at, set_at), repeats = 0, is_public = 0"),
    ),
    trace("goal", "Goals you set", "set_by = $1", Erasure::Stays),
    trace("goal_version", "Goals you changed", "changed_by = $1", Erasure::Stays),
    trace("goal_cheer", "Goals you cheered on", OWN, Erasure::Goes),
    trace(
        "expectation",
        "What is expected of you alone",
        OWN,
        Erasure::Loses("ended_at = COALESCE(ended_at, set_at)"),
    ),
    trace("expectation", "Expectations you set", "set_by = $1", Erasure::Stays),
    trace("expectation_ack", "Weeks you pressed “I've got it”", OWN, Erasure::Goes),
    trace("kudos", "Kudos you gave", "giver_id = $1", Erasure::Loses("reason = ''")),
    trace(
        "kudos",
        "Kudos you were given",
        "id IN (SELECT kudos_id FROM kudos_receiver WHERE person_id = $1)",
        Erasure::Loses("reason = ''"),
    ),
    trace("kudos", "Kudos you took back", "undone_by = $1", Erasure::Stays),
    trace("kudos_receiver", "Thanks that count for you", OWN, Erasure::Stays),
    trace("kudos_second", "Kudos you joined in with", OWN, Erasure::Stays),
    trace("allowance", "How many kudos you gave in a week", OWN, Erasure::Goes),
    trace("moment", "Moments of yours that may be praised", OWN, Erasure::Goes),
    trace("moment", "Moments you nominated", "nominated_by = $1", Erasure::Loses("nominated_by = NULL")),
    trace("shoutout", "Shout-outs you had", OWN, Erasure::Loses("reason = ''")),
    trace("badge", "Badges", OWN, Erasure::Goes),
    trace("away", "When you are away", OWN, Erasure::Goes),
    trace("inbox", "What lies in your inbox", OWN, Erasure::Goes),
    trace("post", "Direct messages to you", OWN, Erasure::Goes),
    // What is for one person alone is theirs, whomever it names. Of a post that was sent, the text is not kept.
    naming(
        "post",
        "Posts that name you and have not left",
        "state <> 'sent' AND person_id IS NULL AND names_by_id = 1
         AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
        Text { column: "body", of: of_post },
    ),
    naming(
        "folded",
        "Lines of a day's message that name you",
        "names_by_id = 1 AND guild_id = (SELECT guild_id FROM person WHERE id = $1)",
        Text { column: "line", of: of_line },
    ),
    trace(
        "person",
        "Your name, your Discord user, and what you chose",
        "id = $1",
        Erasure::Loses(
            "user_id = NULL, name = 'somebody who left', manages = 0, praise = 'none', shares_profile = 0,
             dm_channel = NULL, birthday = NULL, first_day = NULL",
        ),
    ),
];

/// Every table with rows of a guild, $1, in the order in which they can go.
pub const OF_GUILD: [(&str, &str); 32] = [
    ("channel_day", "guild_id = $1"),
    ("final_place", "guild_id = $1"),
    ("final_week", "guild_id = $1"),
    ("folded", "guild_id = $1"),
    ("goal_cheer", "goal_id IN (SELECT id FROM goal WHERE guild_id = $1)"),
    ("goal_version", "goal_id IN (SELECT id FROM goal WHERE guild_id = $1)"),
    ("badge", "guild_id = $1"),
    ("moment", "guild_id = $1"),
    ("allowance", "person_id IN (SELECT id FROM person WHERE guild_id = $1)"),
    ("kudos_second", "kudos_id IN (SELECT id FROM kudos WHERE guild_id = $1)"),
    ("kudos_receiver", "kudos_id IN (SELECT id FROM kudos WHERE guild_id = $1)"),
    ("kudos", "guild_id = $1"),
    ("team_value", "guild_id = $1"),
    ("inbox", "guild_id = $1"),
    ("away", "guild_id = $1"),
    ("shoutout", "guild_id = $1"),
    ("expectation_ack", "guild_id = $1"),
    ("expectation", "guild_id = $1"),
    ("goal", "guild_id = $1"),
    ("win_share", "win_id IN (SELECT id FROM win WHERE guild_id = $1)"),
    ("win", "guild_id = $1"),
    ("occurrence", "schedule_id IN (SELECT id FROM schedule WHERE guild_id = $1)"),
    ("schedule", "guild_id = $1"),
    ("post", "guild_id = $1"),
    ("fact", "guild_id = $1"),
    ("total", "guild_id = $1"),
    ("entry", "guild_id = $1"),
    ("metric", "guild_id = $1"),
    ("team_member", "team_id IN (SELECT id FROM team WHERE guild_id = $1)"),
    ("team", "guild_id = $1"),
    ("person", "guild_id = $1"),
    ("guild", "id = $1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_erased_person_is_called_what_the_table_says() {
        let Erasure::Loses(person) = TRACES[TRACES.len() - 1].erasure else { panic!() };
        assert!(person.contains(&format!("name = '{NOBODY}'")));
    }
}
