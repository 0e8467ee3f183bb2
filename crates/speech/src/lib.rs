//! Texts said by a voice: each by one run of a program of its own, espeak-ng or one that takes the
//! same arguments, as telephone audio.
//!
//! The program is given the text on its standard input and a voice by language (`-v nl`), and
//! writes a WAV file to its standard output. It may hang, die, or write what it likes: it has a
//! time limit, its output a size limit, and its process ends with the run. At most
//! [`AT_A_TIME`] of them run and [`WAITING`] texts wait; what is beyond is not said. What was said
//! once is kept, up to a number of bytes, by voice and text.
//!
//! What it is not: it plays nothing, and decides nothing about what is said. Texts may be personal:
//! they are never logged, and kept in memory alone.
//!
//! ```no_run
//! # async fn example() {
//! use caruso_speech::{Options, Voice};
//! let voice = Voice::new(Options::default());
//! let samples = voice.say("nl", "Goedemorgen").await;
//! println!("{} samples at 8 kHz", samples.map_or(0, |it| it.len()));
//! # }
//! ```

mod program;
mod voice;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use voice::Voice;

/// The program that says texts where an installation names none.
pub const PROGRAM: &str = "espeak-ng";
/// Longest text that is said, in characters; what is beyond is left out.
pub const MAX_TEXT: usize = 1_000;
/// How many programs run at a time.
pub const AT_A_TIME: usize = 2;
/// How many texts are being said or wait for it.
pub const WAITING: usize = 64;
/// Most that a program may write, in bytes: two minutes at 22,050 Hz, and some.
pub const MAX_OUTPUT: u64 = 6 << 20;

/// Which program, and what it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Its path, or its name if it is in `PATH`.
    pub program: PathBuf,
    /// How long a text may take, the time in which it waits included.
    pub time_limit: Duration,
    /// Bytes of audio that are kept; 16,000 are a second.
    pub cache: u64,
}

impl Default for Options {
    /// [`PROGRAM`], 10 s, 32 MiB.
    fn default() -> Self {
        let time_limit = Duration::from_secs(10);
        Self { program: PROGRAM.into(), time_limit, cache: 32 << 20 }
    }
}

/// Whether a program is there to be run: by its path, or by its name in one of the folders of
/// `PATH`.
#[must_use]
pub fn is_installed(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}
