use super::*;
use crate::check::glossary::suggest::Reviewed;
use crate::text::language::Language;
use crate::translate::Segment;

fn article(id: &str, input: &str, title: &str) -> Article {
    Article {
        id: id.to_owned(),
        given_id: None,
        title: title.to_owned(),
        body: "Body.".to_owned(),
        language: None,
        date: None,
        agency: None,
        place: None,
        url: None,
        source: None,
        input: input.to_owned(),
        extra: serde_json::Map::new(),
    }
}

fn rejection(input: &str) -> Rejection {
    Rejection {
        input: input.to_owned(),
        code: "empty".to_owned(),
        reason: "expected text, found none".to_owned(),
        advice: "remove it".to_owned(),
    }
}

fn accepted(store: &Store, order: Order) -> Vec<String> {
    let mut ids = Vec::new();
    store
        .each_accepted(order, &mut |stored| -> Result<(), StoreError> {
            ids.push(stored.article.id);
            Ok(())
        })
        .unwrap();
    ids
}

fn add(store: &Store, read: impl IntoIterator<Item = Result<Article, Rejection>>) -> usize {
    let read: Vec<_> = read.into_iter().map(|item| (item, None)).collect();
    store.add_read(&read, &[]).unwrap()
}

#[test]
fn digests_read_newest_first_and_undated_last_whatever_the_order_of_reading() {
    let dated = |id: &str, date: Option<&str>, title: &str| {
        Ok(Article {
            date: date.map(str::to_owned),
            ..article(id, "a", title)
        })
    };
    let read = [
        dated("1", None, "A"),
        dated("2", Some("2024-11-03"), "B"),
        dated("3", Some("2024-11-04"), "D"),
        dated("4", Some("2024-11-04"), "C"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), false).unwrap();
    add(&store, read);
    assert_eq!(accepted(&store, Order::Reading), ["4", "3", "2", "1"]);
    assert_eq!(accepted(&store, Order::Id), ["1", "2", "3", "4"]);
}

#[test]
fn a_store_of_version_1_is_migrated_and_keeps_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let key = unit_key(&["a"]);
    let old = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    old.execute_batch(
        "CREATE TABLE article (position INTEGER PRIMARY KEY, id TEXT NOT NULL, input TEXT NOT NULL, json TEXT NOT NULL);
         CREATE INDEX article_id ON article (id, input);
         CREATE TABLE rejection (position INTEGER PRIMARY KEY, id TEXT, input TEXT NOT NULL, json TEXT NOT NULL);
         CREATE TABLE unit (key BLOB PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
         PRAGMA application_id = 1263031628; PRAGMA user_version = 1;",
    )
    .unwrap();
    for (id, date) in [("1", "2024-11-03"), ("2", "2024-11-04")] {
        let article = Article {
            date: Some(date.to_owned()),
            ..article(id, "a", "A")
        };
        let values = params![id, json(&article)];
        old.execute("INSERT INTO article (id, input, json) VALUES (?1, 'a', ?2)", values)
            .unwrap();
    }
    old.execute("INSERT INTO unit VALUES (?1, '\"kept\"')", [key.as_slice()])
        .unwrap();
    drop(old);
    let store = Store::open(folder.path(), false).unwrap();
    assert_eq!(store.unit::<String>(&key).unwrap().as_deref(), Some("kept"));
    assert_eq!(accepted(&store, Order::Reading), ["2", "1"]);
}

#[test]
fn a_store_of_version_3_gets_a_table_of_reviews() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), false).unwrap());
    let old = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    old.execute_batch("DROP TABLE review; PRAGMA user_version = 3;")
        .unwrap();
    drop(old);
    let store = Store::open(folder.path(), false).unwrap();
    assert!(!store.has_reviews());
    store
        .review(&[review("Water\tis  scarce ", "Воды мало", None)])
        .unwrap();
    assert!(store.has_reviews());
    let found = store.reviewed(&segment("Water is scarce")).unwrap();
    assert_eq!(
        found.as_deref(),
        Some("Воды мало"),
        "texts are known again by their one clean line"
    );
    let other = Segment {
        to: Language::TAJIK,
        ..segment("Water is scarce")
    };
    assert_eq!(store.reviewed(&other).unwrap(), None);
}

fn segment(text: &str) -> Segment {
    Segment {
        text: text.to_owned(),
        from: Language::ENGLISH,
        to: Language::RUSSIAN,
    }
}

fn review(source: &str, target: &str, machine: Option<&str>) -> Reviewed {
    Reviewed {
        from: Language::ENGLISH,
        to: Language::RUSSIAN,
        source: source.to_owned(),
        machine: machine.map(str::to_owned),
        target: target.to_owned(),
    }
}

