//! Rules: who may do what. Read when it is known which members there are.
//!
//! A rule with a mistake stays in the model without actions: if it were left out, the class
//! might be open.

use caruso_expression::{Checked, Type, Typed, TypedKind, check, parse};
use caruso_markup::{Attribute as Written, Element, suggest};

use super::identity::words;
use super::links::errors_at;
use super::{Reader, Sources};
use crate::codes;
use crate::model::Model;
use crate::rule::{Action, Rule, RuleSchema, USER, User};
use crate::schema::ClassSchema;

impl Reader {
    pub(super) fn rules(&mut self, model: &mut Model, sources: &Sources<'_>) {
        let whole = model.clone();
        for class in model.classes.values_mut() {
            let Some(source) = sources.get(&class.name) else { continue };
            for element in source.children_named("rule") {
                let schema = ClassSchema { model: &whole, class };
                let known = self.findings.len();
                let rule = self.rule(schema, source, element);
                self.said_of_base(element, known);
                class.rules.push(rule);
            }
        }
    }

    fn rule(&mut self, schema: ClassSchema<'_>, source: &Element, element: &Element) -> Rule {
        let actions = self.actions(element);
        let attributes = self.members(schema.class, source, element, true);
        let roles = element.value("role").unwrap_or_default();
        let mut rule = Rule {
            roles: words(roles).map(|(_, role)| role.to_owned()).collect(),
            actions: Vec::new(),
            when: element.value("when").map(str::to_owned),
            attributes,
        };
        let are_known = rule.attributes.is_some() || element.attribute("attributes").is_none();
        let place = element.attribute("when");
        let holds = place
            .is_none_or(|place| self.condition_for_all(schema, source, place, &rule).is_some());
        if are_known && holds {
            rule.actions = actions.unwrap_or_default();
        }
        rule
    }

    /// The actions that are named; nothing if one is unknown.
    fn actions(&mut self, element: &Element) -> Option<Vec<Action>> {
        let written = element.attribute("action")?;
        let mut actions = Vec::new();
        for (offset, word) in words(&written.value) {
            let found = Action::ALL.into_iter().find(|action| action.word() == word);
            actions.push(found);
            if found.is_none() {
                let message = format!("`{word}` is no action");
                let finding = written.finding_at(offset, codes::RULE, message);
                let known = Action::ALL.map(Action::word);
                self.findings.push(finding.with_suggestion(suggest(word, known)));
            }
        }
        actions.into_iter().collect()
    }

    /// The condition for somebody, if it is one for everybody.
    fn condition_for_all(
        &mut self,
        schema: ClassSchema<'_>,
        source: &Element,
        place: &Written,
        rule: &Rule,
    ) -> Option<Checked> {
        let general = parse(&place.value)
            .map_err(|error| vec![error])
            .and_then(|expression| check(&expression, &RuleSchema(schema), Some(&Type::Bool)));
        let general =
            general.map_err(|errors| self.findings.extend(errors_at(source, place, errors)));
        self.prove_user(schema, place, general.ok()?.root())?;
        // a name that is neither a value of a choice nor a date
        let somebody = User { name: "some body".to_owned(), roles: vec!["some role".to_owned()] };
        let checked = rule.condition(schema.model, schema.class, &somebody);
        checked.map_err(|errors| self.findings.extend(errors_at(source, place, errors))).ok()?
    }

    /// `user` stands only before `.name` and `.roles`, and means nothing else in the class.
    fn prove_user(&mut self, schema: ClassSchema<'_>, place: &Written, root: &Typed) -> Option<()> {
        let class = schema.class;
        let (part, message, hint) = if let Some(part) = user_alone(root) {
            let message = "`user` is no value itself".to_owned();
            (part, message, "write `user.name` or `user.roles`")
        } else {
            let part = user_in(root).filter(|_| class.member(USER).is_some());
            let Some(part) = part else { return Some(()) };
            let message =
                format!("`user` is who is signed in, and also a member of `{}`", class.name);
            (part, message, "give the member another name")
        };
        let finding = place.finding_at(part.at.start, codes::RULE, message);
        self.findings.push(finding.with_hint(hint));
        None
    }
}

fn is_user(node: &Typed) -> bool {
    matches!(&node.kind, TypedKind::Variable(name) if name == USER)
}

/// The first `user`.
fn user_in(node: &Typed) -> Option<&Typed> {
    if is_user(node) {
        return Some(node);
    }
    node.children().into_iter().find_map(user_in)
}

/// The first `user` with nothing behind it.
fn user_alone(node: &Typed) -> Option<&Typed> {
    match &node.kind {
        TypedKind::Member(object, _) if is_user(object) => None,
        _ if is_user(node) => Some(node),
        _ => node.children().into_iter().find_map(user_alone),
    }
}
