//! The compiled script.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Type;
use caruso_markup::Finding;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub(crate) use crate::action::{Action, ActionKind, Assignment, Compensation, Undo};
use crate::answers::StepName;
use crate::datum::Datum;
use crate::environment::Environment;
use crate::formula::Formula;
use crate::interrupts::Interrupt;
use crate::keypad::Keypad;
use crate::languages::suiting;
use crate::left::{self, Left};
use crate::pages;
use crate::quick::Quick;
use crate::rows::{Roster, Rows};
use crate::special::{Special, question_of};
use crate::spoken::Vocabularies;
use crate::suite::Suite;
use crate::texts::{Audience, Filled, Text};
use crate::typed::Typed;

/// A checked script, ready to be walked. It is immutable; a running session stays on it.
#[derive(Debug)]
pub struct Script {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) digest: String,
    pub(crate) title: Text,
    pub(crate) language: String,
    /// Those that it has beside its own.
    pub(crate) languages: Vec<String>,
    pub(crate) channels: BTreeSet<Channel>,
    pub(crate) start: String,
    /// The zone of the application.
    pub(crate) zone: TimeZone,
    pub(crate) sources: BTreeMap<String, Source>,
    /// Whether scripts that it calls read data, which answers may decide.
    pub(crate) reads_on_the_way: bool,
    /// Seconds after which data is read anew, by its name.
    pub(crate) max_ages: BTreeMap<String, u32>,
    /// By id.
    pub(crate) steps: Vec<Step>,
    /// In the order of the file.
    pub(crate) interrupts: Vec<Interrupt>,
    /// Where each action's results come from: step and action by number, the steps by id.
    pub(crate) results: BTreeMap<String, Vec<(usize, usize)>>,
    pub(crate) suite: Suite,
    /// Of which values are put together on the telephone.
    pub(crate) vocabularies: Vocabularies,
    /// What can be heard there only where a voice says texts.
    pub(crate) unheard: Vec<Unheard>,
    pub(crate) advice: Vec<Finding>,
}

/// A text, or a value in one, that nobody recorded for the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheard {
    /// Where it stands, and what to do about it.
    pub finding: Finding,
    /// Whether a question would be asked there that nobody hears.
    pub is_question: bool,
}

/// Where a script runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Beside an agent's conversation.
    #[default]
    Agent,
    /// On the telephone, by prompts and keys.
    Ivr,
    /// By mail, chat or SMS.
    Message,
    /// On a web page, by the customers themselves.
    Web,
}

impl Channel {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Agent, Self::Ivr, Self::Message, Self::Web];

    /// By which scripts know it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Ivr => "ivr",
            Self::Message => "message",
            Self::Web => "web",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// Which script a session runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptRef {
    /// Its name.
    pub id: String,
    /// Its version, as written in it.
    pub version: String,
    /// SHA-256 of its file's content as the checker read it, in hexadecimal.
    pub digest: String,
}

impl Script {
    /// Name, version and digest.
    pub fn reference(&self) -> ScriptRef {
        let (id, version) = (self.id.clone(), self.version.clone());
        ScriptRef { id, version, digest: self.digest.clone() }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What people call it in a language, as on the web.
    pub fn title_in(&self, language: &str) -> String {
        self.title.plain(Audience { language, channel: Channel::Web })
    }

    /// The languages of its texts, as BCP 47 has them, its own first.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.language).chain(&self.languages).map(String::as_str)
    }

    /// That of its languages which suits who wants this one: its own, if none does.
    pub fn language_for(&self, wanted: &str) -> &str {
        suiting(wanted, &self.language, &self.languages)
    }

    /// Whether it can run there.
    pub fn runs_on(&self, channel: Channel) -> bool {
        self.channels.contains(&channel)
    }

    /// Where it can run: at the desk first, then on the telephone, by messages, on the web.
    pub fn channels(&self) -> impl Iterator<Item = Channel> {
        self.channels.iter().copied()
    }

    /// What people call it, in its own language.
    pub fn title(&self) -> String {
        let channel = self.channels.first().copied().unwrap_or_default();
        self.title.plain(Audience { language: &self.language, channel })
    }

    /// What is no mistake and yet most likely not meant, as far as only the compiler sees it; the
    /// rest is said by [`lint`](crate::lint).
    pub fn advice(&self) -> &[Finding] {
        &self.advice
    }

