//! How numbers of callers are read: one number for one caller, however a network writes it.

use caruso_object_model::Model;
use caruso_object_model::phone::{Country, normalize};
use caruso_routing::Configuration;

/// Reads the numbers that networks signal, by the country where those without a calling code
/// belong: that of the rules for calls of ours, or else that of all business objects. Where there
/// is none, or the objects have several, every number stays as it was signalled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Callers {
    country: Option<Country>,
}

impl Callers {
    pub(crate) fn of(model: &Model, routing: &Configuration) -> Self {
        let outbound = routing.outbound.as_ref().map(|rules| rules.country);
        Self { country: outbound.or_else(|| of_all(model)) }
    }

    /// The number as E.164; nothing for what is no whole telephone number, as an extension of an
    /// exchange.
    pub fn read(&self, signalled: &str) -> Option<String> {
        let number = normalize(signalled, self.country?).ok()?;
        Some(number.as_str().to_owned())
    }
}

/// The country of all classes; nothing where they have several.
pub(crate) fn of_all(model: &Model) -> Option<Country> {
    let mut countries = model.classes().map(|class| class.country);
    let first = countries.next()?;
    countries.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_has_one_number_however_it_is_signalled() {
        let callers = Callers { country: Country::by_code("NL") };
        for signalled in
            ["0612345678", "0031612345678", "+31612345678", "31612345678", "+31 6 12345678"]
        {
            assert_eq!(callers.read(signalled).as_deref(), Some("+31612345678"), "{signalled}");
        }
        assert_eq!(callers.read("+4930123456").as_deref(), Some("+4930123456"));
        for signalled in ["204", "alice", "", "112", "612345678"] {
            assert_eq!(callers.read(signalled), None, "{signalled}");
        }
        let nowhere = Callers::default();
        assert_eq!(nowhere.read("0612345678"), None, "it belongs nowhere");
    }
}
