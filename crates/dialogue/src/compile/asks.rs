//! Questions: their types, bounds and choices, and how the telephone asks them.

use std::sync::Arc;

use caruso_expression::{Currency, Type};
use caruso_markup::{Attribute, Element, suggest};
use caruso_object_model::phone::Country;
use rust_decimal::Decimal;

use super::Compiler;
use super::names::Names;
use crate::codes;
use crate::keypad::{Keyed, Keypad};
use crate::script::{Ask, AskKind, Channel, Check, Choice, Picks};
use crate::special::{NONE, Special, companion};
use crate::texts::Text;
use crate::typed::Typed;

impl Compiler<'_> {
    /// Gives the answer its type. The name is that of the question, or of an item of a matrix.
    pub(super) fn declare_answer(&mut self, ask: &Element, id: Option<&Attribute>) {
        let Some(id) = id else { return };
        let full = self.names.full(&id.value);
        let ty = match ask.value("type") {
            Some("yes-no" | "consent") => Type::Bool,
            Some("integer" | "scale") => Type::Int,
            Some("decimal") => Type::Decimal,
            Some("money") => Type::Money(ask.value("currency").and_then(Currency::of)),
            Some("date") => Type::Date,
            Some("time") => Type::Time,
            Some("instant") => Type::Instant,
            Some("text" | "phone" | "email" | "iban" | "digits") => Type::Text,
            _ => match ask.child("choices") {
                Some(choices) => self.type_of_choices(choices),
                None => self.type_of_choice(id, ask),
            },
        };
        if ask.value("type") == Some("consent") {
            self.consents.push(full.clone());
        }
        let is_several = matches!(ask.value("type"), Some("multiple" | "ranking"));
        let ty = if is_several { ty.list() } else { ty };
        if is_several {
            Arc::make_mut(&mut self.names.finite).remove(&full);
        }
        if ty == Type::Bool {
            Arc::make_mut(&mut self.names.finite).insert(full.clone());
        }
        if ty.is_number() {
            let bound = |name| Decimal::from_str_exact(ask.value(name)?).ok();
            Arc::make_mut(&mut self.names.bounds).insert(full, (bound("min"), bound("max")));
        }
        let is_required = ask.value("required") != Some("no");
        let is_sure = is_required && ask.attribute("special").is_none();
        if self.declare(id, if is_sure { ty } else { ty.optional() }) {
            self.declare_special(id, ask, is_required);
        }
    }

    /// The name of the special answer.
    fn declare_special(&mut self, id: &Attribute, ask: &Element, is_required: bool) {
        let specials = self.specials(ask);
        let Some(attribute) = ask.attribute("special").filter(|_| !specials.is_empty()) else {
            return;
        };
        let question = self.names.full(&id.value);
        let name = companion(&question);
        let words: Vec<&str> = specials.iter().map(|it| it.word()).chain([NONE]).collect();
        let ty = Type::choice(name.as_str(), words.iter().copied());
        if Arc::make_mut(&mut self.names.types).insert(name.clone(), ty).is_some() {
            let message = format!("the name `{name}` of the special answer is taken");
            self.find(attribute, codes::DUPLICATE, message, None);
        }
        let word = |it: &str| Text::word(&self.language, &self.zone, it);
        let labels = words.into_iter().map(|it| (it.to_owned(), word(it))).collect();
        Arc::make_mut(&mut self.names.labels).insert(name.clone(), Arc::new(labels));
        Arc::make_mut(&mut self.names.finite).insert(name.clone());
        Arc::make_mut(&mut self.names.specials).insert(name, (question, is_required));
    }

    fn specials(&mut self, ask: &Element) -> Vec<Special> {
        let Some(attribute) = ask.attribute("special") else { return Vec::new() };
        let mut specials = Vec::new();
        for word in attribute.value.split_whitespace() {
            match Special::of(word) {
                Some(special) if specials.contains(&special) => {
                    let message = format!("`{word}` stands twice");
                    self.find(attribute, codes::DUPLICATE, message, None);
                }
                Some(special) => specials.push(special),
                None => {
                    let message = format!("there is no special answer `{word}`");
                    let hint = suggest(word, Special::ALL.map(Special::word));
                    self.find(attribute, codes::SPECIAL, message, hint);
                }
            }
        }
        specials
    }

    fn type_of_choice(&mut self, id: &Attribute, ask: &Element) -> Type {
        let names = Names::new(self.scope);
        let choices = ask.children_named("choice");
        let labels: Vec<(String, Text)> = choices
            .filter_map(|it| Some((it.value("value")?.to_owned(), self.text(it, &names))))
            .collect();
        let values = labels.iter().map(|(value, _)| value.clone());
        // the items of a matrix have one type
        let own = Type::choice(ask.value("id").unwrap_or_default(), values);
        let ty = ask.attribute("like").and_then(|like| self.type_like(like, ask)).unwrap_or(own);
        let full = self.names.full(&id.value);
        let labels = Arc::new(labels.into_iter().collect());
        Arc::make_mut(&mut self.names.labels).insert(full.clone(), labels);
        Arc::make_mut(&mut self.names.finite).insert(full);
        ty
    }

    /// The choice type of `Class.attribute`; the values of the question must be among its own.
    fn type_like(&mut self, like: &Attribute, ask: &Element) -> Option<Type> {
        let (class, attribute) = like.value.split_once('.').unwrap_or((&like.value, ""));
        let known = self.scope.classes.get(class).and_then(|it| it.attributes.get(attribute));
        let Some(Type::Choice(choice)) = known.map(|it| it.ty.present()) else {
            let choices = self.scope.classes.iter().flat_map(|(class, it)| {
                let attributes = it.attributes.iter();
                let choices =
                    attributes.filter(|(_, it)| matches!(it.ty.present(), Type::Choice(_)));
                choices.map(move |(name, _)| format!("{class}.{name}"))
            });
            let choices: Vec<String> = choices.collect();
            let hint = suggest(&like.value, choices.iter().map(String::as_str));
            let message = format!("the model has no choice `{}`", like.value);
            self.find(like, codes::UNKNOWN_ATTRIBUTE, message, hint);
            return None;
        };
        for value in ask.children_named("choice").filter_map(|it| it.attribute("value")) {
            if !choice.values.contains(&value.value) {
                let hint = suggest(&value.value, choice.values.iter().map(String::as_str));
                let message = format!("`{}` has no value `{}`", like.value, value.value);
                self.find(value, codes::UNKNOWN_ATTRIBUTE, message, hint);
            }
        }
        Some(Type::Choice(choice.clone()))
    }

    /// The class of the objects in the list, or any, if the list is a mistake found elsewhere.
    fn type_of_choices(&self, choices: &Element) -> Type {
        let from = choices.value("from");
        let from = from.and_then(|it| self.names.types.get(&self.names.full(it)));
        match from {
            Some(Type::List(element)) => (**element).clone(),
            _ => Type::Object("".into()),
        }
    }

    /// A question. Its checks may use `names`, what is shown of it only `shown`.
    pub(super) fn ask(&mut self, ask: &Element, names: &Names<'_>, shown: &Names<'_>) -> Ask {
        let kind = self.ask_kind(ask, shown);
        let is_required = ask.value("required") != Some("no");
        let is_played = self.channels.contains(&Channel::Ivr);
        let keypad = is_played.then(|| self.keypad(ask, &kind)).flatten();
        let retries = self.number(ask, "retries", 0..=5).and_then(|it| u32::try_from(it).ok());
        let retries = retries.unwrap_or_default();
        let default = self.default(ask, &kind);
        let ends = ask.child("low").zip(ask.child("high"));
        let ends = ends.map(|(low, high)| [low, high].map(|it| self.text(it, shown)));
        let beside = std::mem::take(&mut self.beside);
        let (specials, checks) = (self.specials(ask), self.checks(ask, names));
        self.beside = beside;
        Ask { kind, ends, is_required, specials, checks, default, retries, keypad }
    }

    /// What the answer must stand up to. Checks are made of an answer that is there.
    fn checks(&mut self, ask: &Element, names: &Names<'_>) -> Vec<Check> {
        let id = names.full(ask.value("id").unwrap_or_default());
        let Some(ty) = self.names.types.get(&id).map(|it| it.present().clone()) else {
            return Vec::new();
        };
        let mut names = names.as_type(id, ty);
        names.labels.clone_from(&self.names.labels);
        let mut checks = Vec::new();
        for element in ask.children_named("check") {
            let message = self.text(element, &names);
            let is_soft = element.value("kind") == Some("soft");
            let Some(test) = element.attribute("test") else { continue };
            let Some(test) = self.formula(test, &names, Some(&Type::Bool)) else { continue };
            checks.push(Check { test, is_soft, message });
        }
        checks
    }

    fn ask_kind(&mut self, ask: &Element, names: &Names<'_>) -> AskKind {
        let ty = ask.value("type").unwrap_or("choice");
        self.check_parts(ask, ty);
        let choices: Vec<&Element> = ask.children_named("choice").collect();
        match (ty, ask.child("choices")) {
            ("yes-no" | "consent", _) => AskKind::YesNo { is_consent: ty == "consent" },
            ("multiple" | "ranking", _) => self.several(ask, ty, &choices, names),
            ("choice", Some(from)) => self.objects(from, names),
            ("choice", None) => AskKind::Choice(self.choices(&choices, names)),
            // what is wrong with a type is found; any other stands in for it
            (ty, _) => AskKind::Typed(self.typed(ask, ty).unwrap_or(Typed::Date)),
        }
    }

    /// Whether choices and attributes go with the type.
    fn check_parts(&mut self, ask: &Element, ty: &str) {
        let (has_own, has_objects) =
            (ask.child("choice").is_some(), ask.child("choices").is_some());
        let message = match ty {
            "choice" if !has_own && !has_objects => {
                "a choice needs at least one `choice`, or `choices`"
            }
            "multiple" | "ranking" if has_objects => "only one of some objects can be chosen",
            "multiple" | "ranking" if !has_own => "the question needs at least one `choice`",
            "choice" | "multiple" | "ranking" => "",
            _ if has_own || has_objects => "a question of this type has no choices",
            _ if ask.attribute("like").is_some() && ask.child("choice").is_none() => {
                "`like` needs choices"
            }
            _ => "",
        };
        if !message.is_empty() {
            self.findings.push(ask.finding(codes::CHOICES, message));
        }
        if let Some(low) = ask.child("low").filter(|_| ty != "scale") {
            let message = format!("a question of type {ty} has no `low` and `high`");
            self.findings.push(low.finding(codes::CHOICES, message));
        }
        for name in ["min", "max", "decimals", "currency", "country"] {
            let Some(attribute) = ask.attribute(name) else { continue };
            if !attributes_of(ty).contains(&name) {
                let message = format!("a question of type {ty} has no `{name}`");
                self.find(attribute, codes::CHOICES, message, None);
            }
        }
    }

    /// Some of the choices: at least one, unless more or fewer are wanted; of a ranking, all.
    fn several(
        &mut self,
        ask: &Element,
        ty: &str,
        choices: &[&Element],
        names: &Names<'_>,
    ) -> AskKind {
        let choices = self.choices(choices, names);
        let (is_ranked, all) = (ty == "ranking", choices.len().max(1));
        let min = self.count(ask, "min", all).flatten();
        let max = self.count(ask, "max", all).flatten().unwrap_or(all);
        let min = min.unwrap_or(if is_ranked { max } else { 1 });
        self.check_order(ask, min <= max);
        AskKind::Several { choices, picks: Picks { min, max, is_ranked } }
    }

    /// A question with a typed answer; nothing after a finding.
    fn typed(&mut self, ask: &Element, ty: &str) -> Option<Typed> {
        Some(match ty {
            "text" => {
                let max = self.count(ask, "max", crate::MAX_TEXT)?;
                Typed::Text { max: max.unwrap_or(crate::MAX_TEXT) }
            }
            "integer" => {
                let min = self.number(ask, "min", i64::MIN..=i64::MAX).unwrap_or(i64::MIN);
                let max = self.number(ask, "max", min..=i64::MAX).unwrap_or(i64::MAX);
                Typed::Integer { min, max }
            }
            "scale" => self.scale(ask)?,
            "decimal" => {
                let (min, max) = self.bounds(ask);
                Typed::Decimal { min, max, decimals: self.decimals(ask, 6) }
            }
            "money" => {
                let (min, max) = self.bounds(ask);
                let decimals = self.decimals(ask, 2);
                Typed::Money { currency: self.currency(ask)?, min, max, decimals }
            }
            "time" => Typed::Time,
            "instant" => Typed::Instant { zone: self.zone.clone() },
            "phone" => Typed::Phone { country: self.country(ask)? },
            "email" => Typed::Email,
            "iban" => Typed::Iban,
            "digits" => {
                let min = self.count(ask, "min", crate::MAX_DIGITS)?.unwrap_or(1);
                let max = self.count(ask, "max", crate::MAX_DIGITS)?.unwrap_or(crate::MAX_DIGITS);
                self.check_order(ask, min <= max);
                Typed::Digits { min, max }
            }
            _ => Typed::Date,
        })
    }

    fn scale(&mut self, ask: &Element) -> Option<Typed> {
        let (Some(_), Some(_)) = (ask.attribute("min"), ask.attribute("max")) else {
            let message = "a scale needs `min` and `max`";
            self.findings.push(ask.finding(codes::CHOICES, message));
            return None;
        };
        let min = self.number(ask, "min", -1_000..=1_000)?;
        let max = self.number(ask, "max", min + 1..=min + crate::MAX_SCALE - 1)?;
        // what the ends mean is said in the language of whoever is asked
        Some(Typed::Scale { min, max, low: String::new(), high: String::new() })
    }

    fn currency(&mut self, ask: &Element) -> Option<Currency> {
        let Some(attribute) = ask.attribute("currency") else {
            let message = "a question of type money needs a `currency`";
            self.findings.push(ask.finding(codes::CHOICES, message));
            return None;
        };
        let currency = Currency::of(&attribute.value);
        if currency.is_none() {
            let message = format!("`{}` is no currency of ISO 4217", attribute.value);
            let hint = suggest(&attribute.value, Currency::codes());
            self.find(attribute, codes::CHOICES, message, hint);
        }
        currency
    }

    fn country(&mut self, ask: &Element) -> Option<Country> {
        let Some(attribute) = ask.attribute("country") else {
            if self.scope.country.is_none() {
                let message = "nothing says to which country a telephone number belongs";
                let finding = ask.finding(codes::CHOICES, message);
                self.findings.push(finding.with_hint("say `country`, as `NL`"));
            }
            return self.scope.country;
        };
        let country = Country::by_code(&attribute.value);
        if country.is_none() {
            let message = format!("telephone numbers of `{}` are not known", attribute.value);
            let hint = suggest(&attribute.value, Country::codes());
            self.find(attribute, codes::CHOICES, message, hint);
        }
        country
    }

    /// How many; the inner value is missing where the attribute is.
    fn count(&mut self, ask: &Element, name: &str, most: usize) -> Option<Option<usize>> {
        if ask.attribute(name).is_none() {
            return Some(None);
        }
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let count = self.number(ask, name, 1..=most)?;
        usize::try_from(count).ok().map(Some)
    }

    fn decimals(&mut self, ask: &Element, default: u32) -> u32 {
        let decimals = self.number(ask, "decimals", 0..=12).and_then(|it| u32::try_from(it).ok());
        decimals.unwrap_or(default)
    }

    /// The bounds of a decimal.
    fn bounds(&mut self, ask: &Element) -> (Option<Decimal>, Option<Decimal>) {
        let mut bound = |name: &str| {
            let attribute = ask.attribute(name)?;
            let bound = Decimal::from_str_exact(&attribute.value).ok();
            if bound.is_none() {
                let message = format!("`{name}` is a number, such as 12.5");
                self.find(attribute, codes::NUMBER, message, None);
            }
            bound
        };
        let (min, max) = (bound("min"), bound("max"));
        self.check_order(ask, min.zip(max).is_none_or(|(min, max)| min <= max));
        (min, max)
    }

    fn check_order(&mut self, ask: &Element, is_in_order: bool) {
        if let Some(max) = ask.attribute("max").filter(|_| !is_in_order) {
            self.find(max, codes::NUMBER, "`max` is less than `min`".to_owned(), None);
        }
    }

    fn choices(&mut self, elements: &[&Element], names: &Names<'_>) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        for element in elements {
            let Some(value) = element.attribute("value") else { continue };
            let key = element.attribute("key");
            if choices.iter().any(|it| it.value == value.value) {
                let message = format!("the choice `{}` stands twice", value.value);
                self.find(value, codes::DUPLICATE, message, None);
            }
            if let Some(key) = key {
                let is_key = key.value.len() == 1 && "0123456789*#".contains(&key.value);
                if !is_key {
                    let message = format!("`{}` is no telephone key", key.value);
                    let hint = "one of 0 to 9, * and #".to_owned();
                    self.find(key, codes::KEYPAD, message, Some(hint));
                } else if choices.iter().any(|it| it.key.as_deref() == Some(&key.value)) {
                    let message = format!("the key `{}` stands twice", key.value);
                    self.find(key, codes::DUPLICATE, message, None);
                }
            }
            let (value, label) = (value.value.clone(), self.text(element, names));
            let also = self.also(element, &choices);
            choices.push(Choice { value, label, also, key: key.map(|it| it.value.clone()) });
        }
        choices
    }

    fn objects(&mut self, choices: &Element, names: &Names<'_>) -> AskKind {
        let text = |name: &str| choices.value(name).unwrap_or_default().to_owned();
        let (from, each) = (self.names.full(&text("from")), text("each"));
        let is_source = self.names.is_source.contains(&from);
        let element = match self.names.types.get(&from).filter(|_| is_source) {
            Some(Type::List(element)) => (**element).clone(),
            _ => {
                let lists = self.names.types.iter().filter(|(_, ty)| matches!(ty, Type::List(_)));
                let hint = suggest(&from, lists.map(|(name, _)| name.as_str()));
                if let Some(attribute) = choices.attribute("from") {
                    let message = format!("`{from}` is no list of the script");
                    self.find(attribute, codes::UNKNOWN_DATA, message, hint);
                }
                Type::Object("".into())
            }
        };
        if let Some(attribute) = choices.attribute("each") {
            let is_taken = self.names.is_taken(&each);
            if is_taken || !super::is_identifier(&each) {
                let code = if is_taken { codes::DUPLICATE } else { codes::NAME };
                self.find(attribute, code, format!("`{each}` cannot be the name here"), None);
            }
        }
        let class = match &element {
            Type::Object(class) => class.to_string(),
            _ => String::new(),
        };
        let names = names.with(&each, element);
        let only = choices.attribute("where");
        let only = only.and_then(|it| self.formula(it, &names, Some(&Type::Bool)));
        let label = Box::new(self.text(choices, &names));
        AskKind::Object { class, from, each, only, label }
    }

    /// What is answered in the end where no reply was understood.
    fn default(&mut self, ask: &Element, kind: &AskKind) -> Option<String> {
        let default = ask.attribute("default")?;
        let is_known = match kind {
            AskKind::Choice(choices) => choices.iter().any(|it| it.value == default.value),
            AskKind::YesNo { is_consent } => {
                !is_consent && matches!(default.value.as_str(), "true" | "false")
            }
            AskKind::Typed(typed) => typed.read(&default.value).is_ok(),
            AskKind::Several { .. } | AskKind::Object { .. } => false,
        };
        if !is_known && self.channels.contains(&Channel::Message) {
            let message = "the default is none of the answers".to_owned();
            self.find(default, codes::CHOICES, message, None);
        }
        is_known.then(|| default.value.clone())
    }

    /// How a question is asked on the telephone.
    fn keypad(&mut self, ask: &Element, kind: &AskKind) -> Option<Keypad> {
        let retries = self.number(ask, "retries", 0..=5);
        let timeout = self.number(ask, "timeout", 1..=30);
        let Some(keyed) = keyed_of(kind) else {
            let message = "on the telephone, a question of this type cannot be answered by keys";
            let hint = "ask for a choice, yes or no, a number, a date, a time or digits";
            self.findings.push(ask.finding(codes::KEYPAD, message).with_hint(hint));
            return None;
        };
        let default = ask.attribute("default").map(|it| it.value.as_str());
        let is_known = default.is_none_or(|default| match kind {
            AskKind::Choice(choices) => choices.iter().any(|it| it.value == default),
            AskKind::YesNo { is_consent } => !is_consent && matches!(default, "true" | "false"),
            AskKind::Typed(typed) => typed.read(default).is_ok(),
            AskKind::Several { .. } | AskKind::Object { .. } => false,
        });
        if !is_known {
            let problem = "the default is none of the answers";
            self.findings.push(ask.finding(codes::KEYPAD, problem));
            return None;
        }
        self.hear_keys(ask, keyed);
        Some(Keypad {
            default: default.unwrap_or_default().to_owned(),
            retries: u32::try_from(retries?).ok()?,
            timeout_seconds: u32::try_from(timeout?).ok()?,
            keyed,
        })
    }
}