#[test]
fn reviews_keep_what_the_model_had_made_and_those_of_version_4_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), false).unwrap());
    let old = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    old.execute_batch(
        "DROP TABLE review; CREATE TABLE review (key BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
         INSERT INTO review VALUES (x'00', 'old'); PRAGMA user_version = 4;",
    )
    .unwrap();
    drop(old);
    let store = Store::open_existing(folder.path()).unwrap();
    store.review(&[review("a  b", "б", Some("в\tг"))]).unwrap();
    assert_eq!(store.reviews().unwrap(), (vec![review("a b", "б", Some("в г"))], 1));
    // The records that a second import looks at tell the first one.
    store.review(&[review("a b", "д", Some("б"))]).unwrap();
    assert_eq!(store.reviews().unwrap(), (vec![review("a b", "д", Some("в г"))], 1));
    assert_eq!(store.reviewed(&segment("a b")).unwrap().as_deref(), Some("д"));
    let message = Store::open_existing(&folder.path().join("none"))
        .err()
        .unwrap()
        .to_string();
    assert!(
        message.contains("none/khulosa.db: expected the database of a run folder"),
        "{message}"
    );
}

#[test]
fn a_fresh_start_forgets_all_but_reviews() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), false).unwrap();
    let key = unit_key(&["a"]);
    store.finish(&[Unit::shared(key, &"made")]).unwrap();
    store.review(&[review("a", "б", None)]).unwrap();
    add(&store, [Ok(article("1", "a", "A"))]);
    drop(store);
    let store = Store::open(folder.path(), true).unwrap();
    assert_eq!(store.unit::<String>(&key).unwrap(), None);
    assert_eq!(store.counts().unwrap(), (0, 0));
    assert_eq!(store.reviewed(&segment("a")).unwrap().as_deref(), Some("б"));
}

#[test]
fn one_article_is_found_by_its_id_with_the_metadata_of_its_first_input() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), false).unwrap();
    let read = [Ok(article("1", "z.txt", "Z")), Ok(article("1", "a.txt", "A"))];
    add(&store, read);
    let found = store.article("1").unwrap().unwrap();
    assert_eq!((found.article.title.as_str(), found.inputs.len()), ("A", 2));
    assert_eq!(store.article("2").unwrap(), None);
}

#[test]
fn a_finished_unit_is_there_after_the_database_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let key = unit_key(&["translation", "a"]);
    let store = Store::open(folder.path(), false).unwrap();
    store.finish(&[Unit::shared(key, &"хулоса")]).unwrap();
    drop(store);
    let store = Store::open(folder.path(), false).unwrap();
    store.begin(&[]).unwrap();
    assert_eq!(store.unit::<String>(&key).unwrap().as_deref(), Some("хулоса"));
    drop(store);
    let store = Store::open(folder.path(), true).unwrap();
    assert_eq!(store.unit::<String>(&key).unwrap(), None, "--fresh forgets it");
}

#[test]
fn no_two_lists_of_parts_share_a_key() {
    assert_ne!(unit_key(&["ab", "c"]), unit_key(&["a", "bc"]));
    assert_ne!(unit_key(&["ab"]), unit_key(&["ab", ""]));
}

#[test]
fn the_same_text_from_two_inputs_is_one_article_with_both_listed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), false).unwrap();
    let read = [
        Ok(article("1", "z.txt", "Z")),
        Ok(article("2", "b.txt", "B")),
        Ok(article("1", "a.txt", "A")),
    ];
    assert_eq!(add(&store, read), 2);
    let window = store.window(0, 10).unwrap();
    assert_eq!(window.len(), 2);
    assert_eq!(window[0].inputs, ["a.txt", "z.txt"]);
    assert_eq!(
        window[0].article.title, "A",
        "metadata come from the alphabetically first input"
    );
    assert!(store.window(window[1].position, 10).unwrap().is_empty());
    assert_eq!(store.counts().unwrap(), (2, 3));
}

#[test]
fn rejected_articles_get_no_record_and_are_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), false).unwrap();
    let read = [
        Ok(article("1", "a", "A")),
        Err(rejection("c")),
        Ok(article("2", "b", "B")),
    ];
    add(&store, read);
    store.reject("1", &rejection("a")).unwrap();
    store.reject("1", &rejection("a")).unwrap();
    assert_eq!(accepted(&store, Order::Id), ["2"]);
    let mut inputs = Vec::new();
    store
        .each_rejection(&mut |rejection| -> Result<(), StoreError> {
            inputs.push(rejection.input);
            Ok(())
        })
        .unwrap();
    assert_eq!(inputs, ["a", "c"]);
    assert_eq!(store.rejected().unwrap(), 2);
}

#[test]
fn a_newer_database_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), false).unwrap());
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    let message = Store::open(folder.path(), false).err().unwrap().to_string();
    assert!(
        message.contains("found 99") && message.contains("another --out folder"),
        "{message}"
    );
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Connection::open(folder.path().join(FILE_NAME))
        .unwrap()
        .execute_batch("CREATE TABLE t (x)")
        .unwrap();
    assert!(matches!(
        Store::open(folder.path(), false),
        Err(StoreError::Foreign { .. })
    ));
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(FILE_NAME),
        "not a database at all, but long enough to be looked at".repeat(9),
    )
    .unwrap();
    for fresh in [false, true] {
        let message = Store::open(folder.path(), fresh).err().unwrap().to_string();
        assert!(message.contains(FILE_NAME), "{message}");
    }
    assert!(folder.path().join(FILE_NAME).exists(), "--fresh removes databases only");
}
