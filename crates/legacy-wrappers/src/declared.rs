//! What the application lets the wrapper do, held against what the program says and gives.

use std::collections::BTreeMap;

use crate::held::{DeclaredClass, Held};
use crate::operation::{Operation, Parameter};
use crate::protocol::Description;
use crate::{Type, Value, Values};

/// What the application declares. The program may describe more; nobody sees that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The operations, by name.
    pub operations: BTreeMap<String, DeclaredOperation>,
    /// The classes whose objects it holds, by name.
    pub classes: BTreeMap<String, DeclaredClass>,
}

/// One operation that the application declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredOperation {
    /// What it takes: type, and whether it must be given.
    pub parameters: BTreeMap<String, (Type, bool)>,
    /// What it gives back.
    pub results: BTreeMap<String, Type>,
}

impl Declared {
    /// What `application.xml` says about this wrapper.
    pub fn from_application(wrapper: &caruso_application::Wrapper) -> Self {
        let typed = |name: &String, ty: String| Some((name.clone(), Type::named(&ty)?));
        let operations = wrapper.operations.iter().map(|(name, operation)| {
            let parameters = operation.parameters.iter().filter_map(|(name, (ty, is_required))| {
                let (name, kind) = typed(name, ty.to_string())?;
                Some((name, (kind, *is_required)))
            });
            let results =
                operation.results.iter().filter_map(|(name, ty)| typed(name, ty.to_string()));
            let operation =
                DeclaredOperation { parameters: parameters.collect(), results: results.collect() };
            (name.clone(), operation)
        });
        let classes = wrapper.classes.iter().map(|(name, class)| {
            let members = class.members.iter().filter_map(|(name, ty)| typed(name, ty.to_string()));
            let (members, searches) = (members.collect(), class.searches.clone());
            let is_writable = class.is_writable;
            (name.clone(), DeclaredClass { members, searches, is_writable })
        });
        Self { operations: operations.collect(), classes: classes.collect() }
    }

    /// The declared ones of what a program describes.
    ///
    /// # Errors
    /// The first declared thing that the program does not have so, in words.
    pub(crate) fn agreed(&self, described: Description) -> Result<Description, String> {
        let operations = self.agreed_operations(described.operations)?;
        Ok(Description { operations, classes: self.agreed_classes(&described.classes)? })
    }

    fn agreed_classes(&self, described: &[Held]) -> Result<Vec<Held>, String> {
        let class = |(name, declared): (&String, &DeclaredClass)| {
            let Some(class) = described.iter().find(|class| class.name == *name) else {
                return Err(format!("it does not describe the class `{name}` that it is to hold"));
            };
            let (searches, is_writable) = (declared.searches.clone(), declared.is_writable);
            match searches.difference(&class.searches).next() {
                Some(missing) => {
                    Err(format!("it does not look for `{name}` by `{missing}`, as the model says"))
                }
                None if is_writable && !class.is_writable => {
                    Err(format!("it does not say that `{name}` is writable, as the model does"))
                }
                None => Ok(Held { name: name.clone(), searches, is_writable }),
            }
        };
        self.classes.iter().map(class).collect()
    }

    fn agreed_operations(&self, described: Vec<Operation>) -> Result<Vec<Operation>, String> {
        for (name, declared) in &self.operations {
            let Some(operation) = described.iter().find(|operation| operation.name == *name) else {
                return Err(format!("it does not describe the declared operation `{name}`"));
            };
            let parameter = |it: &Parameter| (it.name.clone(), (it.kind, it.is_required));
            let parameters: BTreeMap<_, _> = operation.parameters.iter().map(parameter).collect();
            if parameters != declared.parameters {
                let (is, should) = (listed(&parameters), listed(&declared.parameters));
                return Err(format!(
                    "it describes `{name}` with ({is}), declared is `{name}` with ({should})"
                ));
            }
        }
        let is_declared = |operation: &Operation| self.operations.contains_key(&operation.name);
        Ok(described.into_iter().filter(is_declared).collect())
    }

    /// The declared results among those given, each of its declared type.
    ///
    /// # Errors
    /// The name of a result that is missing or not of its type.
    pub(crate) fn results(&self, operation: &str, mut given: Values) -> Result<Values, String> {
        let Some(declared) = self.operations.get(operation) else { return Ok(Values::new()) };
        let results = declared.results.iter().map(|(name, kind)| {
            let value = given.remove(name).and_then(|value| value.read_as(*kind));
            value.map(|value| (name.clone(), value)).ok_or_else(|| name.clone())
        });
        results.collect()
    }
}

fn listed(parameters: &BTreeMap<String, (Type, bool)>) -> String {
    let parameter = |(name, (kind, is_required)): (&String, &(Type, bool))| {
        format!("{name}: {}{}", kind.name(), if *is_required { "" } else { ", optional" })
    };
    parameters.iter().map(parameter).collect::<Vec<_>>().join("; ")
}

