use super::*;

fn request(text: &str) -> Request {
    Request::from_toml(text, "job.toml").unwrap()
}

fn complete(text: &str) -> Request {
    request(&format!("inputs = [\"a.txt\"]\nout = \"run\"\n{text}"))
}

fn refusal(text: &str) -> String {
    match Request::from_toml(text, "job.toml") {
        Err(error) => error.to_string(),
        Ok(request) => Job::from_requests([request.over(complete(""))])
            .unwrap_err()
            .to_string(),
    }
}

#[test]
fn flags_win_over_the_job_file_and_the_job_file_over_the_environment() {
    let flags = request("threads = 1");
    let file = complete("threads = 2\nbatch_tokens = 222");
    let variables = [
        ("KHULOSA_THREADS", "3"),
        ("KHULOSA_BATCH_TOKENS", "333"),
        ("KHULOSA_LIMIT", "4"),
    ];
    let environment =
        Request::from_environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
    let job = Job::from_requests([flags, file, environment]).unwrap();
    assert_eq!((job.threads, job.batch_tokens, job.limit), (1, 222, Some(4)));
}

#[test]
fn the_environment_speaks_lists_and_the_decoding_table() {
    let variables = [
        ("KHULOSA_TO", "tgk_Cyrl, ar"),
        ("KHULOSA_DECODING_BEAMS", "7"),
        ("KHULOSA_OFFLINE", "1"),
        ("KHULOSA_HOME_OF_SOMEONE_ELSE", "x"),
        ("PATH", "/bin"),
    ];
    let environment =
        Request::from_environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap();
    let job = Job::from_requests([complete(""), environment]).unwrap();
    assert_eq!(job.to, [Language::TAJIK, Language::ARABIC]);
    assert_eq!(job.decoding.beams, Some(7));
    assert!(job.offline);
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    let error = Request::from_environment([("KHULOSA_THREADS".to_owned(), "many".to_owned())]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("KHULOSA_THREADS") && message.contains("many"),
        "{message}"
    );
}

#[test]
fn an_unknown_key_is_refused_and_the_nearest_suggested() {
    assert_eq!(
        refusal("sumariser = \"pocket\""),
        "job.toml: unknown key `sumariser`; did you mean `summariser`?"
    );
    assert_eq!(
        refusal("[decoding]\nbeam = 3"),
        "job.toml: unknown key `decoding.beam`; did you mean `decoding.beams`?"
    );
    assert_eq!(refusal("zzz = 1"), "job.toml: unknown key `zzz`");
}

#[test]
fn a_value_of_the_wrong_type_shows_its_line() {
    let message = refusal("to = [\"ru\"]\nthreads = \"two\"");
    assert!(
        message.starts_with("job.toml: ") && message.contains("line 2"),
        "{message}"
    );
}

#[test]
fn an_unknown_language_is_refused_and_the_nearest_suggested() {
    let message = refusal("to = [\"tgk_Cyrll\"]");
    assert!(
        message.contains("tgk_Cyrll") && message.contains("tgk_Cyrl"),
        "{message}"
    );
}

#[test]
fn numbers_that_make_no_sense_are_refused_by_name() {
    assert_eq!(
        refusal("batch_tokens = 0"),
        "batch_tokens: expected a number from 1 up, found 0"
    );
    assert_eq!(
        refusal("[decoding]\nlength_penalty = nan"),
        "decoding.length_penalty: expected a finite number, found NaN"
    );
    assert!(refusal("device = \"gpu\"").starts_with("device: expected auto, cpu, cuda or cuda:N, found `gpu`"));
}

#[test]
fn a_job_without_inputs_or_folder_says_how_to_name_them() {
    let message = |text| Job::from_requests([request(text)]).unwrap_err().to_string();
    assert!(message("out = \"x\"").starts_with("inputs is missing"));
    assert!(message("inputs = [\"x\"]").starts_with("out is missing"));
}

#[test]
fn a_shown_job_is_a_job_file_that_asks_for_the_same() {
    let job = Job::from_requests([complete(
        "to = [\"ara\", \"ar\"]\nmemory = \"12GB\"\n[translators]\nen-ar = \"auto\"\n[decoding]\nbeams = 2",
    )])
    .unwrap();
    let shown = toml::to_string(&job).unwrap();
    assert_eq!(Job::from_requests([request(&shown)]).unwrap(), job);
    assert_eq!(job.to, [Language::ARABIC], "a language named twice counts once");
}

#[test]
fn a_direction_may_have_a_model_of_its_own_or_leave_the_choice_to_auto() {
    let job = complete("translator = \"nllb-600m\"\n[translators]\neng-rus = \"own\"\nen-ar = \"auto\"");
    let job = Job::from_requests([job]).unwrap();
    let model = |to| job.translator_for(Language::ENGLISH, to);
    assert_eq!(model(Language::RUSSIAN), Some("own"));
    assert_eq!(model(Language::ARABIC), None);
    assert_eq!(model(Language::TAJIK), Some("nllb-600m"));
    let message = refusal("[translators]\nen = \"own\"");
    assert_eq!(
        message,
        "translators: expected two languages with a hyphen between, such as en-ru, found `en`"
    );
}

#[test]
fn a_fallback_is_a_model_and_not_left_to_be_chosen() {
    assert_eq!(
        complete("fallback = \"nllb-600m\"").fallback.as_deref(),
        Some("nllb-600m")
    );
    assert_eq!(
        refusal("fallback = \"auto\""),
        "fallback: expected the name of a model, found `auto`"
    );
}
