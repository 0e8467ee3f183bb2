//! What a step costs in memory: an input decided and its events taken up, without a view; the view
//! alone; a session read back from its events; scripts compiled. xstate beside it, on the same
//! dialogue.
//!
//! CPU time of this thread; each round decides the same in copies of one state. Every line
//! `figure …` is one that `cargo xtask bench dialogue` prints beside its goal.

mod check;
mod xstate;

use std::hint::black_box;
use std::time::Duration;

use caruso_dialogue::{Event, Input, Scope, Script, Start, State, View, compile, dtd, handle};
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
    let mut events = take(&script, &mut state, &Input::Start(start));
    let mut all = 0.0;
    for step in 0..LENGTH {
        let input = answer(&state, step, true);
        let spent = measure(&script, &state, &input);
        all += middle(&spent);
        match step {
            0 => tell(&spent, "dialogue.first_step_us"),
            _ if step + 1 == LENGTH => tell(&spent, "dialogue.last_step_us"),
            _ => {}
        }
        events.extend(take(&script, &mut state, &input));
    }
    let step = all / LENGTH as f64;
    println!("figure dialogue.step_us {step} {}", LENGTH * ROUNDS * COPIES as usize);
    let change = measure(&script, &state, &answer(&state, 0, false));
    tell(&change, "dialogue.change_us");
    compare(step, middle(&change));
    let view = || black_box(View::of(&script, black_box(&state)));
    tell(&rounds(|| (0..COPIES).for_each(|_| drop(view()))), "dialogue.view_us");
    let resume = || black_box(State::replay(black_box(&events)));
    tell(&rounds(|| (0..COPIES).for_each(|_| drop(resume()))), "dialogue.replay_us");
    check::measure();
}

/// The same with xstate.
fn compare(step: f64, change: f64) {
    match xstate::measure() {
        Ok(peer) => {
            let figure = |key: &str, value: f64| println!("figure dialogue.{key} {value} 3100");
            figure("xstate_step_us", peer.step);
            figure("xstate_change_us", peer.change);
            figure("xstate_actor_kb", peer.actor / 1000.0);
            figure("xstate_steps", peer.step / step);
            figure("xstate_changes", peer.change / change);
        }
        Err(error) => println!("xstate is left out: {error}"),
    }
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

fn take(script: &Script, state: &mut State, input: &Input) -> Vec<Event> {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let outcome = handle(script, state, input, now).expect("it fits");
    outcome.events.iter().for_each(|event| state.apply(event));
    outcome.events
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

/// Microseconds of an input, in each round.
fn measure(script: &Script, state: &State, input: &Input) -> Vec<f64> {
    let round = |_| {
        let mut copies: Vec<State> = (0..COPIES).map(|_| state.clone()).collect();
        let take = |state| drop(take(script, state, input));
        spent(|| copies.iter_mut().for_each(take))
    };
    sorted((0..ROUNDS).map(round))
}

/// The same of what is done [`COPIES`] times.
fn rounds(all: impl Fn()) -> Vec<f64> {
    sorted((0..ROUNDS).map(|_| spent(&all)))
}

/// Microseconds for each copy, of what is done to all.
fn spent(all: impl FnOnce()) -> f64 {
    let before = cpu();
    all();
    (cpu() - before).as_secs_f64() * 1e6 / f64::from(COPIES)
}

fn sorted(rounds: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut rounds: Vec<f64> = rounds.collect();
    rounds.sort_by(f64::total_cmp);
    rounds
}

fn middle(rounds: &[f64]) -> f64 {
    rounds[rounds.len() / 2]
}

fn tell(rounds: &[f64], figure: &str) {
    let (least, median) = (rounds[0], middle(rounds));
    println!("{figure}: {least:.2} at best, {median:.2} in the middle of {ROUNDS} rounds");
    println!("figure {figure} {median} {}", ROUNDS * COPIES as usize);
}

/// CPU time that this thread has used.
fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
