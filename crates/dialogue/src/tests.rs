mod called_data;
mod calls;
mod checks;
mod computed;
mod doubts;
mod email;
mod goals;
mod hang_up;
mod hostile;
mod inputs;
mod interrupts;
mod journal;
mod matrices;
mod overlays;
mod pages;
mod property;
mod readings;
mod rosters;
mod sections;
mod several;
mod special;
mod spoken;
mod stories;
mod tables;
mod texts;
mod typed;
mod undo;
mod waits;

use std::collections::BTreeMap;

use caruso_expression::Type;
use caruso_markup::{Document, Finding};
use jiff::Timestamp;

use crate::*;

pub(crate) const MAIN_MENU: &str =
    include_str!("../../../examples/utilities/scripts/main-menu.xml");
pub(crate) const FAULT_REPORT: &str =
    include_str!("../../../examples/utilities/scripts/fault-report.xml");
pub(crate) const MOVING_HOUSE: &str =
    include_str!("../../../examples/utilities/scripts/moving-house.xml");

pub(crate) const OVERLAY: &str =
    include_str!("../../../examples/utilities/overlays/contract-renewal.xml");
pub(crate) const CALL_BACK: &str =
    include_str!("../../../examples/utilities/scripts/call-back.xml");
pub(crate) const CONTACT_DETAILS: &str =
    include_str!("../../../examples/utilities/scripts/contact-details.xml");

pub(crate) const METER_READING: &str =
    include_str!("../../../examples/utilities/scripts/meter-reading.xml");

pub(crate) const MOVE_ONLINE: &str =
    include_str!("../../../examples/utilities/scripts/move-online.xml");

pub(crate) const SURVEY: &str =
    include_str!("../../../examples/utilities/scripts/satisfaction-survey.xml");

const PROMPTS: [&str; 6] = [
    "connecting-faults",
    "connecting-moving",
    "topic-menu",
    "topic-no-input",
    "topic-no-match",
    "welcome",
];

pub(crate) fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a timestamp")
}

fn class(attributes: &[(&str, Type, bool)]) -> Class {
    let attributes = attributes.iter().map(|(name, ty, is_required)| {
        let ty = if *is_required { ty.clone() } else { ty.clone().optional() };
        ((*name).to_owned(), Attribute { ty, is_required: *is_required, is_derived: false })
    });
    Class { attributes: attributes.collect(), ..Class::default() }
}

fn object(class: &str) -> Type {
    Type::Object(class.into())
}

/// What routing knows of a contact in tests.
fn contact_attributes() -> BTreeMap<String, Type> {
    let tier = Type::choice("tier", ["gold", "silver"]);
    [("tier".to_owned(), tier), ("vip".to_owned(), Type::Bool)].into()
}

/// The part of the utilities' model that their scripts use.
pub(crate) fn scope() -> Scope {
    let text = Type::Text;
    let kinds = ["no_supply", "partial", "smell_of_gas", "meter", "other"];
    let mut classes = BTreeMap::new();
    let mut add = |name: &str, attributes: &[_]| {
        classes.insert(name.to_owned(), class(attributes));
    };
    add(
        "Customer",
        &[
            ("number", text.clone(), true),
            ("name", text.clone(), true),
            ("segment", Type::choice("segment", ["household", "business"]), true),
            ("is_life_support", Type::Bool, true),
        ],
    );
    add(
        "Connection",
        &[
            ("ean", text.clone(), true),
            ("medium", Type::choice("medium", ["electricity", "gas", "heat"]), true),
            ("street", text.clone(), true),
            ("house_number", text.clone(), true),
            ("city", text.clone(), true),
            ("customer", object("Customer"), true),
        ],
    );
    add(
        "FaultReport",
        &[
            ("kind", Type::choice("fault_kind", kinds), true),
            ("description", text.clone(), false),
            ("urgency", Type::choice("urgency", ["normal", "high", "emergency"]), true),
            ("reported_at", Type::Instant, true),
            ("reported_by", text.clone(), false),
            ("contact", text.clone(), false),
            ("service_order", text.clone(), false),
            ("customer", object("Customer"), true),
            ("connection", object("Connection"), false),
        ],
    );
    add(
        "Move",
        &[
            ("new_street", text.clone(), true),
            ("new_house_number", text.clone(), true),
            ("new_postal_code", text.clone(), true),
            ("new_city", text.clone(), true),
            ("moving_date", Type::Date, true),
            ("meter_reading", Type::Decimal, false),
            ("phone", text.clone(), false),
            ("bill_by_email", Type::Bool, false),
            ("email", text.clone(), false),
            ("refund_iban", text.clone(), false),
            ("customer", object("Customer"), true),
            ("connection", object("Connection"), false),
        ],
    );
    let invoice = Class { held_by: Some("billing".into()), ..class(&[("number", text, true)]) };
    classes.extend([("Invoice".into(), invoice), ("Interaction".into(), interaction())]);
    add_numbers(&mut classes);
    Scope {
        classes,
        queues: ["faults", "moving"].map(str::to_owned).into(),
        contact_attributes: contact_attributes(),
        operations: operations(),
        prompts: PROMPTS.map(|it| (it.to_owned(), recorded(it))).into(),
        zone: jiff::tz::TimeZone::get("Europe/Amsterdam").ok(),
        country: caruso_object_model::phone::Country::by_code("NL"),
        ..Scope::default()
    }
}

