//! An application's folder as a whole: all its files checked together, compiled to what components
//! work with.
//!
//! [`Application::compile`] takes paths and bytes. It reads `application.xml`, the business
//! objects, the routing, the dialogue scripts, the reports and the data files, and proves each
//! against the others: a script may name only classes, queues, operations and prompts that exist.
//! All mistakes come at once, in the order of the files.
//!
//! Invariant: an application that was compiled is sound as a whole; no component needs to check it
//! again.
//!
//! What it is not: it reads no folder and knows no release (that is whoever has the files).
//!
//! ```
//! use caruso_application::Application;
//!
//! let file = r#"<!DOCTYPE application SYSTEM "application.dtd">
//! <application id="shop" language="en" zone="Europe/Atlantis"><title language="en">Shop</title>
//! </application>"#;
//! let compiled = Application::compile([("application.xml", file.as_bytes())]);
//! let findings = compiled.expect_err("there is no such time zone");
//! let expected = "application.xml:2:44: time zone `Europe/Atlantis` is unknown";
//! assert_eq!(findings[0].to_string(), expected);
//! ```

mod callers;
pub mod codes;
mod compile;
mod held;
mod manifest;
mod named;
mod scripts;
mod web;

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_dialogue::Script;
use caruso_markup::Document;
use caruso_object_model::Model;
use caruso_routing::Configuration;

pub use callers::Callers;
pub use caruso_configured_wrapper as configured;
pub use caruso_configured_wrapper::{Configured, HeldClass, Operation};
pub use caruso_dialogue as dialogue;
pub use caruso_dialogue::Unheard;
pub use caruso_markup::Finding;
pub use caruso_object_model as object_model;
pub use caruso_reports as reports;
pub use caruso_routing as routing;

/// A compiled application. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its name in one word.
    pub id: String,
    /// What people call it, by language.
    pub titles: BTreeMap<String, String>,
    /// Language of its texts and prompts.
    pub language: String,
    /// IANA name of the zone in which its days begin.
    pub zone: String,
    /// Other systems that its scripts call.
    pub wrappers: Vec<Wrapper>,
    /// What everybody may start on the web, in the order of the start page: path and script.
    pub web: Vec<(String, String)>,
    /// Where business objects keep what was said, if they do.
    pub history: Option<History>,
    /// The classes.
    pub model: Arc<Model>,
    /// How numbers of callers are read.
    pub callers: Callers,
    /// Queues, numbers, teams.
    pub routing: Arc<Configuration>,
    /// What that was compiled from, with what the company puts on it.
    pub routing_document: Option<Arc<Document>>,
    /// Reports by id: those that every application has, with what is put on them, and its own.
    pub reports: BTreeMap<String, Arc<reports::Definition>>,
    /// Dialogue scripts by name.
    pub scripts: BTreeMap<String, Arc<Script>>,
    /// What they were compiled of, with the overlays that are put on them.
    pub documents: BTreeMap<String, Arc<Document>>,
    /// Recorded prompts: path of the file by id.
    pub prompts: BTreeMap<String, String>,
    /// Data to begin with: path of the file by class.
    pub data: BTreeMap<String, String>,
    /// What is no mistake of the scripts and yet most likely not meant, ordered by file, line and
    /// column.
    pub advice: Vec<Finding>,
    /// The same of `routing.xml`, in its order.
    pub routing_advice: Vec<Finding>,
    /// What is heard on the telephone only where a voice says texts, in the same order.
    pub unheard: Vec<Unheard>,
}

/// Another system, reached through a program that speaks for it, or by a file that says how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// As scripts name it.
    pub name: String,
    /// Path of the program, or of the file, in the application's folder.
    pub program: String,
    /// Whether the program serves gRPC, instead of reading lines.
    pub is_grpc: bool,
    /// What the file says, where it is no program.
    pub configured: Option<Arc<Configured>>,
    /// What it can do, by name.
    pub operations: BTreeMap<String, Operation>,
    /// The classes whose objects it holds, by name.
    pub classes: BTreeMap<String, HeldClass>,
}

/// The class that keeps what was said to a customer; the other fields name its attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The class.
    pub class: String,
    /// The relation that leads to the customer.
    pub customer: String,
    /// Id of the contact.
    pub contact: String,
    /// How the customer came.
    pub channel: String,
    /// When.
    pub started: String,
    /// The queue.
    pub topic: String,
    /// How it came out.
    pub disposition: String,
    /// The agent's words.
    pub note: String,
}

impl Application {
    /// Checks and compiles all files of an application: paths relative to its folder, with `/`
    /// between their parts, and bytes.
    ///
    /// # Errors
    /// All mistakes of all files at once, ordered by file, line and column.
    pub fn compile<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, Vec<Finding>> {
        compile::compile(files.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
