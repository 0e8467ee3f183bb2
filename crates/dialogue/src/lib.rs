//! Dialogue scripts: what an agent, or the telephone, asks and says, step by step.
//!
//! A script is XML ([`DTD`]): steps, and conditions that lead from one to the next. [`compile`]
//! checks it against what the application offers ([`Scope`]) and finds every mistake with its
//! place: unknown names, types that do not fit, steps that nothing leads to, loops, answers for
//! which there is no way on.
//!
//! Steps of a roster are walked once for each of its rows ([`Answered::row`]), which follow from
//! data and answers as the path does.
//!
//! Interrupts may come at any time. Each is walked by itself, behind the steps for which the
//! conversation is there, which then stands where it stood.
//!
//! A session is its events ([`Event`]), folded into a [`State`]. The step at which it stands is
//! in neither: it is a *function* of the state. The walk goes from the start along the first
//! open transition of each answered step and stops at the first unanswered one. So an earlier
//! answer can be changed at any time, the path follows, and answers that are then off the path
//! are kept but count for nothing.
//!
//! [`handle`] decides what follows from an [`Input`]: events to be stored, then effects to be
//! carried out. Effects are the difference of what is [`outstanding`] before and after, so a
//! process that starts anew knows from the state what it still owes. [`View::of`] is what any
//! channel shows.
//!
//! Invariants:
//! - The same events give the same state, path and view, always: time comes in with the input,
//!   data as it was read once.
//! - An action is sent at most once in a session, in a roster once for each row, under one key.
//!   When an answer that it depends on is to be changed, the script says whether that is refused,
//!   or the action stays as it is or is taken back.
//! - Every walk ends: a script has no loops.
//!
//! What it is not: it stores nothing, sends nothing, knows no clock and no channel's technique.
//!
//! ```
//! use caruso_dialogue::{Input, Scope, Shown, Start, State, View, compile, dtd, handle};
//! use caruso_markup::Document;
//!
//! let text = r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
//! <script id="tea" version="1.0.0" language="en" channels="agent" start="sugar">
//!   <title>Tea</title>
//!   <ask id="sugar" type="yes-no"><say>Do you take sugar?</say>
//!     <next when="sugar" to="sweet"/><next to="plain"/></ask>
//!   <end id="sweet" outcome="sweet"/><end id="plain" outcome="plain"/>
//! </script>"#;
//! let document = Document::read("tea.xml", text, dtd()).expect("it follows the DTD");
//! let script = compile(&document, &Scope::default()).expect("it makes sense");
//!
//! let now = jiff::Timestamp::UNIX_EPOCH;
//! let mut state = State::default();
//! let start = Input::Start(Start { session: "s1".into(), ..Start::default() });
//! for event in handle(&script, &state, &start, now).expect("it starts").events {
//!     state.apply(&event);
//! }
//! let answer = Input::Answer {
//!     request: "r1".into(),
//!     sequence: state.sequence(),
//!     step: "sugar".into(),
//!     row: String::new(),
//!     value: "true".into(),
//!     special: None,
//!     reason: String::new(),
//! };
//! for event in handle(&script, &state, &answer, now).expect("a good answer").events {
//!     state.apply(&event);
//! }
//! let view = View::of(&script, &state).expect("it has started");
//! assert_eq!(view.shown, Shown::End { outcome: "sweet".into() });
//! ```

mod action;
mod answers;
mod beginning;
pub mod codes;
mod compensation;
mod compile;
mod datum;
mod draw;
mod email;
mod environment;
mod event;
mod formula;
mod freshness;
mod goals;
mod handle;
mod interrupts;
mod keypad;
mod languages;
mod ledger;
mod left;
mod lint;
mod message;
mod outstanding;
mod overlay;
mod page_input;
mod pages;
mod parts;
mod quick;
mod refusal;
mod rows;
mod scope;
mod script;
mod special;
mod spoken;
mod state;
mod suite;
mod template;
mod texts;
mod trace;
mod typed;
mod view;
mod waits;
mod walk;
mod words;

use std::sync::LazyLock;

use caruso_markup::Dtd;