    /// What can be heard on the telephone only where a voice says texts, in the order of the file.
    pub fn unheard(&self) -> &[Unheard] {
        &self.unheard
    }

    /// Texts without values that nobody recorded for the telephone: the language, and the text.
    pub fn texts_to_say(&self) -> impl Iterator<Item = (&str, String)> {
        let steps = self.steps.iter().filter(|_| self.runs_on(Channel::Ivr));
        let prompts = steps.flat_map(|it| &it.prompts);
        let heard = prompts.filter(|it| it.is_for(Channel::Ivr));
        heard.flat_map(|it| it.text.unrecorded())
    }

    /// The inputs it declares: name, class of a business object or nothing for a value, and
    /// whether it must be given.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, Option<&str>, bool)> {
        self.sources.iter().filter_map(|(name, source)| match source {
            Source::Value { is_required, .. } => Some((name.as_str(), None, *is_required)),
            Source::Object { class, is_required } => {
                Some((name.as_str(), Some(class.as_str()), *is_required))
            }
            Source::Found { .. } | Source::Related { .. } | Source::Reading { .. } => None,
        })
    }

    /// The value of an input that a text means, as it stands in tests: numbers with a point, dates
    /// as ISO 8601, money as `12.50 EUR`, yes and no as `true` and `false`.
    ///
    /// # Errors
    /// What is needed instead.
    pub fn read_input(&self, name: &str, text: &str) -> Result<Datum, String> {
        match self.sources.get(name) {
            Some(Source::Value { ty, .. }) => {
                Datum::read(text, ty).ok_or_else(|| format!("`{name}` is {ty}"))
            }
            _ => Err(format!("the script has no input `{name}` that is a value")),
        }
    }

    /// The question whose special answer a name is about.
    pub(crate) fn specially(&self, name: &str) -> Option<&Step> {
        let step = self.step(question_of(name)?)?;
        let has_some = matches!(&step.kind, StepKind::Ask(ask) if !ask.specials.is_empty());
        has_some.then_some(step)
    }

    pub(crate) fn step(&self, id: &str) -> Option<&Step> {
        let at = self.steps.binary_search_by(|step| step.id.as_str().cmp(id)).ok()?;
        self.steps.get(at)
    }
}

/// Gives the steps their numbers, and works out what the walk would look up again and again.
pub(crate) fn link(steps: BTreeMap<String, Step>, sources: &BTreeMap<String, Source>) -> Vec<Step> {
    let numbers: BTreeMap<String, usize> =
        steps.keys().enumerate().map(|(at, id)| (id.clone(), at)).collect();
    let mut quick: Vec<Vec<Option<Quick>>> = Vec::new();
    for step in steps.values() {
        let whens = step.next.iter().map(|it| it.when.as_ref());
        quick.push(whens.map(|when| Quick::new(when?.root(), &steps)).collect());
    }
    let mut steps: Vec<Step> = steps.into_values().collect();
    for ((at, step), quick) in steps.iter_mut().enumerate().zip(quick) {
        step.at = at;
        step.waits_for = step.reads().into_iter().filter(|it| sources.contains_key(it)).collect();
        for (transition, quick) in step.next.iter_mut().zip(quick) {
            transition.quick = quick;
            transition.target = numbers.get(&transition.to).copied();
        }
    }
    link_rosters(&mut steps, &numbers);
    pages::link(&mut steps, &numbers);
    left::count(&mut steps);
    steps
}

fn link_rosters(steps: &mut [Step], numbers: &BTreeMap<String, usize>) {
    let within: Vec<Vec<String>> = steps.iter().map(|it| it.rosters.clone()).collect();
    for step in steps {
        let StepKind::Row(roster) = &mut step.kind else { continue };
        roster.rows_at = numbers.get(&roster.id).copied().unwrap_or_default();
        roster.another_at = roster.another.as_ref().and_then(|it| numbers.get(it)).copied();
        let inside = within.iter().enumerate().filter(|(_, it)| it.contains(&roster.id));
        roster.inside = inside.map(|(at, _)| at).collect();
    }
}

/// A name of the script to which a step belongs, as all scripts together know it: behind the calls
/// that lead to it.
pub(crate) fn beside(step: &str, name: &str) -> String {
    match step.rsplit_once('/') {
        Some((calls, _)) => format!("{calls}/{name}"),
        None => name.to_owned(),
    }
}

