//! A dialogue by messages in the terminal: a line is a message.

use std::io::BufRead;

use caruso_application::dialogue::{Input, Shown, View};

use super::{Conversation, Turn};

impl<R: BufRead> Conversation<'_, R> {
    /// To the end of the dialogue; false if it was broken off.
    pub(super) fn exchange(&mut self) -> anyhow::Result<bool> {
        let mut request = "start".to_owned();
        loop {
            if let Turn::Gone = self.carry_out_all()? {
                return self.broken_off();
            }
            self.input(Input::Tell { request: request.clone() })?;
            for message in self.state.told(&request).unwrap_or_default().to_vec() {
                self.lines.say(&format!("\n{}", marked(&message)))?;
            }
            let view = self.view()?;
            if let Some(has_ended) = self.ended(&view)? {
                return Ok(has_ended);
            }
            let Some(text) = self.lines.read()? else { return self.broken_off() };
            self.requests += 1;
            request = self.requests.to_string();
            self.input(Input::Reply { request: request.clone(), text })?;
        }
    }

    /// Says how it ended, if it did, and whether that was its end.
    fn ended(&mut self, view: &View) -> anyhow::Result<Option<bool>> {
        match &view.shown {
            Shown::HandOff { queue, .. } => self.lines.say(&format!("\nto queue {queue}"))?,
            Shown::End { outcome } => self.lines.say(&format!("\nended: {outcome}"))?,
            Shown::Cancelled { reason } => {
                self.lines.say(&format!("\nbroken off: {reason}"))?;
                return Ok(Some(false));
            }
            _ => return Ok(None),
        }
        Ok(Some(true))
    }
}

/// A message with a mark before each line, so that it can be told from what is typed.
fn marked(message: &str) -> String {
    let lines: Vec<String> = message.lines().map(|it| format!("  | {it}")).collect();
    lines.join("\n")
}
