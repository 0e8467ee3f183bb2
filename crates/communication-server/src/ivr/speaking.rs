//! Pieces of what is said become sounds.

use std::time::Duration;

use caruso_api::script::v1::{self as wire, piece::Kind};
use caruso_media::{PromptId, Sound};
use caruso_speech::Voice;
use futures::future::join_all;
use tokio::time::{Instant, timeout_at};
use tracing::info;

/// How long a caller waits for texts to be made into speech; what takes longer is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most pieces that are played at once, as many as the media node takes; more are left out.
const MOST: usize = 64;

/// A piece of what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A recorded prompt of the release.
    Recording(String),
    /// A text for the voice, with its language.
    Text { language: String, text: String },
}

/// Pieces of a language, as the script engine gives them.
pub(super) fn pieces<'p>(
    all: impl IntoIterator<Item = &'p wire::Piece>,
    language: &str,
) -> Vec<Piece> {
    let pieces = all.into_iter().filter_map(|piece| {
        Some(match piece.kind.as_ref()? {
            Kind::Recording(id) => Piece::Recording(id.clone()),
            Kind::Text(text) => Piece::Text { language: language.to_owned(), text: text.clone() },
        })
    });
    pieces.collect()
}

/// The sounds of pieces, in their order. Texts that cannot be said, or not in time, are left out.
pub(super) async fn sounds(voice: &Voice, pieces: Vec<Piece>) -> Vec<Sound> {
    let until = Instant::now() + PATIENCE;
    let sounds = pieces.into_iter().take(MOST).map(|piece| async move {
        match piece {
            Piece::Recording(id) => Some(Sound::Prompt(PromptId(id))),
            Piece::Text { language, text } => {
                let said = timeout_at(until, voice.say(&language, &text)).await;
                let said = said.inspect_err(|_| info!("a text was not said in time")).ok()??;
                Some(Sound::Samples(said.to_vec()))
            }
        }
    });
    join_all(sounds).await.into_iter().flatten().collect()
}