fn interaction() -> Class {
    class(&[
        ("customer", object("Customer"), false),
        ("channel", Type::Text, false),
        ("started_at", Type::Instant, true),
        ("topic", Type::Text, false),
        ("note", Type::Text, false),
    ])
}

/// In English, and one in Dutch as well.
fn recorded(name: &str) -> Recorded {
    let mut ids = BTreeMap::from([("en".to_owned(), name.to_owned())]);
    if name == "welcome" {
        ids.insert("nl".to_owned(), "nl/welcome".to_owned());
    }
    Recorded { ids }
}

/// The storage manager gives a new object its number.
fn add_numbers(classes: &mut BTreeMap<String, Class>) {
    let number = Attribute { ty: Type::Int, is_required: false, is_derived: false };
    let total = Attribute { is_derived: true, ..number.clone() };
    for name in ["FaultReport", "Move"] {
        let class: &mut Class = classes.get_mut(name).expect("it was just added");
        class.attributes.insert("number".to_owned(), number.clone());
        class.attributes.insert("total".to_owned(), total.clone());
    }
}

fn operations() -> BTreeMap<String, Operation> {
    let text = Type::Text;
    let parameters = class(&[
        ("customer", text.clone(), true),
        ("connection", text.clone(), true),
        ("kind", text.clone(), true),
        ("urgency", text.clone(), true),
        ("text", text.clone(), false),
    ]);
    let results = BTreeMap::from([("order".to_owned(), text.clone())]);
    let create = Operation { parameters: parameters.attributes, results };
    let parameters = class(&[("order", text.clone(), true), ("reason", text, false)]).attributes;
    let cancel = Operation { parameters, results: BTreeMap::new() };
    BTreeMap::from([
        ("erp.create_service_order".to_owned(), create),
        ("erp.cancel_service_order".to_owned(), cancel),
    ])
}

/// A script with these things in it, whose first step is `a`.
pub(crate) fn script(channels: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE script SYSTEM \"dialogue-script.dtd\">\n<script id=\"s\" version=\"1\" \
         language=\"en\" channels=\"{channels}\" start=\"a\"><title>T</title>\n{body}</script>"
    )
}

pub(crate) fn compiled(text: &str) -> Script {
    let result = check(text);
    result.unwrap_or_else(|findings| panic!("{}", lines(&findings)))
}

/// All findings of a script, those about the DTD first.
pub(crate) fn check(text: &str) -> Result<Script, Vec<Finding>> {
    let document = Document::read("s.xml", text, dtd())?;
    compile(&document, &scope())
}

pub(crate) fn lines(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(|it| format!("{} {it}", it.code)).collect();
    lines.join("\n")
}

/// A session with the world around it, which answers reads at once unless told otherwise.
pub(crate) struct Session<'s> {
    pub(crate) script: &'s Script,
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) now: Timestamp,
    requests: u32,
}

