//! `caruso script run`: a conversation in the terminal. Actions are shown and never sent.

mod data;
mod messages;
mod terminal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use caruso_application::Application;
use caruso_application::dialogue::{
    Channel, Datum, Effect, Given, Input, Order, Refusal, Script, Shown, Special, Start, State,
    Task, View, handle,
};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Named, Opened};
use crate::Format;
use terminal::{answered, presented, spoken_of};

/// What `caruso script run` is told.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    named: Named,
    /// Where it runs; the agent's desk, if it can
    #[arg(long)]
    channel: Option<On>,
    /// The customer's, as nl or nl-BE; the script's own without it
    #[arg(long, value_name = "TAG", default_value = "", hide_default_value = true)]
    language: String,
    /// Inputs and data as JSON: {"customer": {"key": "K1", "name": "…"}}; nothing is asked for then
    #[arg(long, value_name = "FILE", conflicts_with = "test")]
    data: Option<PathBuf>,
    /// Inputs and data of this test of the script; nothing is asked for then
    #[arg(long, value_name = "NAME")]
    test: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum On {
    /// The agent's desk
    Agent,
    /// The telephone keypad
    Ivr,
    /// Messages: texts, and replies in words
    Message,
    /// A web page of the customer's own
    Web,
}

/// Leads the conversation; 1 when it is broken off before its end.
pub(super) fn run(options: &Options, format: Format) -> anyhow::Result<ExitCode> {
    let Opened { application, script, .. } = match options.named.open(format)? {
        Ok(opened) => opened,
        Err(unsound) => return Ok(unsound),
    };
    let given = given(options, &application, &script)?;
    let channel = match options.channel {
        Some(On::Agent) => Channel::Agent,
        Some(On::Ivr) => Channel::Ivr,
        Some(On::Message) => Channel::Message,
        Some(On::Web) => Channel::Web,
        None => script.channels().next().unwrap_or_default(),
    };
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let has_prompts = format == Format::Text && input.is_terminal();
    let mut silent = std::io::sink();
    let output: &mut dyn Write = if format == Format::Text { &mut output } else { &mut silent };
    let mut conversation =
        Conversation::new(&script, &application, given, Lines { input, output, has_prompts });
    let has_ended = conversation.lead(channel, &options.language)?;
    let document = conversation.document();
    if format == Format::Json {
        println!("{document}");
    }
    Ok(if has_ended { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is known beforehand; nothing if it is to be asked for.
fn given(
    options: &Options,
    application: &Application,
    script: &Script,
) -> anyhow::Result<Option<BTreeMap<String, Given>>> {
    if let Some(name) = &options.test {
        let Some((_, given)) = script.tests().find(|(known, _)| known == name) else {
            let known: Vec<_> = script.tests().map(|(name, _)| format!("“{name}”")).collect();
            bail!("the script has no test “{name}”; it has {}", known.join(", "));
        };
        return Ok(Some(given.clone()));
    }
    let Some(path) = &options.data else { return Ok(None) };
    let said = || format!("in the data file {}", path.display());
    let text = std::fs::read_to_string(path).with_context(said)?;
    let Value::Object(members) = serde_json::from_str(&text).with_context(said)? else {
        bail!("{}: an object is wanted, whose members are inputs and data", said());
    };
    let mut given = BTreeMap::new();
    for (name, value) in members {
        let Some((_, class)) = script.sources().find(|(known, _)| *known == name) else {
            bail!("{}: the script has no input or data `{name}`", said());
        };
        let read = data::given(&value, class, application);
        given.insert(name.clone(), read.with_context(|| format!("`{name}` {}", said()))?);
    }
    Ok(Some(given))
}

/// Where answers come from and where texts go.
struct Lines<'o, R> {
    input: R,
    output: &'o mut dyn Write,
    /// Whether somebody sits there who wants to know that it is their turn.
    has_prompts: bool,
}

impl<R: BufRead> Lines<'_, R> {
    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.output, "{text}")?)
    }

    /// The next line; nothing at the end.
    fn read(&mut self) -> anyhow::Result<Option<String>> {
        if self.has_prompts {
            write!(self.output, "> ")?;
            self.output.flush()?;
        }
        let mut line = String::new();
        let bytes = self.input.read_line(&mut line)?;
        Ok((bytes > 0).then(|| line.trim().to_owned()))
    }
}

