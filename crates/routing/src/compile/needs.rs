//! Skills, contact attributes, and the requirements over them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{Proficiency, SkillId};
use caruso_expression::{
    Checked, Comparison, Kind, Schema, Type, Typed, TypedKind, Value, check, parse,
};
use caruso_markup::{Attribute, Element, suggest};

use super::{Compiler, words};
use crate::configuration::{self, AttributeType, Configuration};
use crate::needs::{CONTACT, MAX_STEPS, Needs, Part, Requirement, SKILL};
use crate::{LONGEST_WRITTEN_WAIT, codes};

impl Compiler<'_> {
    pub(super) fn skill(&mut self, element: &Element, configuration: &mut Configuration) {
        let Some(attribute) = element.attribute("id") else { return };
        let Some(id) = self.identifier(attribute, "skill") else { return };
        let Some(id) = SkillId::new(&id).ok() else { return };
        if !configuration.skills.insert(id) {
            self.duplicate(attribute, "skill");
        }
    }

    pub(super) fn attribute(&mut self, element: &Element, configuration: &mut Configuration) {
        let (Some(name), Some(default)) = (element.attribute("name"), element.attribute("default"))
        else {
            return;
        };
        let Some(id) = self.identifier(name, "contact attribute") else { return };
        let Some(ty) = self.attribute_type(element, name) else { return };
        let Some(value) = ty.parse(&default.value) else {
            let message = format!("the default `{}` is no value of `{id}`", default.value);
            let hint = format!("expected {}", expected(&ty));
            self.findings.push(default.finding(codes::VALUE, message).with_hint(hint));
            return;
        };
        let declared = configuration::Attribute { ty, default: value };
        if configuration.attributes.insert(id, declared).is_some() {
            self.duplicate(name, "contact attribute");
        }
    }

    fn attribute_type(&mut self, element: &Element, name: &Attribute) -> Option<AttributeType> {
        let values = element.attribute("values");
        match (element.value("type"), values) {
            (Some("bool"), None) => Some(AttributeType::Bool),
            (Some("int"), None) => Some(AttributeType::Int),
            (Some("bool" | "int"), Some(values)) => {
                let message = "only a choice has `values`".to_owned();
                self.findings.push(values.finding(codes::VALUE, message));
                None
            }
            (_, None) => {
                let message = format!("the choice `{}` has no values", name.value);
                let finding = name.finding(codes::VALUE, message);
                self.findings.push(finding.with_hint("name them in `values`"));
                None
            }
            (_, Some(values)) => {
                let mut known = Vec::new();
                for (offset, value) in words(&values.value) {
                    if known.iter().any(|it| it == value) {
                        let message = format!("the value `{value}` is declared twice");
                        self.findings.push(values.finding_at(offset, codes::DUPLICATE, message));
                    } else {
                        known.push(value.to_owned());
                    }
                }
                Some(AttributeType::Choice(known))
            }
        }
    }

    /// A name that stands in expressions.
    fn identifier(&mut self, attribute: &Attribute, what: &str) -> Option<String> {
        let name = self.name(attribute, SkillId::new)?.to_string();
        let is_name = parse(&name).is_ok_and(|it| matches!(&it.root().kind, Kind::Name(_)));
        if !is_name {
            let message = format!("expressions cannot use `{name}` as the name of a {what}");
            let finding = attribute.finding(codes::IDENTIFIER, message);
            self.findings.push(finding.with_hint("expected letters, digits and underscores"));
        }
        is_name.then_some(name)
    }

    /// The skill of which more goes first.
    pub(super) fn preferred(
        &mut self,
        queue: &Element,
        configuration: &Configuration,
    ) -> Option<SkillId> {
        let attribute = queue.attribute("prefer")?;
        let known = configuration.skills.get(attribute.value.as_str());
        if known.is_none() {
            let message = format!("the skill `{}` is unknown", attribute.value);
            let names = configuration.skills.iter().map(SkillId::as_str);
            let finding = attribute.finding(codes::UNKNOWN_SKILL, message);
            self.findings.push(finding.with_suggestion(suggest(&attribute.value, names)));
        }
        known.cloned()
    }

    /// The whole number that is the priority of a queue's contacts.
    pub(super) fn priority_by(
        &mut self,
        queue: &Element,
        configuration: &Configuration,
    ) -> Option<String> {
        let attribute = queue.attribute("priority-by")?;
        let is_number = |it: &configuration::Attribute| it.ty == AttributeType::Int;
        let numbers = configuration.attributes.iter().filter(|(_, it)| is_number(it));
        let numbers: Vec<&str> = numbers.map(|(name, _)| name.as_str()).collect();
        let is_known = numbers.contains(&attribute.value.as_str());
        if !is_known {
            let message = format!("`{}` is no contact attribute of type int", attribute.value);
            let finding = attribute.finding(codes::PRIORITY, message);
            self.findings.push(finding.with_suggestion(suggest(&attribute.value, numbers)));
        }
        is_known.then(|| attribute.value.clone())
    }

    /// Whom the contacts of a queue need. Requirements with mistakes are left out.
    pub(super) fn needs(
        &mut self,
        queue: &Element,
        configuration: &Configuration,
    ) -> Option<Needs> {
        let element = queue.child("needs")?;
        let names = Names(configuration);
        let mut steps = Vec::new();
        steps.extend(self.requirement(element, Duration::ZERO, &names));
        let mut before = Duration::ZERO;
        for (number, relax) in element.children_named("relax").enumerate() {
            let longest = LONGEST_WRITTEN_WAIT.as_secs();
            let after = self.duration(relax, "after", 1..=longest);
            let after = after.filter(|after| self.is_later(relax, *after, before));
            if number + 1 == MAX_STEPS {
                let message = format!("a queue has at most {MAX_STEPS} requirements");
                self.findings
                    .extend(relax.attribute("after").map(|it| it.finding(codes::ORDER, message)));
            }
            before = after.unwrap_or(before);
            steps.extend(self.requirement(relax, before, &names));
        }
        (!steps.is_empty()).then(|| named(steps))
    }

    fn is_later(&mut self, relax: &Element, after: Duration, before: Duration) -> bool {
        let is_later = after > before;
        if let Some(attribute) = relax.attribute("after").filter(|_| !is_later) {
            let message = "this step does not come after the one before".to_owned();
            let hint = format!("expected more than {}s", before.as_secs());
            self.findings.push(attribute.finding(codes::ORDER, message).with_hint(hint));
        }
        is_later
    }

    fn requirement(
        &mut self,
        element: &Element,
        after: Duration,
        names: &Names<'_>,
    ) -> Option<Requirement> {
        let when = element.attribute("when")?;
        let checked = parse(&when.value).map_err(|error| vec![error]);
        let checked = checked.and_then(|it| check(&it, names, Some(&Type::Bool)));
        let checked = match checked {
            Ok(checked) => checked,
            Err(errors) => {
                for error in errors {
                    let finding = when.finding_at(error.at.start, error.code, error.message);
                    self.findings.push(finding.with_suggestion(error.hint));
                }
                return None;
            }
        };
        self.pointless(checked.root(), when);
        let parts = match &checked.root().kind {
            TypedKind::And(parts) => parts.iter().map(|part| self::part(part, when)).collect(),
            _ => vec![part(checked.root(), when)],
        };
        Some(Requirement { after, when: shown(&when.value), parts })
    }

    /// Comparisons of a skill that hold for every level, or for none.
    fn pointless(&mut self, node: &Typed, when: &Attribute) {
        node.children().into_iter().for_each(|child| self.pointless(child, when));
        let TypedKind::Compare(comparison, one, other) = &node.kind else { return };
        let (skill, levels) = match (skill(one), skill(other), literal(one), literal(other)) {
            (Some(skill), _, _, Some(level)) => {
                (skill, holding(|it| holds(*comparison, it, level)))
            }
            (_, Some(skill), Some(level), _) => {
                (skill, holding(|it| holds(*comparison, level, it)))
            }
            _ => return,
        };
        let what = match levels {
            0 => "no level",
            LEVELS => "every level",
            _ => return,
        };
        let message = format!("this holds for {what} of the skill `{skill}`");
        let finding = when.finding_at(node.at.start, codes::LEVEL, message);
        let hint = "a skill has 1 to 5, and 0 for an agent who lacks it";
        self.findings.push(finding.with_hint(hint));
    }
}