impl<'s> Session<'s> {
    /// Begins; `customer` is known or not.
    pub(crate) fn start(script: &'s Script, channel: Channel, customer: bool) -> Self {
        let (state, events, effects) = (State::default(), Vec::new(), Vec::new());
        let mut session = Self { script, state, events, effects, now: now(), requests: 0 };
        let key = Datum::Reference { class: "Customer".into(), key: "K1".into() };
        let mut inputs =
            BTreeMap::from([("calling_number".to_owned(), Datum::Text("+31612345678".into()))]);
        if customer {
            inputs.insert("customer".to_owned(), key);
        }
        let start = Start {
            session: "s1".into(),
            request: "r0".into(),
            channel,
            language: String::new(),
            actor: Some("anna".into()),
            contact: Some("c1".into()),
            inputs,
        };
        session.input(Input::Start(start)).expect("it starts");
        session
    }

    pub(crate) fn input(&mut self, input: Input) -> Result<(), Refusal> {
        let outcome = handle(self.script, &self.state, &input, self.now)?;
        outcome.events.iter().for_each(|event| self.state.apply(event));
        self.events.extend(outcome.events);
        self.effects.extend(outcome.effects);
        Ok(())
    }

    /// Data that is to be read now.
    pub(crate) fn wanted(&self, name: &str) -> Read {
        let mut reads = crate::outstanding::reads(self.script, &self.state).into_iter();
        reads.find(|it| it.name == name).expect("it is to be read")
    }

    /// Answers every read that is outstanding.
    pub(crate) fn read(&mut self, customer: &[Snapshot], connections: &[Snapshot]) {
        for effect in outstanding(self.script, &self.state) {
            if let Effect::Read(read) = effect {
                let objects = if read.class == "Customer" { customer } else { connections };
                let input = Input::Data { read, objects: objects.to_vec() };
                self.input(input).expect("data is never refused");
            }
        }
        if outstanding(self.script, &self.state).iter().any(|it| matches!(it, Effect::Read(_))) {
            self.read(customer, connections);
        }
    }

    pub(crate) fn answer(&mut self, step: &str, value: &str) -> Result<(), Refusal> {
        self.reply(step, value, None, "")
    }

    pub(crate) fn reply(
        &mut self,
        step: &str,
        value: &str,
        special: Option<Special>,
        reason: &str,
    ) -> Result<(), Refusal> {
        self.requests += 1;
        let request = format!("r{}", self.requests);
        let sequence = self.state.sequence();
        let (step, value, reason) = (step.to_owned(), value.to_owned(), reason.to_owned());
        let row = String::new();
        self.input(Input::Answer { request, sequence, step, row, value, special, reason })
    }

    pub(crate) fn answers(&mut self, answers: &[(&str, &str)]) {
        for (step, value) in answers {
            let result = self.answer(step, value);
            result.unwrap_or_else(|refusal| panic!("{step} = {value}: {refusal}"));
        }
    }

    pub(crate) fn view(&self) -> View {
        View::of(self.script, &self.state).expect("it has started")
    }
}

pub(crate) fn customer(is_life_support: bool) -> Vec<Snapshot> {
    let attributes = BTreeMap::from([
        ("number".to_owned(), Datum::Text("K1".into())),
        ("name".to_owned(), Datum::Text("J. de Vries".into())),
        ("segment".to_owned(), Datum::Choice("business".into())),
        ("is_life_support".to_owned(), Datum::Bool(is_life_support)),
    ]);
    vec![Snapshot { key: "K1".into(), attributes }]
}

pub(crate) fn connections(media: &[&str]) -> Vec<Snapshot> {
    let connections = media.iter().enumerate().map(|(number, medium)| {
        let text = |text: &str| Datum::Text(text.to_owned());
        let key = format!("8716{number:014}");
        let attributes = BTreeMap::from([
            ("ean".to_owned(), text(&key)),
            ("medium".to_owned(), Datum::Choice((*medium).to_owned())),
            ("street".to_owned(), text("Dorpsstraat")),
            ("house_number".to_owned(), text("12 B")),
            ("city".to_owned(), text("Baarn")),
            (
                "customer".to_owned(),
                Datum::Reference { class: "Customer".into(), key: "K1".into() },
            ),
        ]);
        Snapshot { key, attributes }
    });
    connections.collect()
}