struct Conversation<'a, R> {
    script: &'a Script,
    application: &'a Application,
    given: BTreeMap<String, Given>,
    /// Whether what is not given is asked for.
    asks: bool,
    lines: Lines<'a, R>,
    state: State,
    requests: usize,
    effects: VecDeque<Effect>,
    orders: Vec<Order>,
    clock: fn() -> Timestamp,
    /// How much later it is for the conversation: waits that were passed over.
    passed: SignedDuration,
}

/// What came of a line.
enum Turn {
    /// Somebody answered, or asked for something else; on with what the script shows.
    Next,
    /// There is nobody there any more.
    Gone,
}

impl<'a, R: BufRead> Conversation<'a, R> {
    fn new(
        script: &'a Script,
        application: &'a Application,
        given: Option<BTreeMap<String, Given>>,
        lines: Lines<'a, R>,
    ) -> Self {
        let (asks, given) = (given.is_none(), given.unwrap_or_default());
        let (state, requests, effects) = (State::default(), 0, VecDeque::new());
        Self {
            script,
            application,
            given,
            asks,
            lines,
            state,
            requests,
            effects,
            orders: Vec::new(),
            clock: Timestamp::now,
            passed: SignedDuration::ZERO,
        }
    }

    /// To the end of the conversation; false if it was broken off.
    fn lead(&mut self, channel: Channel, language: &str) -> anyhow::Result<bool> {
        let inputs = self.inputs()?;
        let actor = (channel == Channel::Agent).then(|| "agent".to_owned());
        self.input(Input::Start(Start {
            session: "run".to_owned(),
            request: "start".to_owned(),
            channel,
            language: language.to_owned(),
            actor,
            contact: None,
            inputs,
        }))?;
        if channel == Channel::Message {
            return self.exchange();
        }
        loop {
            if let Turn::Gone = self.carry_out_all()? {
                return self.broken_off();
            }
            let view = self.view()?;
            self.lines.say(&presented(&view))?;
            let turn = match &view.shown {
                Shown::Question(_) | Shown::Information => self.turn(&view)?,
                Shown::HandOff { .. } | Shown::End { .. } => {
                    let trail: Vec<String> = view.trail.iter().map(answered).collect();
                    self.lines.say(&trail.join("\n"))?;
                    return Ok(true);
                }
                Shown::Paused { .. } => self.turn(&view)?,
                Shown::Waiting { .. } | Shown::Cancelled { .. } => return Ok(false),
            };
            if let Turn::Gone = turn {
                return self.broken_off();
            }
        }
    }

    fn broken_off(&mut self) -> anyhow::Result<bool> {
        let step = self.view()?.step;
        self.lines.say(&format!("broken off at `{step}`"))?;
        Ok(false)
    }

    fn view(&self) -> anyhow::Result<View> {
        View::of(self.script, &self.state).context("the conversation has not begun")
    }

    fn input(&mut self, input: Input) -> anyhow::Result<()> {
        let now = (self.clock)().saturating_add(self.passed)?;
        let outcome = handle(self.script, &self.state, &input, now)?;
        outcome.events.iter().for_each(|event| self.state.apply(event));
        self.effects.extend(outcome.effects);
        Ok(())
    }

    fn inputs(&mut self) -> anyhow::Result<BTreeMap<String, Datum>> {
        let script = self.script;
        let mut inputs = BTreeMap::new();
        for (name, class, _) in script.inputs() {
            self.ask_for(name, class)?;
            let datum = match (self.given.get(name), class) {
                (Some(Given::Text(text)), None) => {
                    script.read_input(name, text).map_err(anyhow::Error::msg)?
                }
                (Some(Given::Objects(objects)), Some(class)) => match objects.first() {
                    Some(object) => {
                        Datum::Reference { class: class.to_owned(), key: object.key.clone() }
                    }
                    None => continue,
                },
                _ => continue,
            };
            inputs.insert(name.to_owned(), datum);
        }
        Ok(inputs)
    }

