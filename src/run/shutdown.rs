//! SIGINT and SIGTERM: the first asks the run to stop after the batch in hand, the second stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

/// Whether and why to stop; cheap to copy and to ask.
#[derive(Clone, Default)]
pub struct Shutdown {
    requested: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Shutdown {
    /// Takes over SIGINT and SIGTERM for this process.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub fn install() -> std::io::Result<Self> {
        let shutdown = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // Order matters: the first registered sees whether the flag was up before this signal raised it.
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&shutdown.requested))?;
            signal_hook::flag::register_usize(signal, Arc::clone(&shutdown.signal), signal as usize)?;
            signal_hook::flag::register(signal, Arc::clone(&shutdown.requested))?;
        }
        Ok(shutdown)
    }

    /// Whether the run should end after what it has in hand.
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed)
    }

    /// Asks for an end, as the first signal does.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Relaxed);
    }

    /// From now on the first signal stops at once, as the second does; for work that looks for no request and leaves
    /// nothing half-done. True when an end was asked for before.
    pub fn at_once(&self) -> bool {
        self.requested.swap(true, Ordering::Relaxed)
    }

    /// Exit code by the shell's convention: 128 + the signal's number (SIGINT when none came).
    pub fn exit_code(&self) -> u8 {
        let signal = match self.signal.load(Ordering::Relaxed) {
            0 => SIGINT as usize,
            signal => signal,
        };
        u8::try_from(128 + signal).unwrap_or(u8::MAX)
    }
}
