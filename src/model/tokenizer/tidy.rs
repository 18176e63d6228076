//! Makes decoded pieces into a text: no outer spaces, no space before a closing mark, no leftover line marks.

/// Marks that never have a space before them in any language written here.
const CLOSING: [char; 13] = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '،', '؛', '؟', '…'];

/// Collapses white space and drops it at either end and before closing marks. A mark that begins a word (`.5`, `:)`)
/// keeps its space. PEGASUS writes `<n>` for the end of a sentence.
pub fn tidy(text: &str) -> String {
    let text = text.replace("<n>", " ");
    let mut tidied = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let closes = word.chars().all(|letter| CLOSING.contains(&letter));
        if !closes && !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn a_mark_set_apart_by_the_model_comes_back_to_its_word() {
        assert_eq!(
            tidy(" Engineers rose . <n>They left , he said ."),
            "Engineers rose. They left, he said."
        );
        assert_eq!(tidy("هل هذا صحيح ؟"), "هل هذا صحيح؟");
    }

    #[test]
    fn a_number_keeps_its_space() {
        assert_eq!(tidy("rose by .5 percent"), "rose by .5 percent");
    }
}
