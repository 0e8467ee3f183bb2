//! What a step costs in memory: an input decided and its events taken up, without a view; and the
//! view alone.
//!
//! CPU time of this thread; each round decides the same in copies of one state. Every line
//! `figure …` is one that `cargo xtask bench dialogue` prints beside its goal.

use std::hint::black_box;
use std::time::Duration;

use caruso_dialogue::{Input, Scope, Script, Start, State, View, compile, dtd, handle};
use caruso_markup::Document;
use rustix::time::{ClockId, clock_gettime};

/// Questions of the script.
const LENGTH: usize = 50;
const ROUNDS: usize = 31;
/// Copies that are decided in within one round.
const COPIES: u32 = 500;

fn main() {
    let document = Document::read("long.xml", long_script(), dtd()).expect("it follows the DTD");
    let script = compile(&document, &Scope::default()).expect("it makes sense");
    let mut state = State::default();
    let start = Start { session: "s".into(), request: "r".into(), ..Start::default() };
    take(&script, &mut state, &Input::Start(start));
    for step in 0..LENGTH {
        let input = answer(&state, step, true);
        match step {
            0 => measure(&script, &state, &input, "dialogue.first_step_us"),
            49 => measure(&script, &state, &input, "dialogue.step_us"),
            _ => {}
        }
        take(&script, &mut state, &input);
    }
    let change = answer(&state, 0, false);
    measure(&script, &state, &change, "dialogue.change_us");
    let view = || black_box(View::of(&script, black_box(&state)));
    let rounds = (0..ROUNDS).map(|_| spent(|| (0..COPIES).for_each(|_| drop(view()))));
    tell(rounds.collect(), "dialogue.view_us");
}

/// Each question leads to the next, or past it, by two conditions.
fn long_script() -> String {
    let mut text = String::from(
        r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
        <script id="long" version="1.0.0" language="en" channels="agent" start="q0">
        <title>Fifty questions</title>"#,
    );
    for n in 0..LENGTH {
        let name = |n: usize| if n < LENGTH { format!("q{n}") } else { "over".to_owned() };
        let (next, past) = (name(n + 1), name(n + 2));
        text.push_str(&format!(
            r#"<ask id="q{n}" type="yes-no"><say>Question {n}?</say>
            <next when="not q{n}" to="{past}"/><next when="q{n}" to="{next}"/></ask>"#
        ));
    }
    text + r#"<info id="over"><say>Done.</say><next to="end"/></info><end id="end" outcome="done"/>
        </script>"#
}

fn take(script: &Script, state: &mut State, input: &Input) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let outcome = handle(script, state, input, now).expect("it fits");
    outcome.events.iter().for_each(|event| state.apply(event));
}

fn answer(state: &State, step: usize, value: bool) -> Input {
    Input::Answer {
        request: format!("0192f0c1-7a4e-7cc0-8000-{:012}", state.sequence()),
        sequence: state.sequence(),
        step: format!("q{step}"),
        row: String::new(),
        value: value.to_string(),
        special: None,
        reason: String::new(),
    }
}

fn measure(script: &Script, state: &State, input: &Input, figure: &str) {
    let rounds = (0..ROUNDS).map(|_| {
        let mut copies: Vec<State> = (0..COPIES).map(|_| state.clone()).collect();
        spent(|| copies.iter_mut().for_each(|state| take(script, state, input)))
    });
    tell(rounds.collect(), figure);
}

/// Microseconds for each copy, of what is done to all.
fn spent(all: impl FnOnce()) -> f64 {
    let before = cpu();
    all();
    (cpu() - before).as_secs_f64() * 1e6 / f64::from(COPIES)
}

fn tell(mut rounds: Vec<f64>, figure: &str) {
    rounds.sort_by(f64::total_cmp);
    let (least, median) = (rounds[0], rounds[ROUNDS / 2]);
    println!("{figure}: {least:.2} at best, {median:.2} in the middle of {ROUNDS} rounds");
    println!("figure {figure} {median} {}", ROUNDS * COPIES as usize);
}

/// CPU time that this thread has used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