impl Value {
    /// The same as another type, where a program can only write a string or a number for it.
    pub(crate) fn read_as(self, kind: Type) -> Option<Self> {
        match (kind, self) {
            (Type::Decimal, Self::Text(text)) => Self::decimal(&text),
            (Type::Decimal, Self::Int(number)) => Some(Self::Decimal(number.to_string())),
            (Type::Money, Self::Text(text)) => Self::money(&text),
            (Type::Money, Self::Int(number)) => Some(Self::Money(number.to_string())),
            (Type::Date, Self::Text(text)) => text.parse().ok().map(Self::Date),
            (Type::Instant, Self::Text(text)) => text.parse().ok().map(Self::Instant),
            (kind, value) => (value.kind() == kind).then_some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Declared {
        let parameters = [("text".to_owned(), (Type::Text, false))].into();
        let results = [("price", Type::Decimal), ("day", Type::Date), ("at", Type::Instant)];
        let results = results.map(|(name, kind)| (name.to_owned(), kind)).into();
        let operations = [("order".to_owned(), DeclaredOperation { parameters, results })].into();
        Declared { operations, classes: BTreeMap::new() }
    }

    fn described(name: &str, kind: Type) -> Operation {
        let parameter = Parameter { name: "text".into(), kind, is_required: false };
        Operation { name: name.into(), title: name.into(), parameters: vec![parameter] }
    }

    #[test]
    fn only_declared_operations_are_offered() {
        let operations = vec![described("order", Type::Text), described("delete", Type::Text)];
        let agreed = declared().agreed_operations(operations).expect("as declared");
        assert_eq!(agreed, [described("order", Type::Text)]);
    }

    #[test]
    fn a_program_that_differs_from_the_application_is_told_where() {
        let missing = declared().agreed_operations(vec![described("delete", Type::Text)]);
        let words = "it does not describe the declared operation `order`";
        assert_eq!(missing.expect_err("not there"), words);
        let other = declared().agreed_operations(vec![described("order", Type::Int)]);
        let words = "it describes `order` with (text: int, optional), \
                     declared is `order` with (text: text, optional)";
        assert_eq!(other.expect_err("another type"), words);
    }

    #[test]
    fn a_program_holds_the_declared_classes_and_looks_by_what_the_model_says() {
        let searches = ["customer".to_owned()].into();
        let class = DeclaredClass { searches, ..DeclaredClass::default() };
        let classes = [("Invoice".to_owned(), class)].into();
        let declared = Declared { classes, ..Declared::default() };
        let held = |name: &str, searches: &[&str]| Held {
            name: name.into(),
            searches: searches.iter().map(|it| (*it).to_owned()).collect(),
            is_writable: false,
        };
        let more = [held("Payment", &[]), held("Invoice", &["customer", "status"])];
        assert_eq!(declared.agreed_classes(&more), Ok(vec![held("Invoice", &["customer"])]));
        let words = "it does not describe the class `Invoice` that it is to hold";
        assert_eq!(declared.agreed_classes(&[]), Err(words.to_owned()));
        let words = "it does not look for `Invoice` by `customer`, as the model says";
        assert_eq!(declared.agreed_classes(&[held("Invoice", &["status"])]), Err(words.to_owned()));
    }

    #[test]
    fn a_program_changes_what_the_model_says_is_writable() {
        let declared = |is_writable| {
            let class = DeclaredClass { is_writable, ..DeclaredClass::default() };
            Declared { classes: [("Invoice".to_owned(), class)].into(), ..Declared::default() }
        };
        let held = |is_writable| Held { name: "Invoice".into(), is_writable, ..Held::default() };
        let words = "it does not say that `Invoice` is writable, as the model does";
        assert_eq!(declared(true).agreed_classes(&[held(false)]), Err(words.to_owned()));
        assert_eq!(declared(true).agreed_classes(&[held(true)]), Ok(vec![held(true)]));
        assert_eq!(declared(false).agreed_classes(&[held(true)]), Ok(vec![held(false)]));
    }

    #[test]
    fn results_get_their_declared_types_and_others_are_dropped() {
        let text = |text: &str| Value::Text(text.to_owned());
        let mut given: Values = [
            ("price".to_owned(), Value::Int(3)),
            ("day".to_owned(), text("2026-05-01")),
            ("at".to_owned(), text("2026-05-01T10:00:00+02:00")),
            ("secret".to_owned(), text("x")),
        ]
        .into();
        let results = declared().results("order", given.clone()).expect("all there");
        assert_eq!(results["price"], Value::Decimal("3".into()));
        assert_eq!(results["day"].kind(), Type::Date);
        assert_eq!(results["at"].to_json(), "2026-05-01T08:00:00Z");
        assert!(!results.contains_key("secret"));
        given.insert("day".into(), text("May"));
        assert_eq!(declared().results("order", given), Err("day".to_owned()));
    }
}
