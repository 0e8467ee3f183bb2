//! One customer at the keypad: a view of the script in, prompts and answers out. Pure.

use std::time::Duration;

use caruso_api::script::v1::{PromptRole, Question, View, view::State};

/// How long a key is waited for where the script does not say.
const DEFAULT_NO_INPUT: Duration = Duration::from_secs(5);

/// What happened on the customer's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A key.
    Key(char),
    /// The prompts were played to their end.
    Played,
    /// Nothing came within the time of [`Todo::Listen`].
    Silence,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    /// Play these recordings, one after the other; a key ends them. [`Heard::Played`] follows.
    Play(Vec<String>),
    /// Wait for a key this long. [`Heard::Silence`] follows if none comes.
    Listen(Duration),
    /// Answer the script's step and go on with the view that comes back.
    Answer { sequence: u64, step: String, value: String },
    /// Wait for the script's next view: it waits for something itself.
    Await,
    /// The script handed the customer over.
    HandOff { queue: String, attributes: Vec<(String, String)> },
    /// The script is at its end.
    Finish,
    /// The script cannot go on with this customer.
    GiveUp,
}

/// The conversation about one view.
#[derive(Clone, Debug)]
pub(crate) struct Conversation {
    view: View,
    retries: u32,
    is_answered: bool,
}

impl Conversation {
    /// Begins with a view: what to say first.
    pub(crate) fn begin(view: View) -> (Self, Todo) {
        let conversation = Self { view, retries: 0, is_answered: false };
        let todo = match &conversation.view.state {
            Some(State::Waiting(_)) => Todo::Await,
            None => Todo::GiveUp,
            Some(_) => conversation.say(&[PromptRole::Say]),
        };
        (conversation, todo)
    }

    /// Goes on after something was heard.
    pub(crate) fn heard(&mut self, heard: Heard) -> Option<Todo> {
        if self.is_answered {
            return None;
        }
        match self.view.state.clone()? {
            State::Question(question) => self.heard_at_question(&question, heard),
            State::Information(_) if heard == Heard::Played => Some(self.answer(String::new())),
            State::HandOff(to) if heard == Heard::Played => {
                let attributes = to.attributes.into_iter().collect();
                Some(self.done(Todo::HandOff { queue: to.queue, attributes }))
            }
            State::End(_) if heard == Heard::Played => Some(self.done(Todo::Finish)),
            // a key during a message that asks nothing is no answer
            _ => None,
        }
    }

    fn heard_at_question(&mut self, question: &Question, heard: Heard) -> Option<Todo> {
        match heard {
            Heard::Played => Some(Todo::Listen(patience(question))),
            Heard::Silence => Some(self.again(question, PromptRole::NoInput)),
            Heard::Key(key) => {
                let chosen = question.choices.iter().find(|choice| choice.key == key.to_string());
                Some(match chosen {
                    Some(choice) => self.answer(choice.value.clone()),
                    None => self.again(question, PromptRole::NoMatch),
                })
            }
        }
    }

    /// Silence or a wrong key: says so and asks again, as often as the script allows; then the
    /// step's default answer counts, and without one the conversation is given up.
    fn again(&mut self, question: &Question, role: PromptRole) -> Todo {
        if self.retries < question.maximum_retries {
            self.retries += 1;
            return self.say(&[role, PromptRole::Say]);
        }
        if question.default_value.is_empty() {
            return self.done(Todo::GiveUp);
        }
        self.answer(question.default_value.clone())
    }

    fn answer(&mut self, value: String) -> Todo {
        let (sequence, step) = (self.view.sequence, self.view.step.clone());
        self.done(Todo::Answer { sequence, step, value })
    }

    fn done(&mut self, todo: Todo) -> Todo {
        self.is_answered = true;
        todo
    }

    /// The recordings of these roles, in the order of the roles. A text without a recording is not
    /// heard; the check of the application reports it.
    fn say(&self, roles: &[PromptRole]) -> Todo {
        let of = |role: PromptRole| {
            let prompts = self.view.prompts.iter();
            prompts.filter(move |p| p.role() == role && !p.recording.is_empty())
        };
        let recordings = roles.iter().flat_map(|role| of(*role)).map(|p| p.recording.clone());
        Todo::Play(recordings.collect())
    }
}

