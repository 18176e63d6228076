//! PDF: the HTML digest, printed by the system's Chromium. Browsers set Arabic and number pages better than any small
//! PDF library would.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Digest, DigestError, Exporter, Html};
use crate::prompts::Prompts;

/// See the module.
#[derive(Clone, Debug)]
pub struct Pdf<'a> {
    prompts: &'a Prompts,
    browser: Option<PathBuf>,
}

/// Programs that print as Chromium does.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// A browser that has not printed by then never will.
const PATIENCE: Duration = Duration::from_mins(2);
/// What the browser said is told up to here.
const MOST_SAID: usize = 400;

impl<'a> Pdf<'a> {
    /// With the browser of `KHULOSA_BROWSER`, or else the first that is on the path.
    pub fn new(prompts: &'a Prompts) -> Self {
        let named = std::env::var_os("KHULOSA_BROWSER").filter(|name| !name.is_empty());
        Self::with(prompts, named.map(PathBuf::from).or_else(on_the_path))
    }

    /// With this browser, or none.
    pub fn with(prompts: &'a Prompts, browser: Option<PathBuf>) -> Self {
        Self { prompts, browser }
    }
}

fn on_the_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut candidates = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.find(|candidate| candidate.is_file())
}

impl Exporter for Pdf<'_> {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn export(&self, digest: &Digest, out: &mut dyn io::Write) -> Result<(), DigestError> {
        let Some(browser) = &self.browser else {
            return Err(DigestError::NoBrowser(self.file_name(digest.language)));
        };
        let folder = tempfile::tempdir()?;
        let (page, printed) = (folder.path().join("digest.html"), folder.path().join("digest.pdf"));
        let mut html = io::BufWriter::new(std::fs::File::create(&page)?);
        Html::new(self.prompts).export(digest, &mut html)?;
        io::Write::flush(&mut html)?;
        print(browser, folder.path(), &page, &printed)?;
        io::copy(&mut std::fs::File::open(&printed)?, out)?;
        Ok(())
    }
}

/// Has the browser print a page, with a profile of its own so that a running browser is left alone.
fn print(browser: &Path, folder: &Path, page: &Path, printed: &Path) -> Result<(), DigestError> {
    let failed = |message: String| DigestError::Browser {
        browser: browser.to_owned(),
        message,
    };
    let said = folder.join("said.txt");
    let errors = std::fs::File::create(&said)?;
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--disable-gpu",
        "--no-pdf-header-footer",
        "--disable-extensions",
        "--disable-sync",
    ]);
    command.args([
        "--no-first-run",
        "--disable-dev-shm-usage",
        "--virtual-time-budget=5000",
    ]);
    if is_root(folder) {
        // Chromium refuses to start as root inside its sandbox. The page is ours and runs no script.
        command.arg("--no-sandbox");
    }
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("--print-to-pdf={}", printed.display()));
    command.arg(format!("file://{}", page.display()));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(failed(format!("it took longer than {} seconds", PATIENCE.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(30));
    };
    if status.success() && printed.is_file() {
        return Ok(());
    }
    let said: String = std::fs::read(&said).map_or_else(
        |_| String::new(),
        |said| String::from_utf8_lossy(&said).chars().take(MOST_SAID).collect(),
    );
    Err(failed(format!("{status}; {}", said.trim())))
}

/// Whether files that we make belong to root.
#[cfg(unix)]
fn is_root(ours: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    ours.metadata().is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(not(unix))]
fn is_root(_: &Path) -> bool {
    false
}