/// The attributes with which questions of a type are bounded.
fn attributes_of(ty: &str) -> &'static [&'static str] {
    match ty {
        "text" => &["max"],
        "integer" | "scale" | "digits" | "multiple" | "ranking" => &["min", "max"],
        "decimal" => &["min", "max", "decimals"],
        "money" => &["min", "max", "decimals", "currency"],
        "phone" => &["country"],
        _ => &[],
    }
}

/// How an answer is given by keys; nothing where it cannot be.
fn keyed_of(kind: &AskKind) -> Option<Keyed> {
    let length = |number: i64| u32::try_from(number.to_string().len()).unwrap_or(u32::MAX);
    let is_positive = |min: &Option<Decimal>| min.is_none_or(|it| !it.is_sign_negative());
    Some(match kind {
        AskKind::Choice(choices) if choices.iter().any(|it| it.key.is_some()) => Keyed::Keys,
        AskKind::Choice(_) | AskKind::Object { .. } => Keyed::Menu,
        AskKind::YesNo { .. } => Keyed::YesNo,
        AskKind::Several { .. } => return None,
        AskKind::Typed(typed) => match typed {
            Typed::Digits { min, max } => {
                Keyed::Digits(u32::try_from(*min).ok()?, u32::try_from(*max).ok()?)
            }
            Typed::Integer { min, max } | Typed::Scale { min, max, .. } if *min >= 0 => {
                Keyed::Digits(1, length(*max))
            }
            Typed::Decimal { min, .. } | Typed::Money { min, .. } if is_positive(min) => {
                Keyed::Number
            }
            Typed::Date => Keyed::Date,
            Typed::Time => Keyed::Time,
            Typed::Phone { .. } => Keyed::Phone,
            _ => return None,
        },
    })
}