    /// Asks until it is given, or there is nobody there any more.
    fn ask_for(&mut self, name: &str, class: Option<&str>) -> anyhow::Result<()> {
        while self.asks && !self.given.contains_key(name) {
            self.lines.say(&match class {
                None => format!("{name}: a value, or nothing"),
                Some(class) => {
                    format!(
                        "{name}: a {class} as {{\"key\": \"…\", …}}, several in [ ], or nothing"
                    )
                }
            })?;
            let line = self.lines.read()?.unwrap_or_default();
            let read = match class {
                _ if line.is_empty() => return Ok(()),
                None => match self.script.read_input(name, &line) {
                    Ok(_) => Ok(Given::Text(line)),
                    Err(wanted) => Err(anyhow::anyhow!(wanted)),
                },
                Some(_) => serde_json::from_str(&line)
                    .map_err(anyhow::Error::from)
                    .and_then(|value| data::given(&value, class, self.application)),
            };
            match read {
                Ok(given) => drop(self.given.insert(name.to_owned(), given)),
                Err(error) => self.lines.say(&format!("! {error:#}"))?,
            }
        }
        Ok(())
    }

    fn carry_out_all(&mut self) -> anyhow::Result<Turn> {
        while let Some(effect) = self.effects.pop_front() {
            if let Turn::Gone = self.carry_out(effect)? {
                return Ok(Turn::Gone);
            }
        }
        Ok(Turn::Next)
    }

    fn carry_out(&mut self, effect: Effect) -> anyhow::Result<Turn> {
        match effect {
            Effect::Read(read) => {
                self.ask_for(&read.name, Some(&read.class))?;
                let objects = match self.given.get(&read.name) {
                    Some(Given::Objects(objects)) => objects.clone(),
                    _ => Vec::new(),
                };
                self.input(Input::Data { read, objects })?;
            }
            Effect::Perform(order) => {
                self.lines.say(&spoken_of(&order))?;
                self.orders.push(order.clone());
                if order.wait_until.is_some() {
                    return self.settle(order);
                }
            }
            Effect::WakeAt { .. } | Effect::GoOnAt { .. } => {}
        }
        Ok(Turn::Next)
    }

    /// Asks what becomes of an action that the conversation waits for.
    fn settle(&mut self, order: Order) -> anyhow::Result<Turn> {
        loop {
            let ask = "what becomes of it? done, done {\"name\": value, …}, failed REASON, late";
            self.lines.say(ask)?;
            let Some(line) = self.lines.read()? else { return Ok(Turn::Gone) };
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let (key, reason) = (order.key.clone(), rest.to_owned());
            let input = match word {
                "done" => {
                    let results = match data::results(rest, &order.task, self.application) {
                        Ok(results) => results,
                        Err(error) => {
                            self.lines.say(&format!("! {error:#}"))?;
                            continue;
                        }
                    };
                    let is_object = matches!(order.task, Task::Create { .. });
                    let object = is_object.then(|| "new".to_owned());
                    let revision = object.as_ref().map(|_| "1".to_owned());
                    let summary = order.title.clone();
                    Input::Confirmed { key, results, object, revision, summary }
                }
                "failed" => Input::Failed { key, reason },
                "late" => Input::Overdue { key },
                _ => continue,
            };
            self.input(input)?;
            return Ok(Turn::Next);
        }
    }

