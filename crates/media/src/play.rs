//! Prompts being played on a leg.

use std::sync::Arc;

use crate::PlayId;
use crate::g711::Law;
use crate::prompts::Prompt;

/// A list of prompts and how far it was heard.
#[derive(Debug)]
pub(crate) struct Playing {
    pub(crate) id: PlayId,
    prompts: Vec<Arc<Prompt>>,
    repeats: bool,
    /// The prompt that comes next, and the sample in it.
    prompt: usize,
    sample: usize,
}

impl Playing {
    /// No prompt is empty (see [`crate::wav::Error::Empty`]), so a repeated list always moves.
    pub(crate) fn new(id: PlayId, prompts: Vec<Arc<Prompt>>, repeats: bool) -> Self {
        Self { id, prompts, repeats, prompt: 0, sample: 0 }
    }

    /// Writes the next code words, with silence after the end; whether the end was reached.
    pub(crate) fn fill(&mut self, law: Law, out: &mut [u8]) -> bool {
        self.copy(|prompt| prompt.codes(law), law.silence(), out)
    }

    /// The same as samples.
    pub(crate) fn read(&mut self, out: &mut [i16]) -> bool {
        self.copy(Prompt::samples, 0, out)
    }

    fn copy<T: Copy>(
        &mut self,
        of: impl Fn(&Prompt) -> &[T],
        silence: T,
        mut out: &mut [T],
    ) -> bool {
        while !out.is_empty() {
            let Some(prompt) = self.prompts.get(self.prompt) else {
                out.fill(silence);
                break;
            };
            let codes = &of(prompt)[self.sample..];
            let (now, later) = out.split_at_mut(codes.len().min(out.len()));
            now.copy_from_slice(&codes[..now.len()]);
            self.sample += now.len();
            if now.len() == codes.len() {
                (self.prompt, self.sample) = (self.prompt + 1, 0);
                if self.repeats && self.prompt == self.prompts.len() {
                    self.prompt = 0;
                }
            }
            out = later;
        }
        self.prompt == self.prompts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Prompts, wav};

    fn play(lists: &[&[i16]], repeats: bool) -> Playing {
        let files = lists.iter().enumerate().map(|(n, samples)| {
            (crate::PromptId(n.to_string()), wav::write(samples).expect("small"))
        });
        let prompts = Prompts::read(files).expect("telephone audio");
        let find = |n: usize| prompts.find(&crate::PromptId(n.to_string())).expect("just read");
        Playing::new(PlayId(1), (0..lists.len()).map(find).collect(), repeats)
    }

    fn linear(law: Law, codes: &[u8]) -> Vec<i16> {
        codes.iter().map(|&code| law.decode(code)).collect()
    }

    #[test]
    fn prompts_follow_without_a_gap_and_end_in_silence() {
        let mut playing = play(&[&[924; 3], &[-924; 2]], false);
        let mut out = [1; 4];
        assert!(!playing.fill(Law::Mu, &mut out));
        assert_eq!(linear(Law::Mu, &out), [924, 924, 924, -924]);
        assert!(playing.fill(Law::Mu, &mut out));
        assert_eq!(linear(Law::Mu, &out), [-924, 0, 0, 0]);
    }

    #[test]
    fn a_prompt_that_fills_its_last_packet_ends_with_it() {
        assert!(play(&[&[924; 4]], false).fill(Law::A, &mut [0; 4]));
    }

    #[test]
    fn music_goes_round_also_within_one_packet() {
        let mut playing = play(&[&[924], &[-924]], true);
        let mut out = [0; 5];
        assert!(!playing.fill(Law::Mu, &mut out));
        assert_eq!(linear(Law::Mu, &out), [924, -924, 924, -924, 924]);
        assert!(!playing.fill(Law::Mu, &mut out[..1]));
        assert_eq!(linear(Law::Mu, &out[..1]), [-924]);
    }

    #[test]
    fn nothing_to_play_is_over_at_once() {
        assert!(play(&[], true).fill(Law::Mu, &mut [0; 4]));
    }
}
