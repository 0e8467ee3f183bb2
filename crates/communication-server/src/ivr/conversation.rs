//! One customer at the keypad: a view of the script in, prompts and answers out. Pure.

use std::time::Duration;

use caruso_api::script::v1::{Choice, PromptRole, Question, View, view::State};

use super::keys;
use super::speaking::{Piece, pieces};

/// How long a key is waited for where the script does not say.
const DEFAULT_NO_INPUT: Duration = Duration::from_secs(5);
/// Choices that have keys at a time, where there are more.
const PAGE: usize = 9;

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
    /// Play these pieces, one after the other; a key ends them. [`Heard::Played`] follows.
    Play(Vec<Piece>),
    /// Wait for a key this long. [`Heard::Silence`] follows if none comes.
    Listen(Duration),
    /// Answer the script's step, in a row if it stands in a roster, and go on with the view that
    /// comes back.
    Answer { sequence: u64, step: String, row: String, value: String },
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
    /// Keys of an answer that is being typed.
    typed: String,
    is_answered: bool,
    /// Which choices are said, where there are more than have keys at a time.
    page: usize,
    /// What is answered now is all that is left to be said.
    is_last: bool,
}

impl Conversation {
    /// Begins with a view: what to say first.
    pub(crate) fn begin(view: View) -> (Self, Todo) {
        let conversation = Self {
            view,
            retries: 0,
            typed: String::new(),
            is_answered: false,
            page: 0,
            is_last: false,
        };
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
            // it goes on without the customer
            State::End(_) | State::Paused(_) if heard == Heard::Played => {
                Some(self.done(Todo::Finish))
            }
            // a key during a message that asks nothing is no answer
            _ => None,
        }
    }

    fn heard_at_question(&mut self, question: &Question, heard: Heard) -> Option<Todo> {
        match heard {
            Heard::Played => Some(Todo::Listen(patience(question))),
            Heard::Silence if self.typed.is_empty() => {
                Some(self.again(question, PromptRole::NoInput))
            }
            Heard::Silence => Some(self.enter(question)),
            Heard::Key(key) if question.maximum_keys > 0 => Some(self.typed(question, key)),
            Heard::Key('0') if !question.more.is_empty() => {
                self.page += 1;
                Some(Todo::Play(self.menu(question)))
            }
            Heard::Key(key) => {
                let mut here = self.page_of(question).iter();
                let chosen = here.find(|choice| choice.key == key.to_string());
                Some(match chosen {
                    Some(choice) => self.answer(choice.value.clone()),
                    None => self.again(question, PromptRole::NoMatch),
                })
            }
        }
    }

    /// The choices among which keys choose now.
    fn page_of<'q>(&self, question: &'q Question) -> &'q [Choice] {
        if question.more.is_empty() {
            return &question.choices;
        }
        let pages = question.choices.len().div_ceil(PAGE).max(1);
        question.choices.chunks(PAGE).nth(self.page % pages).unwrap_or_default()
    }

    /// What is said about keys.
    fn menu(&self, question: &Question) -> Vec<Piece> {
        let said = self.page_of(question).iter().flat_map(|it| &it.pieces).chain(&question.more);
        pieces(said, &self.view.language)
    }

    /// One more key of an answer of several.
    fn typed(&mut self, question: &Question, key: char) -> Todo {
        match key {
            '#' => return self.enter(question),
            '0'..='9' => self.typed.push(key),
            '*' if keys::has_point(question) && !self.typed.contains(key) => self.typed.push(key),
            _ => {
                self.typed.clear();
                return self.again(question, PromptRole::NoMatch);
            }
        }
        if self.typed.len() >= question.maximum_keys as usize {
            return self.enter(question);
        }
        Todo::Listen(patience(question))
    }

    /// What was typed is all of it.
    fn enter(&mut self, question: &Question) -> Todo {
        let typed = std::mem::take(&mut self.typed);
        match keys::value(question, &typed) {
            Some(value) if typed.len() >= question.minimum_keys.max(1) as usize => {
                self.answer(value)
            }
            _ => self.again(question, PromptRole::NoMatch),
        }
    }

    /// Goes on after the script did not take the answer, as after a wrong key; gives up where that
    /// was the default.
    pub(crate) fn refused(&mut self) -> Todo {
        match self.view.state.clone() {
            Some(State::Question(question)) if !self.is_last => {
                self.is_answered = false;
                self.again(&question, PromptRole::NoMatch)
            }
            _ => self.done(Todo::GiveUp),
        }
    }

    /// Silence or a wrong key: says so and asks again, as often as the script allows; then the
    /// step's default answer counts. Without one, what is not required is passed, and else the
    /// conversation is given up.
    fn again(&mut self, question: &Question, role: PromptRole) -> Todo {
        if self.retries < question.maximum_retries {
            self.retries += 1;
            return self.say(&[role, PromptRole::Say]);
        }
        if question.default_value.is_empty() && question.is_required {
            return self.done(Todo::GiveUp);
        }
        self.is_last = true;
        self.answer(question.default_value.clone())
    }

    fn answer(&mut self, value: String) -> Todo {
        let View { sequence, step, row, .. } = &self.view;
        let (sequence, step, row) = (*sequence, step.clone(), row.clone());
        self.done(Todo::Answer { sequence, step, row, value })
    }

    fn done(&mut self, todo: Todo) -> Todo {
        self.is_answered = true;
        todo
    }

    /// What is said in these roles, in the order of the roles; at last, what is said about keys.
    fn say(&self, roles: &[PromptRole]) -> Todo {
        let of = |role: PromptRole| self.view.prompts.iter().filter(move |p| p.role() == role);
        let prompts = roles.iter().flat_map(|role| of(*role));
        let mut said: Vec<Piece> =
            prompts.flat_map(|it| pieces(&it.pieces, &it.language)).collect();
        if let Some(State::Question(question)) = &self.view.state {
            said.extend(self.menu(question));
        }
        Todo::Play(said)
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
    use caruso_api::script::v1::piece::Kind;
    use caruso_api::script::v1::{
        End, HandOff, Information, Paused, Prompt, QuestionType, Waiting,
    };

    use super::*;

    /// A piece by the name of its recording, or a text behind `=`.
    fn wire(piece: &str) -> caruso_api::script::v1::Piece {
        let kind = match piece.strip_prefix('=') {
            Some(text) => Kind::Text(text.to_owned()),
            None => Kind::Recording(piece.to_owned()),
        };
        caruso_api::script::v1::Piece { kind: Some(kind) }
    }

    fn prompt(role: PromptRole, pieces: &[&str]) -> Prompt {
        let pieces = pieces.iter().map(|it| wire(it)).collect();
        let (text, language) = ("…".to_owned(), "nl".to_owned());
        Prompt { role: role.into(), text, language, pieces }
    }

    fn view(state: State) -> View {
        View {
            sequence: 7,
            step: "topic".to_owned(),
            prompts: vec![
                prompt(PromptRole::Say, &["ask"]),
                prompt(PromptRole::NoInput, &["silent"]),
                prompt(PromptRole::NoMatch, &["wrong"]),
                prompt(PromptRole::Say, &[]),
            ],
            language: "en".to_owned(),
            state: Some(state),
            ..View::default()
        }
    }

    fn menu(default_value: &str) -> View {
        let choice = |value: &str, key: &str| Choice {
            value: value.to_owned(),
            label: String::new(),
            key: key.to_owned(),
            pieces: Vec::new(),
        };
        view(State::Question(Question {
            choices: vec![choice("fault", "1"), choice("moving", "2")],
            no_input_after_ms: 3000,
            maximum_retries: 1,
            default_value: default_value.to_owned(),
            is_required: true,
            ..Question::default()
        }))
    }

    fn play(all: &[&str]) -> Todo {
        let piece = |it: &&str| match it.split_once('=') {
            Some((language, text)) => {
                Piece::Text { language: language.to_owned(), text: text.to_owned() }
            }
            None => Piece::Recording((*it).to_owned()),
        };
        Todo::Play(all.iter().map(piece).collect())
    }

    fn answer(value: &str) -> Option<Todo> {
        answer_in("", value)
    }

    fn answer_in(row: &str, value: &str) -> Option<Todo> {
        let (step, row, value) = ("topic".to_owned(), row.to_owned(), value.to_owned());
        Some(Todo::Answer { sequence: 7, step, row, value })
    }

    #[test]
    fn what_is_asked_about_a_row_is_answered_in_it() {
        let (mut talk, _) = Conversation::begin(View { row: "2".to_owned(), ..menu("") });
        assert_eq!(talk.heard(Heard::Key('1')), answer_in("2", "fault"));
    }

    #[test]
    fn a_key_answers_even_while_the_prompt_plays_and_counts_once() {
        let (mut talk, first) = Conversation::begin(menu(""));
        assert_eq!(first, play(&["ask"]));
        assert_eq!(talk.heard(Heard::Key('2')), answer("moving"));
        assert_eq!(talk.heard(Heard::Key('1')), None);
        assert_eq!(talk.heard(Heard::Played), None);
    }

    fn meter(is_required: bool) -> View {
        view(State::Question(Question {
            no_input_after_ms: 3000,
            maximum_retries: 1,
            minimum_keys: 2,
            maximum_keys: 4,
            is_required,
            ..Question::default()
        }))
    }

    fn typed(talk: &mut Conversation, keys: &str) -> Option<Todo> {
        keys.chars().map(|key| talk.heard(Heard::Key(key))).last().flatten()
    }

    #[test]
    fn digits_are_ended_by_the_last_one_by_a_key_or_by_silence() {
        let listen = Some(Todo::Listen(Duration::from_secs(3)));
        let (mut talk, _) = Conversation::begin(meter(true));
        assert_eq!(typed(&mut talk, "007"), listen);
        assert_eq!(talk.heard(Heard::Played), listen, "the first key ended the prompt");
        assert_eq!(talk.heard(Heard::Key('1')), answer("0071"));
        let (mut talk, _) = Conversation::begin(meter(true));
        assert_eq!(typed(&mut talk, "12#"), answer("12"));
        let (mut talk, _) = Conversation::begin(meter(true));
        assert_eq!(typed(&mut talk, "12"), listen);
        assert_eq!(talk.heard(Heard::Silence), answer("12"));
    }

    #[test]
    fn too_few_digits_are_a_wrong_key_and_typed_anew() {
        let (mut talk, _) = Conversation::begin(meter(false));
        assert_eq!(typed(&mut talk, "1#"), Some(play(&["wrong", "ask"])));
        assert_eq!(typed(&mut talk, "23*"), answer(""), "what is not required is passed");
        let (mut talk, _) = Conversation::begin(meter(true));
        assert_eq!(talk.heard(Heard::Silence), Some(play(&["silent", "ask"])));
        assert_eq!(typed(&mut talk, "#"), Some(Todo::GiveUp));
    }

    #[test]
    fn an_answer_that_is_refused_is_asked_again_and_a_refused_default_ends_it() {
        let (mut talk, _) = Conversation::begin(meter(false));
        assert_eq!(typed(&mut talk, "99#"), answer("99"));
        assert_eq!(talk.refused(), play(&["wrong", "ask"]));
        assert_eq!(typed(&mut talk, "98#"), answer("98"));
        assert_eq!(Some(talk.refused()), answer(""));
        assert_eq!(talk.refused(), Todo::GiveUp);
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
    fn texts_are_said_in_their_language_and_the_menu_in_that_of_the_conversation() {
        let mut view = menu("");
        view.prompts[3] = prompt(PromptRole::Say, &["=U typte 0 4 2.", "phrases/een"]);
        let Some(State::Question(question)) = &mut view.state else { panic!("it asks") };
        for choice in &mut question.choices {
            choice.pieces = vec![wire(&format!("=For {}, press {}.", choice.value, choice.key))];
        }
        let said = [
            "ask",
            "nl=U typte 0 4 2.",
            "phrases/een",
            "en=For fault, press 1.",
            "en=For moving, press 2.",
        ];
        let (mut talk, first) = Conversation::begin(view);
        assert_eq!(first, play(&said));
        let again = [&["wrong"], &said[..]].concat();
        assert_eq!(talk.heard(Heard::Key('3')), Some(play(&again)));
        assert_eq!(talk.heard(Heard::Key('2')), answer("moving"));
    }

    #[test]
    fn more_than_nine_choices_are_said_nine_at_a_time() {
        let choice = |number: usize| Choice {
            value: format!("c{number}"),
            label: String::new(),
            key: (number % 9 + 1).to_string(),
            pieces: vec![wire(&format!("c{number}"))],
        };
        let many = || {
            view(State::Question(Question {
                choices: (0..20).map(choice).collect(),
                more: vec![wire("more")],
                maximum_retries: 1,
                is_required: true,
                ..Question::default()
            }))
        };
        let page = |from: usize, to: usize| {
            let names: Vec<String> = (from..to).map(|it| format!("c{it}")).collect();
            names.into_iter().chain(["more".to_owned()]).collect::<Vec<_>>()
        };
        let said = |names: Vec<String>| play(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let (mut talk, first) = Conversation::begin(many());
        assert_eq!(first, said([vec!["ask".to_owned()], page(0, 9)].concat()));
        assert_eq!(talk.heard(Heard::Key('0')), Some(said(page(9, 18))));
        assert_eq!(talk.heard(Heard::Key('0')), Some(said(page(18, 20))));
        let wrong = [vec!["wrong".to_owned(), "ask".to_owned()], page(18, 20)].concat();
        assert_eq!(talk.heard(Heard::Key('3')), Some(said(wrong)), "there are but two");
        assert_eq!(talk.heard(Heard::Key('0')), Some(said(page(0, 9))), "and round again");
        talk.heard(Heard::Key('0'));
        assert_eq!(talk.heard(Heard::Key('2')), answer("c10"));
    }

    /// The type of a question, its fewest and most keys, keys, and the answer; nothing after a
    /// wrong key.
    type Typed = (QuestionType, (u32, u32), &'static str, Option<&'static str>);

    const TYPED: &[Typed] = &[
        (QuestionType::Date, (8, 8), "01122026", Some("2026-12-01")),
        (QuestionType::Date, (8, 8), "0112#", None),
        (QuestionType::Date, (8, 8), "01*", None),
        (QuestionType::Time, (4, 4), "1430", Some("14:30")),
        (QuestionType::Time, (4, 4), "14#", None),
        (QuestionType::Phone, (3, 17), "0305550100#", Some("0305550100")),
        (QuestionType::Decimal, (1, 20), "12*5#", Some("12.5")),
        (QuestionType::Money, (1, 20), "12*50#", Some("12.50")),
        (QuestionType::Money, (1, 20), "12#", Some("12")),
        (QuestionType::Money, (1, 20), "12*#", Some("12")),
        (QuestionType::Money, (1, 20), "*50#", Some("0.50")),
        (QuestionType::Money, (1, 20), "*#", None),
        (QuestionType::Money, (1, 20), "1*2*", None),
        (QuestionType::Integer, (1, 4), "1*", None),
    ];

    #[test]
    fn what_is_typed_becomes_a_value_of_the_type() {
        for (kind, (minimum_keys, maximum_keys), typed, expected) in TYPED {
            let (mut talk, _) = Conversation::begin(view(State::Question(Question {
                r#type: (*kind).into(),
                minimum_keys: *minimum_keys,
                maximum_keys: *maximum_keys,
                maximum_retries: 1,
                is_required: true,
                ..Question::default()
            })));
            let expected = expected.map_or_else(|| Some(play(&["wrong", "ask"])), answer);
            assert_eq!(self::typed(&mut talk, typed), expected, "{kind:?} {typed}");
        }
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

        for over in [State::End(End::default()), State::Paused(Paused::default())] {
            let (mut talk, _) = Conversation::begin(view(over));
            assert_eq!(talk.heard(Heard::Played), Some(Todo::Finish));
        }
    }

    #[test]
    fn a_script_that_waits_is_waited_for() {
        let (_, first) = Conversation::begin(view(State::Waiting(Waiting::default())));
        assert_eq!(first, Todo::Await);
    }
}