    /// Takes a line: an answer to the step that is shown, or a word with a colon before it.
    fn turn(&mut self, view: &View) -> anyhow::Result<Turn> {
        let Some(line) = self.lines.read()? else { return Ok(Turn::Gone) };
        let asked = match &view.shown {
            Shown::Question(question) => Some(question),
            _ => None,
        };
        let (value, special) = terminal::value(&line, asked);
        let Some(command) = line.strip_prefix(':').filter(|_| special.is_none()) else {
            self.answer((&view.step, &view.row), &value, special)?;
            return Ok(Turn::Next);
        };
        let (word, rest) = command.split_once(' ').unwrap_or((command, ""));
        match (word, rest.trim()) {
            ("back", count) => {
                let count = if count.is_empty() { Ok(1) } else { count.parse::<usize>() };
                let at = count.ok().and_then(|count| view.trail.len().checked_sub(count));
                let Some(earlier) = at.and_then(|at| view.trail.get(at)) else {
                    self.lines.say("! there are not as many answers")?;
                    return Ok(Turn::Next);
                };
                self.change(earlier)
            }
            ("begin", interrupt) => {
                self.requests += 1;
                let (request, sequence) = (self.requests.to_string(), self.state.sequence());
                let interrupt = interrupt.to_owned();
                if let Err(refusal) = self.input(Input::Interrupt { request, sequence, interrupt })
                {
                    self.lines.say(&format!("! {refusal}"))?;
                }
                Ok(Turn::Next)
            }
            ("wait", _) => {
                if let Shown::Paused { until, .. } = &view.shown {
                    self.passed = until.duration_since((self.clock)()).max(self.passed);
                    let (step, row) = (view.step.clone(), view.row.clone());
                    self.input(Input::Due { step, row })?;
                } else {
                    self.lines.say("! nothing is waited for")?;
                }
                Ok(Turn::Next)
            }
            ("hang-up", _) => {
                self.requests += 1;
                self.input(Input::HangUp { request: self.requests.to_string() })?;
                Ok(Turn::Next)
            }
            ("trail", _) => {
                let trail: Vec<String> = view.trail.iter().map(answered).collect();
                self.lines.say(&trail.join("\n"))?;
                Ok(Turn::Next)
            }
            ("quit", _) => Ok(Turn::Gone),
            _ => {
                let words = "! :back N changes an earlier answer, :trail shows all, :begin ID \
                    begins an interrupt, :hang-up is the customer's, :wait lets the time of a wait \
                    pass, :quit";
                self.lines.say(words)?;
                Ok(Turn::Next)
            }
        }
    }

    fn change(&mut self, earlier: &caruso_application::dialogue::Answered) -> anyhow::Result<Turn> {
        if earlier.is_row && earlier.asked.is_none() {
            self.lines.say("! the row is one of a list or chosen before, or an interrupt came")?;
            return Ok(Turn::Next);
        }
        if let Some(reason) = &earlier.locked_because {
            self.lines.say(&format!("! {reason}"))?;
            return Ok(Turn::Next);
        }
        let consequences = terminal::consequences(earlier);
        if !consequences.is_empty() {
            self.lines.say(&consequences)?;
        }
        self.lines.say(&terminal::asked_again(earlier))?;
        let Some(line) = self.lines.read()? else { return Ok(Turn::Gone) };
        let (value, special) = terminal::value(&line, earlier.asked.as_ref());
        self.answer((&earlier.step, &earlier.row), &value, special)?;
        Ok(Turn::Next)
    }

    /// Answers, or says why that is refused. What is doubted is answered again with a reason, if
    /// somebody gives one.
    fn answer(
        &mut self,
        (step, row): (&str, &str),
        value: &str,
        special: Option<Special>,
    ) -> anyhow::Result<()> {
        let mut reason = String::new();
        loop {
            self.requests += 1;
            let answer = self.input(Input::Answer {
                request: self.requests.to_string(),
                sequence: self.state.sequence(),
                step: step.to_owned(),
                row: row.to_owned(),
                value: value.to_owned(),
                special,
                reason,
            });
            let Err(refusal) = answer else { return Ok(()) };
            self.lines.say(&format!("! {refusal}"))?;
            let Some(Refusal::Doubtful(_)) = refusal.downcast_ref() else { return Ok(()) };
            self.lines.say("why is it right? An empty line takes it back")?;
            reason = self.lines.read()?.unwrap_or_default();
            if reason.is_empty() {
                return Ok(());
            }
        }
    }

    /// What came of it, for programs.
    fn document(&self) -> Value {
        let Ok(view) = self.view() else { return json!({}) };
        let (outcome, queue) = match &view.shown {
            Shown::End { outcome } => (Some(outcome), None),
            Shown::HandOff { queue, .. } => (None, Some(queue)),
            _ => (None, None),
        };
        json!({
            "script": view.script,
            "step": view.step,
            "outcome": outcome,
            "queue": queue,
            "answers": view.trail,
            "actions": self.orders,
        })
    }
}