fn patience(question: &Question) -> Duration {
    match question.no_input_after_ms {
        0 => DEFAULT_NO_INPUT,
        milliseconds => Duration::from_millis(u64::from(milliseconds)),
    }
}

#[cfg(test)]
mod tests {
    use caruso_api::script::v1::{Choice, End, HandOff, Information, Prompt, Waiting};

    use super::*;

    fn prompt(role: PromptRole, recording: &str) -> Prompt {
        Prompt { role: role.into(), text: "…".to_owned(), recording: recording.to_owned() }
    }

    fn view(state: State) -> View {
        View {
            sequence: 7,
            step: "topic".to_owned(),
            prompts: vec![
                prompt(PromptRole::Say, "ask"),
                prompt(PromptRole::NoInput, "silent"),
                prompt(PromptRole::NoMatch, "wrong"),
                prompt(PromptRole::Say, ""),
            ],
            state: Some(state),
            ..View::default()
        }
    }

    fn menu(default_value: &str) -> View {
        let choice = |value: &str, key: &str| Choice {
            value: value.to_owned(),
            label: String::new(),
            key: key.to_owned(),
        };
        view(State::Question(Question {
            choices: vec![choice("fault", "1"), choice("moving", "2")],
            no_input_after_ms: 3000,
            maximum_retries: 1,
            default_value: default_value.to_owned(),
            ..Question::default()
        }))
    }

    fn play(recordings: &[&str]) -> Todo {
        Todo::Play(recordings.iter().map(ToString::to_string).collect())
    }

    fn answer(value: &str) -> Option<Todo> {
        Some(Todo::Answer { sequence: 7, step: "topic".to_owned(), value: value.to_owned() })
    }

    #[test]
    fn a_key_answers_even_while_the_prompt_plays_and_counts_once() {
        let (mut talk, first) = Conversation::begin(menu(""));
        assert_eq!(first, play(&["ask"]));
        assert_eq!(talk.heard(Heard::Key('2')), answer("moving"));
        assert_eq!(talk.heard(Heard::Key('1')), None);
        assert_eq!(talk.heard(Heard::Played), None);
    }

    #[test]
    fn silence_and_wrong_keys_share_the_retries_and_then_the_default_counts() {
        let (mut talk, _) = Conversation::begin(menu("fault"));
        assert_eq!(talk.heard(Heard::Played), Some(Todo::Listen(Duration::from_secs(3))));
        assert_eq!(talk.heard(Heard::Silence), Some(play(&["silent", "ask"])));
        assert_eq!(talk.heard(Heard::Played), Some(Todo::Listen(Duration::from_secs(3))));
        assert_eq!(talk.heard(Heard::Key('9')), answer("fault"));
    }

    #[test]
    fn without_a_default_the_conversation_is_given_up() {
        let (mut talk, _) = Conversation::begin(menu(""));
        assert_eq!(talk.heard(Heard::Key('9')), Some(play(&["wrong", "ask"])));
        assert_eq!(talk.heard(Heard::Key('9')), Some(Todo::GiveUp));
    }

    #[test]
    fn what_asks_nothing_goes_on_when_it_was_played() {
        let (mut talk, _) = Conversation::begin(view(State::Information(Information {})));
        assert_eq!(talk.heard(Heard::Key('1')), None);
        assert_eq!(talk.heard(Heard::Played), answer(""));

        let to = HandOff { queue: "faults".to_owned(), attributes: Default::default() };
        let (mut talk, first) = Conversation::begin(view(State::HandOff(to)));
        assert_eq!(first, play(&["ask"]));
        let handed = Todo::HandOff { queue: "faults".to_owned(), attributes: Vec::new() };
        assert_eq!(talk.heard(Heard::Played), Some(handed));

        let (mut talk, _) = Conversation::begin(view(State::End(End::default())));
        assert_eq!(talk.heard(Heard::Played), Some(Todo::Finish));
    }

    #[test]
    fn a_script_that_waits_is_waited_for() {
        let (_, first) = Conversation::begin(view(State::Waiting(Waiting::default())));
        assert_eq!(first, Todo::Await);
    }
}
