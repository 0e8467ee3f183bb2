//! Attributes: their types and the options that belong to them.

use caruso_expression::Currency;
use caruso_markup::{Attribute as Written, Element, suggest};

use super::{Names, Reader, is_held_by_base, labels, part_of};
use crate::codes;
use crate::model::{Attribute, AttributeType, PhoneSearch, Second};
use crate::stored::Stored;

/// Options and the types that have them.
const OPTIONS: [(&str, &[&str]); 11] = [
    ("enum", &["choice"]),
    ("length", &["text"]),
    ("decimals", &["decimal", "money"]),
    ("currency", &["money"]),
    ("currency-column", &["money"]),
    ("stored", &["bool", "int", "money", "date", "instant"]),
    ("zone", &["instant"]),
    ("time-column", &["instant"]),
    ("time-stored", &["instant"]),
    ("search", &["text"]),
    ("search-when", &["text"]),
];

/// A column, told apart from those of the same name in the other tables of its class.
fn in_table(part: usize, column: &str) -> String {
    format!("{part}\n{column}")
}

/// A type with its article.
fn a(word: &str) -> String {
    if word == "money" { word.to_owned() } else { format!("a {word}") }
}

impl Reader {
    /// The sound attributes of a class. Of one that is mapped, each has a column.
    pub(super) fn attributes(
        &mut self,
        class: &Element,
        members: &mut Names,
        is_mapped: bool,
    ) -> Vec<Attribute> {
        let mut columns = Names::default();
        let revision = class.value("revision").map(str::to_ascii_lowercase);
        columns.0.extend(revision.map(|revision| in_table(0, &revision)));
        let mut attributes = Vec::new();
        for element in class.children_named("attribute") {
            let Some((id, name)) = self.member(element, members) else { continue };
            let column = self.column(element, &mut columns, is_mapped);
            let second = ["time-column", "currency-column"];
            let mut second = second.iter().filter_map(|it| element.attribute(it));
            let is_new = second.all(|it| self.new_column(element, &mut columns, it));
            let Some(whole) = self.expanded(element, "of") else { continue };
            let Some(ty) = self.attribute_type(&whole) else { continue };
            let is_key =
                class.value("key").is_some_and(|keys| keys.split(' ').any(|it| it == name));
            let stored = self.stored(&whole, &ty, is_key);
            let second = self.second(&whole, &ty);
            let (Some(column), Some(stored), Some(second)) = (column, stored, second) else {
                continue;
            };
            if !is_new {
                continue;
            }
            attributes.push(Attribute {
                id,
                name,
                labels: labels(element),
                column,
                second,
                part: part_of(element),
                is_inherited: is_held_by_base(class, element),
                ty,
                stored,
                is_required: element.value("required") == Some("yes"),
                is_sensitive: element.value("sensitive") == Some("yes"),
                search: self.search(element),
            });
        }
        attributes
    }

    fn column(
        &mut self,
        element: &Element,
        columns: &mut Names,
        is_mapped: bool,
    ) -> Option<String> {
        let Some(column) = element.attribute("column") else {
            if is_mapped {
                self.unmapped(element, "attribute", "column");
            }
            return None;
        };
        self.new_column(element, columns, column).then(|| column.value.clone())
    }

    /// True when no other member of the class has this column; else there is a finding.
    fn new_column(&mut self, element: &Element, columns: &mut Names, column: &Written) -> bool {
        let compared = in_table(part_of(element), &column.value);
        let code = codes::DUPLICATE_COLUMN;
        columns.insert_as(&mut self.findings, compared, column, code, "column")
    }

    /// The second column of an attribute, if it has one; nothing if what is said of it is not
    /// sound.
    fn second(&mut self, element: &Element, ty: &AttributeType) -> Option<Option<Second>> {
        match ty {
            AttributeType::Instant => self.time(element),
            // both stand in one column
            AttributeType::Money { .. } if element.attribute("stored").is_some() => Some(None),
            AttributeType::Money { decimals, currency: None } => {
                self.currency_column(element, *decimals).map(Some)
            }
            // what others say of it has its finding already
            _ => Some(None),
        }
    }

    fn time(&mut self, element: &Element) -> Option<Option<Second>> {
        let Some(column) = element.value("time-column") else {
            if element.attribute("time-stored").is_some() {
                let message = "`time-stored` stands without `time-column`";
                let hint = "name the column of the time of day in `time-column`";
                return self.unfit(element, "time-stored", message, hint);
            }
            return Some(None);
        };
        let stored = self.time_stored(element)?;
        let (of_first, ty) = (AttributeType::Date, AttributeType::Int);
        Some(Some(Second { column: column.to_owned(), of_first, ty, stored }))
    }

