//! Sentences that models are known to make up from the web pages and subtitles they were trained on.

use super::{Finding, Pair, Severity};

/// Beginnings and wordings in lower case; none of them belongs in news.
const PHRASES: &[&str] = &[
    "thanks for watching",
    "thank you for watching",
    "subscribe to our",
    "subscribe to my channel",
    "click here to",
    "all rights reserved",
    "please enable javascript",
    "подписывайтесь на",
    "субтитры создавал",
    "спасибо за просмотр",
    "все права защищены",
    "نقره هنا",
    "اشتركوا في القناة",
    "اشترك في القناة",
    "شكرا للمشاهدة",
    "جميع الحقوق محفوظة",
    "ترجمة نانسي",
    "ташаккур барои тамошо",
    "ҳамаи ҳуқуқҳо ҳифз шудаанд",
    "ба канали мо обуна",
];

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let output = pair.output.to_lowercase();
    let source_has_filler = PHRASES.iter().any(|phrase| pair.source.to_lowercase().contains(phrase));
    if let Some(phrase) = PHRASES
        .iter()
        .find(|phrase| output.contains(**phrase))
        .filter(|_| !source_has_filler)
    {
        let message = "The output holds a stock phrase that models make up.";
        findings.push(Finding::new(
            "filler",
            Severity::Warning,
            message,
            vec![(*phrase).to_owned()],
        ));
    }
}