/// Every action by its name.
pub(crate) fn results(steps: &[Step]) -> BTreeMap<String, Vec<(usize, usize)>> {
    let mut results: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for step in steps {
        let StepKind::Do { actions, .. } = &step.kind else { continue };
        for (number, action) in actions.iter().enumerate() {
            let name = beside(&step.id, &action.name);
            results.entry(name).or_default().push((step.at, number));
        }
    }
    results
}

/// Where a value comes from that is no answer.
#[derive(Debug)]
pub(crate) enum Source {
    /// Handed in, of a simple type.
    Value {
        ty: Type,
        is_required: bool,
    },
    Object {
        class: String,
        is_required: bool,
    },
    Found {
        class: String,
        number: Formula,
    },
    Related {
        class: String,
        attribute: String,
        to: Formula,
    },
    /// What came of reading other data.
    Reading {
        of: String,
    },
}

impl Source {
    /// The names by which data is found; none where it is handed in.
    pub(crate) fn found_by(&self) -> impl Iterator<Item = &String> {
        let (formula, of) = match self {
            Self::Found { number, .. } => (Some(number), None),
            Self::Related { to, .. } => (Some(to), None),
            Self::Reading { of } => (None, Some(of)),
            Self::Value { .. } | Self::Object { .. } => (None, None),
        };
        formula.into_iter().flat_map(Formula::reads).chain(of)
    }
}

/// Of data that a called script reads, the calls that lead to it, as `identify/`: it is read when
/// the path has come there, and by what answers may change. Nothing for that of the script itself.
pub(crate) fn calls_of(data: &str) -> Option<&str> {
    data.rfind('/').and_then(|at| data.get(..=at))
}

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) kind: StepKind,
    /// What people call the section in which it stands.
    pub(crate) section: Option<Text>,
    /// The rosters in which it stands, by the ids of the steps where their rows end.
    pub(crate) rosters: Vec<String>,
    /// Of a question on a page, the id of the step behind it.
    pub(crate) page: Option<String>,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) next: Vec<Transition>,
    /// Its id, for its answer.
    pub(crate) name: StepName,
    /// Its number among the steps.
    pub(crate) at: usize,
    /// The data that it shows.
    pub(crate) waits_for: Vec<String>,
    /// How many questions are left.
    pub(crate) left: Left,
    /// The goal that is reached here.
    pub(crate) goal: Option<String>,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Ask(Box<Ask>),
    Info,
    Decide,
    /// Where each row of a roster begins, or an interrupt.
    Row(Box<Roster>),
    /// Where rows end, and from where the roster is left; where an interrupt is over.
    Rows,
    /// Behind the questions of a page, which are these.
    Page {
        questions: Vec<String>,
    },
    Do {
        actions: Vec<Action>,
        wait_seconds: Option<u32>,
    },
    Wait {
        until: Formula,
    },
    HandOff {
        queue: String,
        attributes: Vec<(String, Formula)>,
    },
    End {
        outcome: String,
    },
}

#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) kind: AskKind,
    /// What the ends of a scale mean.
    pub(crate) ends: Option<[Text; 2]>,
    pub(crate) is_required: bool,
    /// What may be answered in place of a value.
    pub(crate) specials: Vec<Special>,
    /// What an answer must stand up to, in order.
    pub(crate) checks: Vec<Check>,
    /// The answer that is taken in the end where no reply was understood.
    pub(crate) default: Option<String>,
    /// How often it is asked again before that.
    pub(crate) retries: u32,
    /// How it is asked on the telephone, if it can be.
    pub(crate) keypad: Option<Keypad>,
}

/// What an answer must stand up to.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) test: Formula,
    /// Whether an answer that fails can be kept for a reason.
    pub(crate) is_soft: bool,
    pub(crate) message: Text,
}

#[derive(Debug)]
pub(crate) enum AskKind {
    Choice(Vec<Choice>),
    /// Some of the choices.
    Several {
        choices: Vec<Choice>,
        picks: Picks,
    },
    Object {
        class: String,
        from: String,
        each: String,
        only: Option<Formula>,
        label: Box<Text>,
    },
    YesNo {
        is_consent: bool,
    },
    Typed(Typed),
}

