//! Who may do what with the objects of a class.
//!
//! A class without rules is open to every signed-in user whom the component lets in. With one
//! rule or more, a user may do only what some rule allows.

use caruso_expression::{Checked, Error, Literal, Missing, Schema, Type, check, parse};

use crate::model::{Class, Model};
use crate::schema::ClassSchema;

/// The name that stands for the signed-in user in conditions of rules.
pub(crate) const USER: &str = "user";
/// Its class, a name that no class of a model can have.
const USER_CLASS: &str = "signed-in user";

/// Something that users of some roles may do with some objects of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The roles of which a user must have one; empty for every user.
    pub roles: Vec<String>,
    /// What may be done. Empty only in a rule that a finding is about, which allows nothing.
    pub actions: Vec<Action>,
    /// The source of the condition on the object; every object where nothing is said. It becomes
    /// an expression by [`Rule::condition`].
    pub when: Option<String>,
    /// The attributes and relations that are read or written, without repeats; all where nothing
    /// is said. The key is read with every object.
    pub attributes: Option<Vec<String>>,
}

/// What may be done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// To see it.
    Read,
    /// To make a new one.
    Create,
    /// To change it.
    Update,
    /// To end it.
    Delete,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Update, Self::Delete];

    /// The word of the model file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct User {
    /// The log-in name.
    pub name: String,
    /// What the user is, in the words of the rules.
    pub roles: Vec<String>,
}

impl Rule {
    /// True when the rule allows an action to a user, for the objects of its condition.
    pub fn is_for(&self, user: &User, action: Action) -> bool {
        let has_role = self.roles.is_empty() || self.roles.iter().any(|it| user.roles.contains(it));
        has_role && self.actions.contains(&action)
    }

    /// True when the rule is about this attribute or relation.
    pub fn names(&self, member: &str) -> bool {
        self.attributes.as_ref().is_none_or(|names| names.iter().any(|name| name == member))
    }

    /// The condition on the objects of a class for a user, whose name and roles are constants in
    /// it: a bool over that class, to be evaluated or compiled as a filter. Nothing where the rule
    /// has none, so that it is for every object. A list of constants in it may be empty.
    ///
    /// # Errors
    ///
    /// The mistakes of the condition. There are none for the class, in its model, that the rule
    /// is of; whoever meets one takes the rule as allowing nothing.
    pub fn condition(
        &self,
        model: &Model,
        class: &Class,
        user: &User,
    ) -> Result<Option<Checked>, Vec<Error>> {
        let Some(when) = &self.when else { return Ok(None) };
        let expression = parse(when).map_err(|error| vec![error])?;
        let expression = expression.bind(USER, &|name| match name {
            "name" => Some(Literal::Text(user.name.clone())),
            "roles" => Some(Literal::Texts(user.roles.clone())),
            _ => None,
        });
        check(&expression, &ClassSchema { model, class }, Some(&Type::Bool)).map(Some)
    }
}

/// What a condition of a rule may write before a user is known: a filter over the class, and the
/// user.
#[derive(Debug)]
pub(crate) struct RuleSchema<'a>(pub(crate) ClassSchema<'a>);

impl Schema for RuleSchema<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        match name {
            USER => Some(Type::Object(USER_CLASS.into())),
            _ => self.0.variable(name),
        }
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        match (class, name) {
            (USER_CLASS, "name") => Some(Type::Text),
            (USER_CLASS, "roles") => Some(Type::Text.list()),
            _ => self.0.member(class, name),
        }
    }

    fn variables(&self) -> Vec<String> {
        let mut variables = self.0.variables();
        variables.push(USER.to_owned());
        variables
    }

    fn members(&self, class: &str) -> Vec<String> {
        match class {
            USER_CLASS => ["name", "roles"].map(str::to_owned).into(),
            _ => self.0.members(class),
        }
    }

    fn missing(&self) -> Missing {
        self.0.missing()
    }
}
