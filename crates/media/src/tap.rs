//! Raw audio in and out of a leg: the door for a user agent inside this process. Not a command,
//! because it cannot be serialized.

use tokio::sync::mpsc;

/// Samples of a frame: 20 ms at 8 kHz.
pub const FRAME_SAMPLES: usize = 160;

/// 20 ms of audio, 16 bit linear.
pub type Frame = [i16; FRAME_SAMPLES];

/// Frames that wait in each direction: 1 s.
const WAITING: usize = 50;

/// The near end of a leg: what is put into it is sent, what arrives comes out.
///
/// Both directions hold at most 50 frames (1 s). One tap a leg, a later one replaces it; it ends
/// when the leg is released ([`Tap::hear`] gives `None`). Audio of a connected peer and prompts
/// go before it.
#[derive(Debug)]
pub struct Tap {
    /// Where frames are put; one is taken every 20 ms. When none waits, silence is sent. `send`
    /// waits while 50 frames wait, and so paces whoever plays a file.
    pub speak: mpsc::Sender<Frame>,
    /// What the far side says, in the order of arrival; a lost packet is missing, not replaced.
    /// When nobody takes them, frames are dropped, the newest first.
    pub hear: mpsc::Receiver<Frame>,
}

impl Tap {
    /// The next frame of the far side; `None` when the leg is gone.
    pub async fn hear(&mut self) -> Option<Frame> {
        self.hear.recv().await
    }

    pub(crate) fn new() -> (Self, TapEnd) {
        let (speak, spoken) = mpsc::channel(WAITING);
        let (heard, hear) = mpsc::channel(WAITING);
        (Self { speak, hear }, TapEnd { spoken, heard, partial: Vec::new() })
    }
}

/// The leg's side of a tap.
#[derive(Debug)]
pub(crate) struct TapEnd {
    spoken: mpsc::Receiver<Frame>,
    heard: mpsc::Sender<Frame>,
    partial: Vec<i16>,
}

impl TapEnd {
    /// What to send next, if something waits.
    pub(crate) fn take(&mut self) -> Option<Frame> {
        self.spoken.try_recv().ok()
    }

    /// Hands on received samples in whole frames, whatever the size of the far side's packets.
    pub(crate) fn give(&mut self, samples: impl Iterator<Item = i16>) {
        for sample in samples {
            self.partial.push(sample);
            if let Ok(frame) = Frame::try_from(&self.partial[..]) {
                // full or closed: documented at `Tap::hear`
                let _ = self.heard.try_send(frame);
                self.partial.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_any_size_become_whole_frames() {
        let (mut tap, mut end) = Tap::new();
        (0..4).for_each(|n| end.give((0..80).map(move |s| n * 80 + s)));
        end.give(320..330);
        for first in [0, 160] {
            let frame = tap.hear.try_recv().expect("a whole frame");
            assert!(frame.iter().copied().eq(first..first + 160));
        }
        assert!(tap.hear.try_recv().is_err());
    }
}
