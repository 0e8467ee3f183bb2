//! Bytes as what happens to a session: answers, right and wrong, replies, results of actions, time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use caruso_dialogue::{
    Channel, Effect, Event, Input, Operation, PageAnswer, Scope, Script, Start, State, View,
    compile, dtd, handle, outstanding,
};
use caruso_expression::Type;
use caruso_markup::Document;
use jiff::Timestamp;

/// A conversation with a question of each kind, rows, a table, actions that are taken back.
const SCRIPT: &str = include_str!("session.xml");
/// Steps of it.
const STEPS: [&str; 14] = [
    "kind", "several", "order", "sure", "count", "amount", "day", "moment", "phone", "rows/row",
    "what", "more", "look", "about",
];
const ROWS: [&str; 4] = ["", "1", "2", "99"];
const VALUES: [&str; 20] = [
    "",
    "true",
    "false",
    "one",
    "two",
    "one two",
    "two one three",
    "0",
    "3",
    "-1",
    "12.50",
    "9999999999999999999999999999",
    "2026-12-01",
    "2026-02-30",
    "2026-03-29T02:30",
    "0612345678",
    "ja",
    "1",
    "STOP",
    "a\u{0}b",
];
/// The most that happens to one session.
const MOST: usize = 60;

static COMPILED: LazyLock<Script> = LazyLock::new(|| {
    let parameter = |ty: Type| caruso_dialogue::Attribute {
        ty: ty.optional(),
        is_required: false,
        is_derived: false,
    };
    let operation = |results: &[&str]| Operation {
        parameters: BTreeMap::from([("text".to_owned(), parameter(Type::Text))]),
        results: results.iter().map(|it| ((*it).to_owned(), Type::Text.optional())).collect(),
    };
    let operations = BTreeMap::from([
        ("erp.order".to_owned(), operation(&["number"])),
        ("erp.cancel".to_owned(), operation(&[])),
    ]);
    let scope = Scope { operations, ..Scope::default() };
    let document = Document::read("session.xml", SCRIPT, dtd()).expect("it follows the DTD");
    compile(&document, &scope).unwrap_or_else(|findings| panic!("{findings:?}"))
});

/// What happens to a session, two bytes each. It always has a view, its events say all, and what
/// is sent twice counts once.
pub fn session(data: &[u8]) {
    let script = &*COMPILED;
    let Some((first, rest)) = data.split_first() else { return };
    let channel = [Channel::Agent, Channel::Message, Channel::Web][usize::from(first % 3)];
    let start = Start { session: "s".into(), request: "start".into(), channel, ..Start::default() };
    let mut story = Story { script, state: State::default(), events: Vec::new(), clock: 0 };
    story.take(&Input::Start(start));
    for pair in rest.chunks_exact(2).take(MOST) {
        if let Some(input) = story.input(pair[0], pair[1]) {
            story.take(&input);
        }
    }
    let again = State::replay(&story.events);
    assert_eq!(again, story.state, "its events do not say all");
}

struct Story<'s> {
    script: &'s Script,
    state: State,
    events: Vec<Event>,
    clock: i64,
}

impl Story<'_> {
    fn input(&self, what: u8, how: u8) -> Option<Input> {
        let request = format!("r{}", self.events.len());
        let of = |all: &[&str], by: u8| all[usize::from(by) % all.len()].to_owned();
        let view = View::of(self.script, &self.state)?;
        let sequence = self.state.sequence();
        match what {
            // all of a page at once, and what may come at any time
            0xf0..=0xf7 => {
                let answer = |step: &str, by: u8| PageAnswer {
                    step: step.to_owned(),
                    value: of(&VALUES, by),
                    ..PageAnswer::default()
                };
                let answers = vec![answer("day", how), answer("hour", how / 16)];
                let (page, row) = ("when".to_owned(), String::new());
                return Some(Input::Page { request, sequence, page, row, answers });
            }
            0xff => return Some(Input::HangUp { request }),
            0xf8..=0xfe => {
                let interrupt = of(&["complaint", "nothing"], how);
                return Some(Input::Interrupt { request, sequence, interrupt });
            }
            _ => {}
        }
        Some(match what % 16 {
            // what the step at hand asks for, or something else
            0..=6 => Input::Answer {
                request,
                sequence: self.state.sequence(),
                step: view.step,
                row: view.row,
                value: of(&VALUES, how),
                special: None,
                reason: String::new(),
            },
            7..=9 => Input::Answer {
                request,
                sequence: self.state.sequence().saturating_sub(u64::from(what.is_multiple_of(3))),
                step: of(&STEPS, how),
                row: of(&ROWS, how / 16),
                value: of(&VALUES, how / 8),
                special: None,
                reason: if how.is_multiple_of(2) { "because".into() } else { String::new() },
            },
            10 => Input::Reply { request, text: of(&VALUES, how) },
            11 => Input::Tell {
                request: if how.is_multiple_of(2) { "start".into() } else { request },
            },
            12 => Input::Confirmed {
                key: self.under_way(how)?,
                results: BTreeMap::new(),
                object: None,
                revision: None,
                summary: "done".into(),
            },
            13 => Input::Failed { key: self.under_way(how)?, reason: "no".into() },
            14 => Input::Overdue { key: self.under_way(how)? },
            _ if how < 16 => Input::Cancel { reason: "gone".into() },
            _ => Input::Continue {
                request,
                channel: [Channel::Agent, Channel::Message, Channel::Ivr][usize::from(how % 3)],
                language: of(&["", "nl", "xx"], how / 4),
                actor: how.is_multiple_of(2).then(|| "anna".to_owned()),
            },
        })
    }

    /// The key of an action that is being carried out.
    fn under_way(&self, which: u8) -> Option<String> {
        let effects = outstanding(self.script, &self.state);
        let mut keys: Vec<String> = effects
            .into_iter()
            .filter_map(|it| match it {
                Effect::Perform(order) => Some(order.key),
                _ => None,
            })
            .collect();
        if keys.is_empty() {
            return None;
        }
        let which = usize::from(which) % keys.len();
        Some(keys.swap_remove(which))
    }

    fn take(&mut self, input: &Input) {
        self.clock += 7;
        let now = Timestamp::from_second(1_800_000_000 + self.clock).expect("a time");
        let Ok(outcome) = handle(self.script, &self.state, input, now) else {
            assert!(self.state.sequence() > 0, "it begins");
            return;
        };
        for event in outcome.events {
            let json = serde_json::to_string(&event).expect("an event is JSON");
            let read: Event = serde_json::from_str(&json).expect("JSON is an event");
            assert_eq!(read, event, "an event is not what was written");
            self.state.apply(&read);
            self.events.push(read);
        }
        assert!(View::of(self.script, &self.state).is_some(), "nothing is shown");
        let again = handle(self.script, &self.state, input, now);
        assert!(again.is_err() || again.is_ok_and(|it| it.events.is_empty()), "it counts twice");
    }
}