pub use beginning::Start;
pub use compile::compile;
pub use datum::{Datum, Snapshot};
pub use draw::Drawing;
pub use event::{Event, Order, Overridden, Started, Task, Wording};
pub use handle::{Input, Outcome, handle};
pub use interrupts::Offered;
pub use left::Left;
pub use lint::lint;
pub use message::{NOT_UNDERSTOOD, number as read_number};
pub use outstanding::{Effect, Read, ReadBy, outstanding};
pub use overlay::overlaid;
pub use page_input::PageAnswer;
pub use pages::{OnPage, Page};
pub use refusal::Refusal;
pub use scope::{Attribute, Class, Operation, Recorded, Scope};
pub use script::{Channel, Picks, Role, Script, ScriptRef, Unheard};
pub use special::Special;
pub use spoken::{Spoken, Vocabularies, Vocabulary};
pub use state::{CANCELLED, Closing, State};
pub use suite::{Given, SuiteRun, TestRun, TransitionRun};
pub use typed::{Bounds, Typed};
pub use view::{
    Action, ActionState, Answered, Choice, Keypad, Question, QuestionKind, Said, Shown, View,
};

/// The text of `dialogue-script.dtd`.
pub const DTD: &str = include_str!("../../../scripts-dtd/dialogue-script.dtd");

/// Most objects that a `related` list holds; what is beyond is left out.
pub const MAX_RELATED: usize = 50;
/// Longest answer of a text question, in characters.
pub const MAX_TEXT: usize = 2_000;
/// Most digits of an answer of type digits.
pub const MAX_DIGITS: usize = 40;
/// Most numbers of a scale.
pub const MAX_SCALE: i64 = 11;
/// Longest reason for keeping an answer that a check doubts, in characters.
pub const MAX_REASON: usize = 400;
/// Most requests that one session answers, changes of answers included.
pub const MAX_REQUESTS: usize = 1_000;
/// Longest message of a customer that is read, in characters.
pub const MAX_REPLY: usize = 4_000;
/// Most messages that are sent back for one.
pub const MAX_MESSAGES: usize = 10;
/// Longest id of a step, name of an action, input or data, in bytes.
pub const MAX_NAME: usize = 40;
/// Most values that a script computes: each of its own, and each that its tables set.
pub const MAX_COMPUTED: usize = 200;
/// Most rules of a table.
pub const MAX_RULES: usize = 100;
/// Most steps of a script with all that it calls.
pub const MAX_STEPS: usize = 5_000;
/// Most scripts of which each calls the next, the first included.
pub const MAX_CALLS_DEEP: usize = 8;
/// Longest id of a step with those of the calls that lead to it, in bytes; `identify/name` has two.
pub const MAX_PATH: usize = 46;
/// Most questions of a page.
pub const MAX_PAGE: usize = 12;
/// Most rows of a roster that are added or come from a list.
pub const MAX_ROWS: usize = 50;
/// Most rosters of which each stands in the next.
pub const MAX_ROSTERS_DEEP: usize = 2;
/// Most interrupts of a script.
pub const MAX_INTERRUPTS: usize = 12;
/// Most times that interrupts are begun in a session, all of them together.
pub const MAX_BEGUN: usize = 50;
/// Most choices with keys in a telephone menu about which [`lint`] has nothing to say.
pub const MAX_MENU: usize = 9;
/// Longest time that a script waits for an action, in seconds.
pub const MAX_WAIT_SECONDS: u32 = 60;
/// Longest wait of a conversation, in hours: 92 days. A later time counts as that.
pub const MAX_WAIT_HOURS: i64 = 2_208;
/// Longest time for which a script has an action tried, in seconds: a day.
pub const MAX_WITHIN_SECONDS: u32 = 86_400;

/// Longest time after which data is read anew, in seconds: a week.
pub const MAX_AGE_SECONDS: u32 = 604_800;

/// The DTD of dialogue scripts, parsed.
pub fn dtd() -> &'static Dtd {
    static PARSED: LazyLock<Dtd> = LazyLock::new(|| {
        Dtd::parse("dialogue-script.dtd", DTD).expect("the DTD is part of this crate")
    });
    &PARSED
}

#[cfg(test)]
mod tests;
