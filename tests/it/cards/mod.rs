//! The cards in `docs/cards` match what is drawn today.

mod samples;

use std::path::Path;

#[test]
fn the_cards_in_the_docs_are_those_that_are_drawn() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cards");
    for (name, card) in samples::cards() {
        let (drawn, kept) = (card.png().unwrap(), std::fs::read(folder.join(format!("{name}.png"))).unwrap());
        // cargo bench --bench card -- --to docs/cards
        assert!(drawn == kept, "docs/cards/{name}.png is not what is drawn: draw them anew and look at them");
    }
}

#[test]
fn a_card_says_in_words_what_it_shows() {
    let [ordinary, foreign, empty] = samples::cards().map(|(_, card)| card.alt());
    insta::assert_snapshot!([ordinary, foreign, empty].join("\n\n"));
}
