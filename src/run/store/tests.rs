use super::*;

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

#[test]
fn a_finished_unit_is_there_after_the_database_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let key = unit_key(&["translation", "a"]);
    Store::open(folder.path()).unwrap().finish(&[(key, "хулоса")]).unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.begin(false).unwrap();
    assert_eq!(store.unit::<String>(&key).unwrap().as_deref(), Some("хулоса"));
    store.begin(true).unwrap();
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
    let store = Store::open(folder.path()).unwrap();
    let read = [
        Ok(article("1", "z.txt", "Z")),
        Ok(article("2", "b.txt", "B")),
        Ok(article("1", "a.txt", "A")),
    ];
    assert_eq!(store.add_read(&read).unwrap(), 2);
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
    let store = Store::open(folder.path()).unwrap();
    store
        .add_read(&[
            Ok(article("1", "a", "A")),
            Err(rejection("c")),
            Ok(article("2", "b", "B")),
        ])
        .unwrap();
    store.reject("1", &rejection("a")).unwrap();
    store.reject("1", &rejection("a")).unwrap();
    let accepted: Vec<String> = store
        .accepted("", 9)
        .unwrap()
        .into_iter()
        .map(|stored| stored.article.id)
        .collect();
    assert_eq!(accepted, ["2"]);
    let inputs: Vec<String> = store
        .rejections()
        .unwrap()
        .into_iter()
        .map(|rejection| rejection.input)
        .collect();
    assert_eq!(inputs, ["a", "c"]);
}

#[test]
fn a_newer_database_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path()).unwrap());
    let connection = Connection::open(folder.path().join(FILE_NAME)).unwrap();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    let message = Store::open(folder.path()).err().unwrap().to_string();
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
    assert!(matches!(Store::open(folder.path()), Err(StoreError::Foreign { .. })));
}

#[test]
fn a_file_that_is_no_database_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(FILE_NAME),
        "not a database at all, but long enough to be looked at".repeat(9),
    )
    .unwrap();
    let message = Store::open(folder.path()).err().unwrap().to_string();
    assert!(message.contains(FILE_NAME), "{message}");
}