impl Ask {
    /// Whether there is another row.
    pub(crate) fn another() -> Self {
        Self {
            kind: AskKind::YesNo { is_consent: false },
            ends: None,
            is_required: true,
            specials: Vec::new(),
            checks: Vec::new(),
            default: None,
            retries: 2,
            keypad: None,
        }
    }
}

impl AskKind {
    /// An answer as the text that would be read as it.
    pub(crate) fn written(&self, answer: &Datum) -> String {
        match self {
            Self::Typed(typed) => typed.written(answer),
            _ => answer.to_string(),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: Text,
    /// Other words with which a reply may choose it, by the language in which they are.
    pub(crate) also: Vec<(String, Vec<String>)>,
    pub(crate) key: Option<String>,
}

/// How many of the choices of a question are picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Picks {
    /// Fewest.
    pub min: usize,
    /// Most.
    pub max: usize,
    /// Whether their order counts, the first being the most important.
    pub is_ranked: bool,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Said to the customer.
    Say,
    /// For the agent's eyes only.
    Note,
    /// After silence on the telephone.
    NoInput,
    /// After a key that means nothing here.
    NoMatch,
}

impl Role {
    pub(crate) fn belongs_to(self, channel: Channel) -> bool {
        match self {
            Self::Say => true,
            Self::Note => channel == Channel::Agent,
            Self::NoInput | Self::NoMatch => channel == Channel::Ivr,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) role: Role,
    pub(crate) text: Text,
    /// Where it is shown; nothing for everywhere.
    pub(crate) channels: Option<BTreeSet<Channel>>,
}

impl Prompt {
    pub(crate) fn is_for(&self, channel: Channel) -> bool {
        let is_meant = |only: &BTreeSet<Channel>| only.contains(&channel);
        self.role.belongs_to(channel) && self.channels.as_ref().is_none_or(is_meant)
    }
}

#[derive(Debug)]
pub(crate) struct Transition {
    pub(crate) when: Option<Formula>,
    pub(crate) to: String,
    /// The goal that is reached by it.
    pub(crate) goal: Option<String>,
    /// The same condition, where it is one on answers alone.
    pub(crate) quick: Option<Quick>,
    /// Number of that step.
    pub(crate) target: Option<usize>,
}

/// What is read out to be consented to.
pub(crate) struct Consented {
    pub(crate) text: String,
    pub(crate) language: String,
}

impl Step {
    /// What is said to the customer.
    pub(crate) fn wording(&self, environment: &Environment<'_>) -> Vec<Filled<'_>> {
        let audience = environment.audience();
        let is_said = |it: &&Prompt| it.role == Role::Say && it.is_for(audience.channel);
        let said = self.prompts.iter().filter(is_said);
        said.map(|it| it.text.fill(environment, audience)).collect()
    }

    /// The same as one text, with the languages that it is in.
    pub(crate) fn consented(&self, environment: &Environment<'_>) -> Consented {
        let said = self.wording(environment);
        let mut languages: Vec<&str> = said.iter().map(|it| it.language).collect();
        languages.dedup();
        let texts: Vec<&str> = said.iter().map(|it| it.text.as_str()).collect();
        Consented { text: texts.join(" "), language: languages.join(" ") }
    }

    /// Names that the step itself shows: in its texts and choices.
    fn reads(&self) -> BTreeSet<String> {
        let mut reads: BTreeSet<String> =
            self.prompts.iter().flat_map(|prompt| prompt.text.reads()).collect();
        if let StepKind::Ask(ask) = &self.kind
            && let AskKind::Object { from, each, only, label, .. } = &ask.kind
        {
            reads.insert(from.clone());
            reads.extend(only.iter().flat_map(|it| it.reads().clone()));
            reads.extend(label.reads());
            reads.remove(each);
        }
        if let StepKind::Row(roster) = &self.kind {
            reads.extend(roster.label.reads());
            if let Rows::Objects { from, only } = &roster.rows {
                reads.insert(from.clone());
                reads.extend(only.iter().flat_map(|it| it.reads().clone()));
            }
        }
        if let StepKind::Ask(ask) = &self.kind {
            for check in &ask.checks {
                reads.extend(check.test.reads().iter().cloned());
                reads.extend(check.message.reads());
            }
        }
        reads
    }
}
