//! `khulosa`: the gist of the news, in the reader's language. See `khulosa --help` and README.md.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::parse();
    let code = cli::logging(&arguments).and_then(|()| cli::run(arguments));
    match code {
        Ok(code) => code,
        Err(error) if cli::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(cli::COULD_NOT_RUN)
        }
    }
}
