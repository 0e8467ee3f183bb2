//! Attributes: their types and the options that belong to them.

use caruso_markup::{Element, suggest};

use super::{Names, Reader, labels};
use crate::codes;
use crate::model::{Attribute, AttributeType, DateForm, KeySource, PhoneSearch};

/// Options and the types that have them.
const OPTIONS: [(&str, &[&str]); 6] = [
    ("enum", &["choice"]),
    ("length", &["text"]),
    ("decimals", &["decimal"]),
    ("stored", &["bool", "date"]),
    ("search", &["text"]),
    ("search-when", &["text"]),
];

impl Reader {
    pub(super) fn attributes(
        &mut self,
        class: &Element,
        members: &mut Names,
        columns: &mut Names,
    ) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for element in class.children_named("attribute") {
            let Some((id, name)) = self.member(element, members) else { continue };
            let column = self.column(element, columns);
            let ty = self.attribute_type(element);
            let (Some(column), Some(ty)) = (column, ty) else { continue };
            attributes.push(Attribute {
                id,
                name,
                labels: labels(element),
                column,
                ty,
                is_required: element.value("required") == Some("yes"),
                search: self.search(element),
            });
        }
        attributes
    }

    /// The place of the key among the attributes.
    pub(super) fn key(
        &mut self,
        class: &Element,
        source: KeySource,
        attributes: &[Attribute],
    ) -> Option<usize> {
        let key = class.attribute("key")?;
        let fits = |attribute: &Attribute| match (&attribute.ty, source) {
            (AttributeType::Int, _) => attribute.is_required,
            (AttributeType::Text(_), KeySource::Given) => attribute.is_required,
            _ => false,
        };
        let found = attributes.iter().position(|attribute| attribute.name == key.value);
        if let Some(index) = found.filter(|index| fits(&attributes[*index])) {
            return Some(index);
        }
        let finding = match (found, source) {
            (None, _) => key.finding(codes::UNKNOWN_KEY, format!("there is no attribute `{key}`")),
            (Some(_), KeySource::Given) => key
                .finding(codes::UNKNOWN_KEY, format!("`{key}` cannot be the key"))
                .with_hint("a key is a required text or int"),
            (Some(_), KeySource::Assigned) => key
                .finding(codes::UNKNOWN_KEY, format!("the database cannot assign `{key}`"))
                .with_hint("an assigned key is a required int"),
        };
        let candidates = attributes.iter().filter(|it| fits(it)).map(|it| it.name.as_str());
        let suggestion = found.is_none().then(|| suggest(&key.value, candidates)).flatten();
        self.findings.push(finding.with_suggestion(suggestion));
        None
    }

    fn attribute_type(&mut self, element: &Element) -> Option<AttributeType> {
        let word = element.value("type")?;
        for (option, types) in OPTIONS {
            if let Some(written) = element.attribute(option)
                && !types.contains(&word)
            {
                let message = format!("a {word} has no `{option}`");
                let finding = written.finding(codes::UNFIT_OPTION, message);
                let hint = format!("`{option}` belongs to: {}", types.join(", "));
                self.findings.push(finding.with_hint(hint));
            }
        }
        match word {
            "bool" => Some(AttributeType::Bool(self.flag(element)?)),
            "int" => Some(AttributeType::Int),
            "decimal" => self.decimals(element).map(AttributeType::Decimal),
            "text" => Some(AttributeType::Text(self.length(element)?)),
            "date" => self.date_form(element).map(AttributeType::Date),
            "instant" => Some(AttributeType::Instant),
            _ => self.choice(element),
        }
    }

    fn unfit<T>(
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

    fn flag(&mut self, element: &Element) -> Option<Option<[String; 2]>> {
        let Some(stored) = element.value("stored") else { return Some(None) };
        match stored.split_once('/') {
            Some((yes, no)) if !yes.is_empty() && !no.is_empty() && yes != no => {
                Some(Some([yes.to_owned(), no.to_owned()]))
            }
            _ => self.unfit(element, "stored", "this is not a pair of texts", "write `J/N`"),
        }
    }

    fn decimals(&mut self, element: &Element) -> Option<u32> {
        let decimals = element.value("decimals").and_then(|text| text.parse().ok());
        match decimals {
            Some(decimals @ 1..=9) => Some(decimals),
            _ => {
                let message = "a decimal says how many decimals it has, 1 to 9";
                self.unfit(element, "decimals", message, "write `decimals=\"2\"`")
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

    fn date_form(&mut self, element: &Element) -> Option<DateForm> {
        match element.value("stored") {
            None => Some(DateForm::Iso),
            Some("yyyymmdd") => Some(DateForm::Yyyymmdd),
            Some(_) => {
                let hint = "write `yyyymmdd`, or nothing for ISO 8601";
                self.unfit(element, "stored", "dates are not stored like this", hint)
            }
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
