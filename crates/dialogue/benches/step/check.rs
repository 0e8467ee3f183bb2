//! What it takes to check a script with all its proofs, as `caruso script check` does for each.

use std::fmt::Write as _;

use caruso_dialogue::{Scope, compile, dtd, lint};
use caruso_markup::Document;

use crate::{cpu, middle, sorted};

const ROUNDS: usize = 5;

/// Scripts of 200 and of 5,000 steps, read, compiled and looked over.
pub(crate) fn measure() {
    for (steps, figure) in [(200, "dialogue.check_200_ms"), (5000, "dialogue.check_5000_ms")] {
        let text = script(steps);
        let round = |_| {
            let before = cpu();
            let document = Document::read("many.xml", text.clone(), dtd()).expect("it is valid");
            let scope = Scope::default();
            compile(&document, &scope).expect("it makes sense");
            lint(&document, &scope);
            (cpu() - before).as_secs_f64() * 1000.0
        };
        let spent = sorted((0..ROUNDS).map(round));
        println!("figure {figure} {} {ROUNDS}", middle(&spent));
    }
}

/// Questions with choices and numbers by turns, whose transitions must be proved to leave nothing
/// open; every fifth step is a fork on an answer of before. Short, so that all fits into a file.
fn script(steps: usize) -> String {
    let mut text = String::from(
        r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
        <script id="many" version="1.0.0" language="en" channels="agent" start="s0">
        <title>Many steps</title>"#,
    );
    for n in 0..steps {
        let name = |n: usize| if n < steps { format!("s{n}") } else { "end".to_owned() };
        let (next, past) = (name(n + 1), name(n + 2));
        let written = match n % 5 {
            0 | 2 => write!(
                text,
                r#"<ask id="s{n}" type="choice"><say>{n}?</say>
                <choice value="a">A</choice><choice value="b">B</choice>
                <next when="s{n} eq 'a'" to="{next}"/><next when="s{n} eq 'b'" to="{past}"/></ask>"#
            ),
            1 | 3 => write!(
                text,
                r#"<ask id="s{n}" type="integer" min="0" max="99"><say>{n}?</say>
                <next when="s{n} lt 9" to="{past}"/><next when="s{n} ge 9" to="{next}"/></ask>"#
            ),
            _ => {
                let (before, condition) = (n - 2, "eq 'a'");
                write!(
                    text,
                    r#"<decide id="s{n}"><next when="has(s{before}) and s{before} {condition}"
                    to="{past}"/><next to="{next}"/></decide>"#
                )
            }
        };
        written.expect("a string takes all");
    }
    text + r#"<end id="end" outcome="done"/></script>"#
}
