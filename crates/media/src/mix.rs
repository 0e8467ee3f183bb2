//! Several legs that hear each other: what each says waits a little, and everybody is sent the sum
//! of the others.

use std::collections::VecDeque;

use crate::LegId;
use crate::tap::{FRAME_SAMPLES, Frame};

/// Samples that wait before the first is heard, and again after a pause: 40 ms, so that packets may
/// come unevenly.
const AHEAD: usize = 2 * FRAME_SAMPLES;
/// Samples that wait at most, 200 ms; of more, the oldest are dropped.
const MOST: usize = 10 * FRAME_SAMPLES;

/// Tells mixes apart; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MixId(pub(crate) u64);

/// What one leg has to do with a mix.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) mix: MixId,
    /// The sum of the others, for the next packet.
    pub(crate) heard: Frame,
    /// Who is in the mix and not heard here.
    pub(crate) deaf_to: Option<LegId>,
    said: VecDeque<i16>,
    is_flowing: bool,
}

impl Part {
    pub(crate) fn new(mix: MixId) -> Self {
        let heard = [0; FRAME_SAMPLES];
        Self { mix, heard, deaf_to: None, said: VecDeque::with_capacity(MOST), is_flowing: false }
    }

    /// Takes what the far side says.
    pub(crate) fn say(&mut self, samples: impl Iterator<Item = i16>) {
        self.said.extend(samples);
        let surplus = self.said.len().saturating_sub(MOST);
        self.said.drain(..surplus);
    }

    /// The next 20 ms of it; nothing while too little is there.
    pub(crate) fn take(&mut self) -> Option<Frame> {
        self.is_flowing = if self.is_flowing {
            self.said.len() >= FRAME_SAMPLES
        } else {
            self.said.len() >= AHEAD
        };
        if !self.is_flowing {
            return None;
        }
        let mut frame = [0; FRAME_SAMPLES];
        frame.iter_mut().zip(self.said.drain(..FRAME_SAMPLES)).for_each(|(to, from)| *to = from);
        Some(frame)
    }
}

/// The sum of frames, as loud as a sample can be where it would be louder.
pub(crate) fn sum<'a>(frames: impl Iterator<Item = &'a Frame>) -> Frame {
    frames.fold([0; FRAME_SAMPLES], |mut sum, frame| {
        sum.iter_mut().zip(frame).for_each(|(sum, sample)| *sum = sum.saturating_add(*sample));
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(samples: usize) -> Part {
        let mut part = Part::new(MixId(1));
        part.say((0..samples).map(|n| n as i16));
        part
    }

    #[test]
    fn a_sum_is_as_loud_as_a_sample_can_be() {
        let [loud, soft] = [30_000, 5].map(|sample| [sample; FRAME_SAMPLES]);
        assert_eq!(sum([&loud, &loud].into_iter()), [i16::MAX; FRAME_SAMPLES]);
        assert_eq!(sum([&[-30_000; FRAME_SAMPLES], &loud, &soft].into_iter()), soft);
        assert_eq!(sum(std::iter::empty()), [0; FRAME_SAMPLES], "nobody speaks");
    }

    #[test]
    fn what_is_said_waits_for_forty_milliseconds_and_again_after_a_pause() {
        let mut part = part(FRAME_SAMPLES);
        assert_eq!(part.take(), None);
        part.say([7; FRAME_SAMPLES].into_iter());
        assert_eq!(part.take().map(|frame| frame[1]), Some(1));
        assert_eq!(part.take(), Some([7; FRAME_SAMPLES]));
        assert_eq!(part.take(), None, "a pause");
        part.say([8; FRAME_SAMPLES].into_iter());
        assert_eq!(part.take(), None);
    }

    #[test]
    fn of_more_than_two_hundred_milliseconds_the_oldest_is_dropped() {
        let mut part = part(MOST + 5);
        assert_eq!(part.said.len(), MOST);
        assert_eq!(part.take().map(|frame| frame[0]), Some(5));
    }
}
