//! Choosing articles for a recipient: grouping, order and reasons.

use super::made_up::digest;
use crate::digest::select::{Wishes, chosen};
use crate::digest::{Item, Reason};
use crate::text::language::Language;

const ALL: Wishes = Wishes {
    newest_first: false,
    most: None,
};

/// An article with a title and a summary of its own, the same in both languages.
fn item(id: &str, date: &str, title: &str, summary: &str, why: Vec<Reason>) -> Item {
    let mut item = digest(Language::ENGLISH).items.iter().nth(1).unwrap().unwrap();
    item.id = id.to_owned();
    item.date = Some(date.to_owned());
    item.source_language = Language::ENGLISH;
    for (text, given) in [(&mut item.title, title), (&mut item.source_title, title)] {
        given.clone_into(text);
    }
    item.summary = vec![summary.to_owned()];
    item.source_summary = vec![summary.to_owned()];
    item.placing.why = why;
    item
}

fn topic(in_title: bool) -> Reason {
    Reason::Topic {
        id: "water".to_owned(),
        in_title,
    }
}

fn three() -> Vec<Item> {
    let story = "The level of the reservoir rose by 3.5 metres after heavy rain in the mountains, the ministry said.";
    vec![
        item(
            "a",
            "2024-11-04",
            "Reservoir level rises after rain",
            story,
            vec![topic(false)],
        ),
        item(
            "b",
            "2024-11-05",
            "Level of reservoir rises after heavy rain",
            story,
            vec![topic(true)],
        ),
        item(
            "c",
            "2024-11-06",
            "School opens in Rasht",
            "Two hundred pupils started lessons in a new building.",
            vec![topic(false)],
        ),
    ]
}

fn ids(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.id.as_str()).collect()
}

#[test]
fn one_story_is_told_once_and_its_other_reports_are_listed() {
    let items = chosen(three(), Language::ENGLISH, ALL);
    assert_eq!(ids(&items), ["b", "c"]);
    assert_eq!(items[0].placing.others.len(), 1);
    assert_eq!(items[0].placing.others[0].id, "a");
    assert_eq!(items[0].placing.why, [topic(true), Reason::Reports(2)]);
    assert_eq!(items[1].placing.why, [topic(false), Reason::Newest]);
}

#[test]
fn the_choice_does_not_depend_on_the_order_of_reading() {
    let mut reversed = three();
    reversed.reverse();
    assert_eq!(
        chosen(reversed, Language::ENGLISH, ALL),
        chosen(three(), Language::ENGLISH, ALL)
    );
}

#[test]
fn the_newest_come_first_where_that_is_asked_and_no_more_than_asked() {
    let newest = Wishes {
        newest_first: true,
        most: Some(1),
    };
    assert_eq!(ids(&chosen(three(), Language::ENGLISH, newest)), ["c"]);
}

#[test]
fn nothing_comes_of_nothing_and_articles_without_words_stay_apart() {
    assert!(chosen(Vec::new(), Language::ENGLISH, ALL).is_empty());
    let bare = |id| item(id, "2024-11-04", "", "", Vec::new());
    assert_eq!(chosen(vec![bare("a"), bare("b")], Language::ENGLISH, ALL).len(), 2);
}