    fn currency_column(&mut self, element: &Element, decimals: u32) -> Option<Second> {
        let Some(column) = element.value("currency-column") else {
            let message = "money says what its currency is";
            let hint = "write `currency=\"EUR\"`, name its column in `currency-column`, or say how \
                        a text has both by `stored=\"1234.50 EUR\"`";
            return self.unfit(element, "currency", message, hint);
        };
        let (of_first, ty) = (AttributeType::Decimal(decimals), AttributeType::Text(Some(3)));
        let stored = Stored::default();
        Some(Second { column: column.to_owned(), of_first, ty, stored })
    }

    /// What money is of; nothing if no column has it and it is no currency.
    fn money(&mut self, element: &Element) -> Option<AttributeType> {
        let decimals = self.decimals(element)?;
        let Some(written) = element.attribute("currency") else {
            return Some(AttributeType::Money { decimals, currency: None });
        };
        if let Some(column) = element.attribute("currency-column") {
            let message = "money has one currency, or a column that says which";
            let finding = column.finding(codes::UNFIT_OPTION, message);
            self.findings.push(finding.with_hint("leave one of the two out"));
            return None;
        }
        if let Some(currency) = Currency::of(&written.value) {
            return Some(AttributeType::Money { decimals, currency: Some(currency) });
        }
        let message = format!("`{written}` is no currency");
        let finding = written.finding(codes::UNFIT_OPTION, message);
        let suggestion = suggest(&written.value.to_uppercase(), Currency::codes());
        let hint = || "write a code of ISO 4217, as `EUR`".to_owned();
        self.findings.push(finding.with_hint(suggestion.unwrap_or_else(hint)));
        None
    }

    /// The type of an attribute with all that it has of others.
    pub(super) fn attribute_type(&mut self, element: &Element) -> Option<AttributeType> {
        let Some(word) = element.value("type") else {
            if !self.is_torn {
                let finding = element.finding(codes::TYPE, "the attribute has no type");
                self.findings.push(finding.with_hint("say `type`, or `of` a type that has one"));
            }
            return None;
        };
        for (option, types) in OPTIONS {
            if let Some(written) = element.attribute(option)
                && !types.contains(&word)
            {
                let message = format!("{} has no `{option}`", a(word));
                let finding = written.finding(codes::UNFIT_OPTION, message);
                let hint = format!("`{option}` belongs to: {}", types.join(", "));
                self.findings.push(finding.with_hint(hint));
            }
        }
        match word {
            "bool" => Some(AttributeType::Bool),
            "int" => Some(AttributeType::Int),
            "decimal" => self.decimals(element).map(AttributeType::Decimal),
            "money" => self.money(element),
            "text" => Some(AttributeType::Text(self.length(element)?)),
            "date" => Some(AttributeType::Date),
            "instant" => Some(AttributeType::Instant),
            _ => self.choice(element),
        }
    }

    /// A finding about an option.
    pub(super) fn unfit<T>(
        &mut self,
        element: &Element,
        option: &str,
        message: &str,
        hint: &str,
    ) -> Option<T> {
        let finding = match element.attribute(option) {
            Some(written) => written.finding(codes::UNFIT_OPTION, message),
            None => element.finding(codes::UNFIT_OPTION, message),
        };
        self.findings.push(finding.with_hint(hint));
        None
    }

    fn decimals(&mut self, element: &Element) -> Option<u32> {
        let decimals = element.value("decimals").and_then(|text| text.parse().ok());
        match decimals {
            Some(decimals @ 1..=9) => Some(decimals),
            _ => {
                let word = element.value("type").unwrap_or_default();
                let message = format!("{} says how many decimals it has, 1 to 9", a(word));
                self.unfit(element, "decimals", &message, "write `decimals=\"2\"`")
            }
        }
    }

    fn length(&mut self, element: &Element) -> Option<Option<usize>> {
        let Some(length) = element.value("length") else { return Some(None) };
        match length.parse() {
            Ok(length @ 1..=1_000_000) => Some(Some(length)),
            _ => self.unfit(element, "length", "this is not a length", "write a number from 1 on"),
        }
    }

    fn choice(&mut self, element: &Element) -> Option<AttributeType> {
        let Some(name) = element.attribute("enum") else {
            let message = "a choice names its enumeration";
            return self.unfit(element, "enum", message, "write `enum=\"…\"`");
        };
        if let Some(enumeration) = self.enumerations.get(&name.value) {
            return Some(AttributeType::Choice(enumeration.clone()));
        }
        let finding = name.finding(codes::UNKNOWN_ENUM, format!("enumeration `{name}` is unknown"));
        let known = self.enumerations.keys().map(String::as_str);
        self.findings.push(finding.with_suggestion(suggest(&name.value, known)));
        None
    }

    /// The search without its condition, which needs the whole model.
    fn search(&mut self, element: &Element) -> Option<PhoneSearch> {
        if element.attribute("search").is_some() {
            let owner = element.value("search-for").map(str::to_owned);
            return Some(PhoneSearch { when: None, owner });
        }
        for option in ["search-when", "search-for"] {
            if let Some(written) = element.attribute(option) {
                let message = format!("`{option}` stands without `search`");
                self.findings.push(written.finding(codes::SEARCH, message));
            }
        }
        None
    }
}
