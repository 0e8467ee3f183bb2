//! Who says texts, and keeps what was said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;
use tracing::{debug, warn};

use crate::program::{self, Error};
use crate::{AT_A_TIME, MAX_TEXT, Options, WAITING};

/// About how many texts are kept, from which the cache estimates its tables.
const TEXTS: usize = 1_000;

/// Says texts. Cheap to clone; all clones keep the same.
#[derive(Clone, Debug)]
pub struct Voice {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: Options,
    said: Cache<Key, Arc<[i16]>, Bytes>,
    running: Semaphore,
    waiting: Semaphore,
    /// Whether it was said that the program does not work.
    is_known_to_fail: AtomicBool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    voice: String,
    text: String,
}

/// How much of the cache something takes.
#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<Key, Arc<[i16]>> for Bytes {
    fn weight(&self, key: &Key, samples: &Arc<[i16]>) -> u64 {
        (key.text.len() + size_of_val::<[i16]>(samples)) as u64
    }
}

impl Voice {
    /// Nothing is run before the first text.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let said = Cache::with_weighter(TEXTS, options.cache, Bytes);
        let (running, waiting) = (Semaphore::new(AT_A_TIME), Semaphore::new(WAITING));
        let is_known_to_fail = AtomicBool::new(false);
        Self { shared: Arc::new(Shared { options, said, running, waiting, is_known_to_fail }) }
    }

    /// A text in a language (BCP 47; what stands behind a hyphen does not count) as samples at
    /// 8 kHz; nothing where it cannot be said, which is logged at the first text. It is said to the
    /// end and kept, also when nobody waits for it any more.
    pub async fn say(&self, language: &str, text: &str) -> Option<Arc<[i16]>> {
        let voice = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let is_voice =
            (2..=8).contains(&voice.len()) && voice.bytes().all(|it| it.is_ascii_alphabetic());
        let text: String = text.chars().filter(|it| *it != '\0').take(MAX_TEXT).collect();
        if !is_voice || text.trim().is_empty() {
            return None;
        }
        let key = Key { voice, text };
        if let Some(known) = self.shared.said.get(&key) {
            return Some(known);
        }
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move { shared.made(key).await }).await.ok().flatten()
    }
}

impl Shared {
    async fn made(&self, key: Key) -> Option<Arc<[i16]>> {
        let limited = async {
            let _place = self.waiting.try_acquire().map_err(|_| Error::Busy)?;
            let making = self.said.get_or_insert_async(&key, self.run(&key));
            let made = tokio::time::timeout(self.options.time_limit, making).await;
            made.map_err(|_| Error::TooLong)?
        };
        match limited.await {
            Ok(samples) => Some(samples),
            Err(error) => {
                self.tell(&error);
                None
            }
        }
    }

    async fn run(&self, key: &Key) -> Result<Arc<[i16]>, Error> {
        let _turn = self.running.acquire().await.map_err(|_| Error::Busy)?;
        let said = program::run(&self.options.program, &key.voice, key.text.clone()).await?;
        Ok(said.into())
    }

    /// Says once that texts are not heard, and why.
    fn tell(&self, error: &Error) {
        let program = self.options.program.display();
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        if self.is_known_to_fail.swap(true, Ordering::Relaxed) {
            debug!(speech.program = %program, reason = %error, source, "a text was not said");
        } else {
            warn!(speech.program = %program, reason = %error, source,
                "a text that nobody recorded was not said, and callers do not hear it; install \
                 espeak-ng, or record what `caruso check` names; it is not logged again");
        }
    }
}