/// Longest text of a requirement that is told with an offer, in characters.
const LONGEST_SHOWN: usize = 200;
/// How many levels a skill has, with 0.
const LEVELS: usize = Proficiency::MAX as usize + 1;

fn expected(ty: &AttributeType) -> String {
    match ty {
        AttributeType::Bool => "true or false".to_owned(),
        AttributeType::Int => "a whole number".to_owned(),
        AttributeType::Choice(values) => values.join(", "),
    }
}

fn shown(text: &str) -> Arc<str> {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn part(node: &Typed, when: &Attribute) -> Part {
    let text = when.value.get(node.at.clone()).unwrap_or(&when.value);
    let mut condition = node.clone();
    flatten(&mut condition);
    Part { when: shown(text), condition: Checked::of_part(condition) }
}

/// What is reached through `skill` and `contact` becomes a name of its own.
fn flatten(node: &mut Typed) {
    match member(node).map(|(of, name)| format!("{of}.{name}")) {
        Some(name) => node.kind = TypedKind::Variable(name),
        None => node.children_mut().into_iter().for_each(flatten),
    }
}

/// The name of the skill that the node is.
fn skill(node: &Typed) -> Option<&str> {
    member(node).filter(|(of, _)| *of == SKILL).map(|(_, name)| name)
}

fn member(node: &Typed) -> Option<(&str, &str)> {
    let TypedKind::Member(of, name) = &node.kind else { return None };
    let TypedKind::Variable(of) = &of.kind else { return None };
    Some((of, name))
}

fn literal(node: &Typed) -> Option<i64> {
    match &node.kind {
        TypedKind::Literal(Value::Int(value)) => Some(*value),
        _ => None,
    }
}

fn holding(holds: impl Fn(i64) -> bool) -> usize {
    (0..).take(LEVELS).filter(|level| holds(*level)).count()
}

fn holds(comparison: Comparison, one: i64, other: i64) -> bool {
    match comparison {
        Comparison::Equal => one == other,
        Comparison::NotEqual => one != other,
        Comparison::Less => one < other,
        Comparison::LessOrEqual => one <= other,
        Comparison::Greater => one > other,
        Comparison::GreaterOrEqual => one >= other,
    }
}

/// The requirements with the names in them.
fn named(steps: Vec<Requirement>) -> Needs {
    let (mut skills, mut attributes) = (BTreeSet::new(), BTreeSet::new());
    let mut open: Vec<&Typed> = steps.iter().flat_map(|it| &it.parts).map(root).collect();
    while let Some(node) = open.pop() {
        open.extend(node.children());
        let TypedKind::Variable(name) = &node.kind else { continue };
        match name.split_once('.') {
            Some((SKILL, name)) => skills.extend(SkillId::new(name)),
            Some((CONTACT, name)) => _ = attributes.insert(name.to_owned()),
            _ => {}
        }
    }
    let (skills, attributes) = (skills.into_iter().collect(), attributes.into_iter().collect());
    Needs { steps, skills, attributes }
}

fn root(part: &Part) -> &Typed {
    part.condition.root()
}

/// `skill` and `contact`, with what the file declares of them.
struct Names<'a>(&'a Configuration);

impl Names<'_> {
    fn all(&self) -> BTreeMap<&'static str, Vec<String>> {
        let skills = self.0.skills.iter().map(ToString::to_string).collect();
        BTreeMap::from([(SKILL, skills), (CONTACT, self.0.attributes.keys().cloned().collect())])
    }
}

impl Schema for Names<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        matches!(name, SKILL | CONTACT).then(|| Type::Object(name.into()))
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        if class == SKILL {
            return self.0.skills.contains(name).then_some(Type::Int);
        }
        self.0.attributes.get(name).map(|attribute| attribute.ty.to_expression(name))
    }

    fn variables(&self) -> Vec<String> {
        self.all().into_keys().map(str::to_owned).collect()
    }

    fn members(&self, class: &str) -> Vec<String> {
        self.all().remove(class).unwrap_or_default()
    }
}
