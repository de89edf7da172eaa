//! Who has gone without a word of thanks: a pure decision.

use std::collections::HashSet;

use crate::kernel::ids::PersonId;

/// Those of the team whom nothing has recognised, in their order.
pub(super) fn unrecognised(team: &[PersonId], recognised: &HashSet<PersonId>) -> Vec<PersonId> {
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
