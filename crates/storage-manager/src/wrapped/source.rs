//! What is behind wrappers, as the engine asks it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use caruso_expression::Value;
use caruso_object_model::Action;

/// The most objects of an answer, the most keys of a question, and the most values of a condition.
pub const AT_ONCE: usize = 200;

/// Objects that wrappers hold.
#[tonic::async_trait]
pub trait Source: Debug + Send + Sync {
    /// Objects of a class by their keys, in any order; at most [`AT_ONCE`] keys. Those that there
    /// are not are left out.
    async fn get(&self, wrapper: &str, class: &str, keys: &[String]) -> Result<Answer, NoAnswer>;

    /// Objects that satisfy all conditions, at most [`AT_ONCE`].
    async fn query(&self, wrapper: &str, question: &Question) -> Result<Answer, NoAnswer>;

    /// Creates, changes or deletes one object; answers with it as it is then, with nothing when it
    /// was deleted. The same key changes something once.
    async fn apply(&self, wrapper: &str, wish: &Wish) -> Result<Option<Given>, NotDone>;
}

/// A change that somebody wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The class.
    pub class: String,
    /// What is to happen to the object.
    pub action: Action,
    /// Its key; empty for a new one.
    pub key: String,
    /// What was read of it, with [`Value::Null`] for what is missing, and nothing of what could not
    /// be read.
    pub was: BTreeMap<String, Value>,
    /// What it is to have.
    pub values: BTreeMap<String, Value>,
    /// The same for every repeat.
    pub idempotency_key: String,
    /// Who caused it.
    pub actor: String,
}

/// Why a wrapper did not say that it made a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDone {
    /// The object is no longer what it was; nothing was changed.
    Stale,
    /// The system refuses for good, in words for people; nothing was changed.
    Refused(String),
    /// It may do it later; why not now, for the log. Nothing was changed.
    Later(String),
    /// It may have done it or not; why it did not say, for the log.
    Unknown(String),
}

/// A question for objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    /// The class.
    pub class: String,
    /// An object has one of the values of each name; keys of relations are texts.
    pub having: Having,
    /// Where the answer before ended; empty for the first.
    pub cursor: String,
}

/// Names, each with values of which an object has one.
pub type Having = BTreeMap<String, Vec<Value>>;

/// Some objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// In an order that stays the same.
    pub objects: Vec<Given>,
    /// Where it goes on; empty at the end.
    pub next: String,
}

/// An object as a wrapper gives it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    /// Attributes and relations by name; what is missing is absent.
    pub values: BTreeMap<String, Value>,
    /// Those whose value is not of their type.
    pub unreadable: Vec<String>,
}

/// Why a wrapper gives no objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It does not list as much as that.
    TooMuch,
    /// It may tell later; why not now, for the log.
    Later(String),
}

/// Nobody: every wrapper is away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nobody;

#[tonic::async_trait]
impl Source for Nobody {
    async fn get(&self, _: &str, _: &str, _: &[String]) -> Result<Answer, NoAnswer> {
        Err(NoAnswer::Later("there are no wrappers here".into()))
    }

    async fn query(&self, _: &str, _: &Question) -> Result<Answer, NoAnswer> {
        Err(NoAnswer::Later("there are no wrappers here".into()))
    }

    async fn apply(&self, _: &str, _: &Wish) -> Result<Option<Given>, NotDone> {
        Err(NotDone::Later("there are no wrappers here".into()))
    }
}
