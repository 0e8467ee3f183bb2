//! Wrappers without a program: an XML file of the application says how another system is reached
//! and what stands where.
//!
//! [`Configured::read`] holds such a file against its DTD, against the files beside it and against
//! the classes that the model says the wrapper holds. What it gives is the whole of what the
//! wrapper does, as plain data, with the pure half of carrying it out: bytes of a file become
//! objects ([`files`]), values a command line ([`command`]),
//! a request over HTTP ([`rest`], [`soap`]) or an e-mail ([`mail`]).
//!
//! What it is not: it opens no file, starts no program and knows no network; that is the host
//! (`legacy-wrappers`), to which a configured wrapper is a program like any other.
//!
//! Invariant: what was read without a finding fits the model; the host need not check it again.
//!
//! ```
//! use std::collections::BTreeMap;
//! use caruso_configured_wrapper::Configured;
//!
//! let file = br#"<!DOCTYPE files SYSTEM "wrapper.dtd">
//! <files><table class="Invoice" pattern="*.csv"><column attribute="number" name="No"/></table>
//! </files>"#;
//! let files = BTreeMap::from([("billing/files.xml", &file[..])]);
//! let mut findings = Vec::new();
//! Configured::read("billing/files.xml", &files, &BTreeMap::new(), &mut findings);
//! let expected = "billing/files.xml:2:22: the model has no class `Invoice` of this wrapper";
//! assert_eq!(findings[0].to_string(), expected);
//! ```

mod cell;
pub mod codes;
mod columns;
pub mod command;
mod encoding;
pub mod files;
pub mod mail;
mod moment;
mod openapi;
mod outcome;
mod read;
pub mod rest;
mod rows;
mod schema;
pub mod soap;
mod wsdl;

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Type;
use caruso_markup::Finding;

pub use outcome::{Object, Outcome};

/// Paths in the application's folder, and contents.
pub type Contents<'a> = BTreeMap<&'a str, &'a [u8]>;

/// A wrapper as its file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configured {
    /// How the other system is reached.
    pub kind: Kind,
    /// What it can do, by name.
    pub operations: BTreeMap<String, Operation>,
    /// The path in the application's folder of a program that stands in for the other system
    /// where an installation does not say where that is.
    pub stand_in: Option<String>,
}

/// How another system is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It leaves files in a folder.
    Files(files::Files),
    /// Programs are started for it.
    Command(command::Command),
    /// It is called over HTTP, as an OpenAPI description says.
    Rest(rest::Rest),
    /// It is called by SOAP, as a WSDL description says.
    Soap(soap::Soap),
    /// Letters go to a mail server.
    Mail(mail::Mail),
}

/// Something that another system can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    /// What it takes: type, and whether it must be given.
    pub parameters: BTreeMap<String, (Type, bool)>,
    /// What it gives back.
    pub results: BTreeMap<String, Type>,
}

/// A class whose objects another system holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldClass {
    /// Its attributes; relations to one, as the keys that they lead to, and choices are texts.
    pub members: BTreeMap<String, Type>,
    /// Those of which every object has a value.
    pub required: BTreeSet<String>,
    /// The attributes that are its key, in their order.
    pub keys: Vec<String>,
    /// Those by which the wrapper looks for objects.
    pub searches: BTreeSet<String>,
    /// Whether the wrapper changes objects.
    pub is_writable: bool,
}

/// Ends the path of a wrapper's file, where that is no program.
const ENDING: &str = ".xml";

/// Whether this path of an application is that of a wrapper without a program.
pub fn is_configured(path: &str) -> bool {
    path.ends_with(ENDING)
}

impl Configured {
    /// The wrapper that a file of the application describes, held against the classes that the
    /// model says it holds; what is wrong stands in the findings. Nothing of a file that is not
    /// there, which is for the caller to say.
    pub fn read(
        path: &str,
        files: &Contents<'_>,
        classes: &BTreeMap<String, HeldClass>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        read::read(path, files, classes, findings)
    }

    /// The path in the application's folder of a program that it starts.
    pub fn program(&self) -> Option<&str> {
        match &self.kind {
            Kind::Command(command::Command { program: command::Place::Release(path), .. }) => {
                Some(path)
            }
            Kind::Command(_) | Kind::Files(_) | Kind::Mail(_) => None,
            Kind::Rest(_) | Kind::Soap(_) => self.stand_in.as_deref(),
        }
    }
}

/// The type of a parameter or result, by its word in the DTDs.
pub fn kind_of(word: &str) -> Option<Type> {
    Some(match word {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "decimal" => Type::Decimal,
        "text" => Type::Text,
        "date" => Type::Date,
        "instant" => Type::Instant,
        _ => return None,
    })
}
