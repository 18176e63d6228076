//! Files, folders, patterns.

use super::*;

/// Names of what was read, below `folder`.
fn names(folder: &Path, input: &str) -> Vec<String> {
    let below = format!("{}/", folder.display());
    let name = |outcome: Outcome| match outcome {
        Ok(article) => article.input.replacen(&below, "", 1),
        Err(rejection) => format!("{}: {}", rejection.code, rejection.input.replacen(&below, "", 1)),
    };
    read(&folder.join(input).display().to_string())
        .into_iter()
        .map(name)
        .collect()
}

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "b.txt",
        "a.txt",
        "c.html",
        "sub/d.txt",
        "sub/deep/e.txt",
        ".hidden.txt",
        ".git/f.txt",
        "[odd].txt",
    ] {
        write(
            folder.path(),
            name,
            "<p>The road across the pass was opened on Monday, the ministry said.</p>",
        );
    }
    folder
}

#[test]
fn a_folder_is_read_to_its_depth_in_order_without_hidden_files() {
    let tree = tree();
    assert_eq!(
        names(tree.path(), ""),
        ["[odd].txt", "a.txt", "b.txt", "c.html", "sub/d.txt", "sub/deep/e.txt"]
    );
}

#[test]
fn patterns_match_as_in_a_shell() {
    let tree = tree();
    assert_eq!(names(tree.path(), "*.txt"), ["[odd].txt", "a.txt", "b.txt"]);
    assert_eq!(
        names(tree.path(), "**/*.txt"),
        ["[odd].txt", "a.txt", "b.txt", "sub/d.txt", "sub/deep/e.txt"]
    );
    assert_eq!(names(tree.path(), "{a,b}.txt"), ["a.txt", "b.txt"]);
    assert_eq!(names(tree.path(), "s*"), ["sub/d.txt", "sub/deep/e.txt"]);
    assert_eq!(names(tree.path(), ".h*"), [".hidden.txt"]);
    assert_eq!(names(tree.path(), "*/d.t?t"), ["sub/d.txt"]);
}

#[test]
fn a_file_whose_name_looks_like_a_pattern_is_read() {
    let tree = tree();
    assert_eq!(names(tree.path(), "[odd].txt"), ["[odd].txt"]);
}

#[test]
fn what_matches_nothing_is_a_rejection_and_the_rest_is_read() {
    let tree = tree();
    let path = |name: &str| tree.path().join(name).display().to_string();
    let inputs = [
        path("*.xyz"),
        path("gone.txt"),
        path("nowhere/*.txt"),
        path("[a.txt"),
        path("a.txt"),
        String::new(),
    ];
    let outcomes: Vec<Outcome> = crate::article::read(&inputs, &ReadOptions::default()).collect();
    assert_eq!(
        codes(&outcomes),
        ["not-found", "not-found", "not-found", "not-found", "ok", "not-found"]
    );
}

#[test]
fn an_empty_folder_is_a_rejection() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), ".hidden.txt", "Words.");
    let outcomes = read(&folder.path().display().to_string());
    assert_eq!(codes(&outcomes), ["empty"]);
}

#[cfg(unix)]
#[test]
fn links_that_loop_or_lead_nowhere_do_no_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.txt", "The bridge is open.");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).expect("a link");
    std::os::unix::fs::symlink(folder.path().join("gone"), folder.path().join("broken.txt")).expect("a link");
    assert_eq!(names(folder.path(), ""), ["a.txt", "not-found: broken.txt"]);
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_in_a_folder_are_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.txt", "The bridge is open.");
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status()
        .expect("mkfifo");
    assert!(made.success());
    assert_eq!(names(folder.path(), ""), ["a.txt"]);
}

#[test]
fn reading_does_not_open_what_is_not_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.txt", "The first article.");
    let last = write(folder.path(), "b.txt", "The second article.");
    let mut articles = crate::article::read(&[folder.path().display().to_string()], &ReadOptions::default());
    assert!(articles.next().is_some_and(|article| article.is_ok()));
    std::fs::remove_file(last).expect("removed");
    let vanished = articles.next().expect("an outcome").expect_err("a rejection");
    assert_eq!(
        (vanished.code.as_str(), vanished.input.ends_with("b.txt")),
        ("not-found", true)
    );
}
