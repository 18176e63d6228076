//! What names of repositories, revisions and files may look like: nothing that a card, a user or a hub says may lead out of
//! the folder it belongs in.

/// Whether a text is a full commit hash.
pub fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a text can be a repository of the hub: two names of letters, digits, `-`, `_` and `.`.
pub fn is_repository(text: &str) -> bool {
    let fits = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !part.is_empty() && !part.starts_with('.') && !part.contains("--") && part.bytes().all(plain)
    };
    text.split_once('/')
        .is_some_and(|(left, right)| fits(left) && fits(right))
}

/// Whether a text can be a revision: no part of it may leave the folder it is stored in.
pub fn is_revision(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    is_plain_path(text) && text.bytes().all(plain)
}

/// Whether a path stays inside the folder it is joined to.
pub fn is_plain_path(path: &str) -> bool {
    let parts = || path.split(['/', '\\']);
    !path.is_empty() && !path.contains(['\0', ':']) && parts().all(|part| !matches!(part, "" | "." | ".."))
}

/// Whether a file is a pickle, which runs code when it is read carelessly.
pub fn is_pickle(file: &str) -> bool {
    [".bin", ".pt", ".pth", ".pkl", ".ckpt"]
        .iter()
        .any(|ending| file.ends_with(ending))
}
