//! Between a stream of messages and a telephone.

use caruso_api::demo::v1 as wire;
use caruso_softphone::{Ended, Event, Frame, Softphone, in_words};

/// What the other end of the stream wants.
#[expect(clippy::large_enum_variant, reason = "frames are what comes most")]
#[derive(Debug)]
pub(crate) enum Wish {
    Answer,
    HangUp,
    Key(char),
    Speak(Frame),
}

/// What it is told.
#[derive(Debug)]
pub(crate) enum News {
    State(wire::CallState),
    Sound(Vec<u8>),
}

/// Carries out a wish; what cannot be is passed over, as at any telephone.
pub(crate) async fn carry_out(phone: &mut Softphone, wish: Wish) {
    match wish {
        Wish::Answer => {
            if let Err(error) = phone.answer().await {
                tracing::info!(%error, "a demo phone cannot answer");
            }
        }
        Wish::HangUp => phone.hang_up(),
        Wish::Key(key) => {
            // a key without a call means nothing
            let _ = phone.press(key).await;
        }
        Wish::Speak(frame) => {
            if let Some(voice) = phone.voice() {
                // when a second of sound waits, more is dropped rather than delayed
                let _ = voice.try_send(frame);
            }
        }
    }
}

/// What an event means for the stream.
pub(crate) fn news(event: Event) -> Option<News> {
    let state = |phase: wire::Phase, cause: String| {
        Some(News::State(wire::CallState { phase: phase.into(), cause }))
    };
    match event {
        Event::Incoming { from } => state(wire::Phase::Ringing, from.unwrap_or_default()),
        Event::Ringing => state(wire::Phase::Ringing, String::new()),
        Event::Answered => state(wire::Phase::Talking, String::new()),
        Event::Ended(how) => ended(how),
        Event::Heard(frame) => Some(News::Sound(bytes(&frame))),
        Event::Key(_) => None,
    }
}

fn ended(how: Ended) -> Option<News> {
    let phase = wire::Phase::Ended.into();
    Some(News::State(wire::CallState { phase, cause: in_words(how) }))
}

/// 16 bit little endian.
fn bytes(frame: &Frame) -> Vec<u8> {
    frame.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// A frame of the wire; nothing if it is not 20 ms long.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    let mut frame = [0; caruso_softphone::FRAME_SAMPLES];
    if bytes.len() != frame.len() * 2 {
        return None;
    }
    for (sample, pair) in frame.iter_mut().zip(bytes.chunks_exact(2)) {
        *sample = i16::from_le_bytes([pair[0], pair[1]]);
    }
    Some(frame)
}

/// The first character of a key press.
pub(crate) fn key(text: &str) -> Option<char> {
    text.chars().next().filter(|key| key.is_ascii_digit() || matches!(key, '*' | '#'))
}
