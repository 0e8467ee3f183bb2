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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use caruso_speech::Options;

    use super::*;

    fn wire(kind: Kind) -> wire::Piece {
        wire::Piece { kind: Some(kind) }
    }

    #[test]
    fn a_piece_without_anything_is_passed_over() {
        let all = [
            wire(Kind::Recording("nl/een".to_owned())),
            wire::Piece::default(),
            wire(Kind::Text("Dag".to_owned())),
        ];
        let text = Piece::Text { language: "nl".to_owned(), text: "Dag".to_owned() };
        assert_eq!(pieces(&all, "nl"), [Piece::Recording("nl/een".to_owned()), text]);
    }

    /// A voice that is these lines of shell, after it has read the text.
    fn voice(folder: &std::path::Path, body: &str) -> Voice {
        let program = folder.join("voice");
        fs::write(&program, format!("#!/bin/sh\ncat > /dev/null\n{body}\n")).expect("writable");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("ours");
        Voice::new(Options { program, ..Options::default() })
    }

    #[tokio::test]
    async fn what_cannot_be_said_in_time_is_left_out_and_the_rest_is_heard() {
        let folder = tempfile::tempdir().expect("a folder");
        let recording = |id: &str| Piece::Recording(id.to_owned());
        let text = Piece::Text { language: "en".to_owned(), text: "Hello".to_owned() };
        let prompt = |id: &str| Sound::Prompt(PromptId(id.to_owned()));

        let hanging = voice(folder.path(), "exec sleep 1000");
        let begun = std::time::Instant::now();
        let all = vec![recording("a"), text.clone(), recording("b")];
        assert_eq!(sounds(&hanging, all.clone()).await, [prompt("a"), prompt("b")]);
        let waited = begun.elapsed();
        assert!((PATIENCE..PATIENCE * 3).contains(&waited), "{waited:?}");

        let said = folder.path().join("said.wav");
        fs::write(&said, caruso_media::wav::write(&[7; 30]).expect("small")).expect("writable");
        let speaking = voice(folder.path(), &format!("exec cat {}", said.display()));
        let samples = Sound::Samples(vec![7; 30]);
        assert_eq!(sounds(&speaking, all).await, [prompt("a"), samples, prompt("b")]);

        let many = vec![recording("a"); MOST + 1];
        assert_eq!(sounds(&speaking, many).await.len(), MOST, "as many as are played");
    }
}
