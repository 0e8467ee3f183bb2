//! Decision tables: records whose values are chosen by rules.
//!
//! Each value is a name that stands for the rules. Whether a rule always holds, and never two of
//! them, is found by trying where the conditions can be tried; see [`trials`].

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_expression::{Checked, Definition, Expression, Hit, Rule, Type};
use caruso_markup::{Attribute, Element};

use super::Compiler;
use super::names::{Names, is_identifier};
use super::trials::{Trial, is_asked_for, shown, trials};
use crate::codes;
use crate::formula::{Defined, Formula};

/// An expression before and after it was checked.
type Part = (Expression, Checked);

/// A rule of a table: its condition, and a value for each name that the table sets.
struct Row<'e> {
    element: &'e Element,
    when: Option<Part>,
    /// Each with where it stands.
    values: Vec<(&'e Attribute, Part)>,
}

impl Compiler<'_> {
    pub(super) fn table(&mut self, table: &Element, name: &Attribute) {
        if !self.is_new(name) {
            return;
        }
        let found = self.findings.len();
        let set = self.set_by(table);
        let names = self.names_before();
        let rules: Vec<&Element> = table.children_named("rule").collect();
        self.check_last(name, &rules);
        let rows: Vec<Option<Row<'_>>> =
            rules.iter().map(|rule| self.row(rule, &set, &names)).collect();
        let rows = rows.into_iter().collect::<Option<Vec<_>>>();
        let rows = rows.filter(|_| self.findings.len() == found);
        let Some(rows) = rows.filter(|rows| self.have_types(rows)) else {
            self.broken.insert(name.value.clone());
            return;
        };
        let (hit, is_complete) = self.hit(table, &rows, &names);
        for (column, value) in set.iter().enumerate() {
            self.check_number_of_computed(name);
            let of = |row: &Row<'_>| Some((row.when.clone(), row.values.get(column)?.1.clone()));
            let parts: Vec<(Option<Part>, Part)> = rows.iter().filter_map(of).collect();
            let rule = |(when, value): &(Option<Part>, Part)| Rule {
                when: when.as_ref().map(|(when, _)| when.clone()),
                value: value.0.clone(),
            };
            let rules = parts.iter().map(rule).collect();
            let definition = Definition { rules, hit, is_complete };
            let checked = parts.into_iter().map(|(when, value)| (when.map(|it| it.1), value.1));
            let record = self.names.full(&name.value);
            let (full, at) = (format!("{record}.{value}"), name.location.clone());
            let checked = checked.collect();
            let defined = Defined::new(full.clone(), at, definition, checked, &names.defined);
            Arc::make_mut(&mut self.names.defined).insert(full, Arc::new(defined));
        }
        let record = self.names.full(&name.value);
        Arc::make_mut(&mut self.names.records).insert(record, set);
    }

    /// The names that the first rule sets, and so all must.
    fn set_by(&mut self, table: &Element) -> Vec<String> {
        let mut set = Vec::new();
        let first = table.child("rule").into_iter().flat_map(|it| it.children_named("set"));
        for name in first.filter_map(|it| it.attribute("name")) {
            if !is_identifier(&name.value) {
                let message = format!("`{}` cannot be a name in expressions", name.value);
                self.find(name, codes::NAME, message, None);
            }
            set.push(name.value.clone());
        }
        set
    }

    fn check_last(&mut self, name: &Attribute, rules: &[&Element]) {
        if rules.len() > crate::MAX_RULES {
            let message = format!("the table has more than {} rules", crate::MAX_RULES);
            self.find(name, codes::SIZE, message, None);
        }
        let before_last = rules.iter().rev().skip(1);
        for rule in before_last.filter(|it| it.attribute("when").is_none()) {
            let message = "a rule without a condition holds where no other does";
            let finding = rule.finding(codes::RULES, message);
            self.findings.push(finding.with_hint("make it the last, or give it a `when`"));
        }
    }

    fn row<'e>(&mut self, rule: &'e Element, set: &[String], names: &Names<'_>) -> Option<Row<'e>> {
        let when = rule.attribute("when").map(|it| self.part(it, names, Some(&Type::Bool)));
        let mut written = BTreeSet::new();
        for name in rule.children_named("set").filter_map(|it| it.attribute("name")) {
            if !written.insert(name.value.as_str()) {
                let message = format!("`{}` is set twice", name.value);
                self.find(name, codes::DUPLICATE, message, None);
            } else if !set.contains(&name.value) {
                let message = format!("the first rule does not set `{}`", name.value);
                let hint = "each rule sets the same names".to_owned();
                self.find(name, codes::RULES, message, Some(hint));
            }
        }
        for name in set.iter().filter(|it| !written.contains(it.as_str())) {
            let message = format!("the rule does not set `{name}`");
            self.findings.push(rule.finding(codes::RULES, message));
        }
        let mut value_of = |name: &String| {
            let mut sets = rule.children_named("set");
            let value = sets.find(|it| it.value("name") == Some(name))?.attribute("value")?;
            Some((value, self.part(value, names, None)?))
        };
        let values: Vec<Option<(&Attribute, Part)>> = set.iter().map(&mut value_of).collect();
        let when = match when {
            Some(when) => Some(when?),
            None => None,
        };
        Some(Row { element: rule, when, values: values.into_iter().collect::<Option<_>>()? })
    }

    fn part(
        &mut self,
        attribute: &Attribute,
        names: &Names<'_>,
        expected: Option<&Type>,
    ) -> Option<Part> {
        let expression = self.parsed(attribute)?;
        let checked = self.checked_anywhere(attribute, &expression, names, expected)?;
        Some((expression, checked))
    }

    /// Whether the values of a name are of one type.
    fn have_types(&mut self, rows: &[Row<'_>]) -> bool {
        let mut have = true;
        let mut types: Vec<Type> = Vec::new();
        for row in rows {
            for (column, (at, (_, value))) in row.values.iter().enumerate() {
                let Some(before) = types.get(column) else {
                    types.push(value.type_of().clone());
                    continue;
                };
                if let Some(unified) = before.unified(value.type_of()) {
                    types[column] = unified;
                    continue;
                }
                have = false;
                let message = format!(
                    "{}, where the rules before have {}",
                    value.type_of().present(),
                    before.present()
                );
                self.find(at, codes::RULES, message, None);
            }
        }
        have
    }

    /// Which rule counts, and whether it is known that one always does.
    fn hit(&mut self, table: &Element, rows: &[Row<'_>], names: &Names<'_>) -> (Hit, bool) {
        let whens = rows.iter().filter_map(|row| row.when.as_ref());
        let whens: Vec<Formula> =
            whens.map(|(_, it)| Formula::new(it.clone(), &names.defined).as_checked()).collect();
        let conditions: Vec<&Formula> = whens.iter().collect();
        // what is not asked for must be there wherever the table is used
        let may_be_missing = |name: &str, ty: &Type| {
            let may_be = ty.is_optional() || !names.is_source.contains(name);
            may_be && is_asked_for(&conditions, name)
        };
        let trials = trials(&conditions, names, &may_be_missing);
        let is_complete = self.check_complete(table, rows, &conditions, trials.as_deref());
        let is_unique = table.value("hit") == Some("unique") && conditions.len() > 1;
        let is_proven = match &trials {
            Some(trials) if is_unique => {
                self.check_unique(rows, &conditions, trials);
                true
            }
            _ => !is_unique,
        };
        (if is_proven { Hit::First } else { Hit::Only }, is_complete)
    }

    fn check_complete(
        &mut self,
        table: &Element,
        rows: &[Row<'_>],
        conditions: &[&Formula],
        trials: Option<&[Trial]>,
    ) -> bool {
        if rows.last().is_some_and(|it| it.when.is_none()) {
            return true;
        }
        let holds = |trial: &&Trial| !conditions.iter().any(|it| it.is_true(*trial));
        let message = match trials.map(|trials| trials.iter().find(holds)) {
            Some(None) => return true,
            Some(Some(hole)) => format!("no rule of the table holds for {}", shown(hole)),
            None => "no rule of the table may hold".to_owned(),
        };
        let hint = "add a last rule without `when`";
        self.findings.push(table.finding(codes::OPEN, message).with_hint(hint));
        // no more is said about it where the table is used
        true
    }

    fn check_unique(&mut self, rows: &[Row<'_>], conditions: &[&Formula], trials: &[Trial]) {
        let mut found = BTreeSet::new();
        for trial in trials {
            let mut holding = (0..conditions.len()).filter(|at| conditions[*at].is_true(trial));
            let (Some(first), Some(second)) = (holding.next(), holding.next()) else { continue };
            if !found.insert(second) {
                continue;
            }
            let line = rows[first].element.location.line;
            let message =
                format!("this rule and that of line {line} both hold for {}", shown(trial));
            let hint = "let only one of them hold, or take the first: `hit=\"first\"`";
            let finding = rows[second].element.finding(codes::OVERLAP, message);
            self.findings.push(finding.with_hint(hint));
        }
    }
}
