//! The model: classes with their mapping.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Checked, Choice, Currency, Value};
use jiff::tz::TimeZone;

use crate::constraint::Constraint;
use crate::derived::Derived;
use crate::kinds::Part;
use crate::phone::Country;
use crate::rule::Rule;
use crate::stored::{Stored, day_and_time};

/// The classes of an application.
#[derive(Debug, Clone, Default)]
pub struct Model {
    pub(crate) classes: BTreeMap<String, Class>,
    /// Of a part of a model: the classes that it only leads to.
    pub(crate) beyond: BTreeMap<String, Class>,
}

impl Model {
    /// The class of this name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.get(name)
    }

    /// All classes, by name.
    pub fn classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }

    /// The same model with the classes of some databases alone. Relations that lead out of these
    /// still have their target.
    #[must_use]
    pub fn of_databases(mut self, names: &[&str]) -> Self {
        let is_beyond = |class: &Class| !names.contains(&class.database.as_str());
        let beyond = self.classes.extract_if(.., |_, class| is_beyond(class));
        self.beyond.extend(beyond);
        self
    }

    /// The class that a relation leads to; there always is one for the relations of this model.
    pub fn target(&self, relation: &ToOne) -> Option<&Class> {
        self.class(&relation.class).or_else(|| self.beyond.get(&relation.class))
    }

    /// The class that a relation of a class leads to, if one table of the same database holds its
    /// objects.
    pub fn neighbour(&self, class: &Class, relation: &ToOne) -> Option<&Class> {
        self.target(relation).filter(|target| target.is_beside(class) && !target.is_abstract)
    }
}

/// Texts for people, by language (BCP 47).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(pub(crate) BTreeMap<String, String>);

impl Labels {
    /// The text in a language, if the model has one.
    pub fn text(&self, language: &str) -> Option<&str> {
        self.0.get(language).map(String::as_str)
    }
}

/// A class and the table that holds its objects.
#[derive(Debug, Clone)]
pub struct Class {
    /// Never changes.
    pub id: String,
    /// As scripts and filters write it.
    pub name: String,
    /// For people.
    pub labels: Labels,
    /// The database, by the name that the installation knows. Of a class that a wrapper holds, a
    /// name that no database has and no other class.
    pub database: String,
    /// The wrapper whose system holds the objects, instead of a database: they are read by way of
    /// it, under the names of the model, and changed one at a time where the class is writable.
    /// Table and columns stand for themselves.
    pub wrapper: Option<String>,
    /// Where telephone numbers without country code belong.
    pub country: Country,
    /// The schema of the table; the connection's default if nothing is said.
    pub schema: Option<String>,
    /// The table.
    pub table: String,
    /// The class that it is a kind of: its objects are objects of that class, too.
    pub base: Option<String>,
    /// True when it has no table: its objects are those of its kinds, each of which has a table of
    /// its own with all of it. Table and columns stand for themselves.
    pub is_abstract: bool,
    /// Further tables, each of which holds a part of every object.
    pub parts: Vec<Part>,
    /// Who gives a new object its key.
    pub key_source: KeySource,
    /// What tells whether an object has changed.
    pub revision: Revision,
    /// Whether objects may be changed although the installation does not own the database, or
    /// although a wrapper holds them.
    pub is_writable: bool,
    /// The attribute, by its place, that says when an object was last changed, whoever changed it:
    /// a date or an instant.
    pub changed_at: Option<usize>,
    /// Whether what the objects were before each change is kept.
    pub keeps_history: bool,
    /// What is true of those objects of its base that are of this class; of the base's own, too.
    pub(crate) when: Vec<Checked>,
    /// Whether one of its tables is its own.
    pub(crate) has_table: bool,
    /// How many of these it has of its base.
    pub(crate) inherited_unique: usize,
    pub(crate) inherited_indexes: usize,
    pub(crate) key: Vec<usize>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) derived: Vec<Derived>,
    pub(crate) to_one: Vec<ToOne>,
    pub(crate) to_many: Vec<ToMany>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) unique: Vec<Vec<String>>,
    pub(crate) indexes: Vec<Vec<String>>,
    pub(crate) rules: Vec<Rule>,
}

impl Class {
    /// The attributes that together tell the objects apart, in their order; one or more, all
    /// required, each a text, an int, a date or a choice.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Attribute> + Clone {
        self.key.iter().map(|index| &self.attributes[*index])
    }

    /// The only key attribute; `None` where it takes several.
    pub fn single_key(&self) -> Option<&Attribute> {
        match self.key.as_slice() {
            [index] => self.attributes.get(*index),
            _ => None,
        }
    }

    /// True when the attribute of this name is part of the key.
    pub fn is_key(&self, name: &str) -> bool {
        self.keys().any(|attribute| attribute.name == name)
    }

    /// Attributes in the order of the file.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// Attributes that no column holds, in the order of the file.
    pub fn derived(&self) -> &[Derived] {
        &self.derived
    }

    /// What is true of those objects of its base that are of this class.
    pub fn when(&self) -> &[Checked] {
        &self.when
    }

    /// Relations to one, in the order of the file.
    pub fn to_one(&self) -> &[ToOne] {
        &self.to_one
    }

    /// Relations to many, in the order of the file.
    pub fn to_many(&self) -> &[ToMany] {
        &self.to_many
    }

    /// What is true of every object, in the order of the file; see [`broken`](crate::broken).
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// What no two objects have the same of, all of a list together: lists of attributes and
    /// relations to one by name, one or more in each, without repeats. Objects in which one of
    /// them is missing are not compared. The key, which is unique too, is not among them.
    pub fn unique(&self) -> &[Vec<String>] {
        &self.unique
    }

    /// What objects are looked for by: lists of attributes and relations to one by name, one or
    /// more in each, in the order of the index, without repeats.
    pub fn indexes(&self) -> &[Vec<String>] {
        &self.indexes
    }

    /// True when one question may be about objects of both classes: one database holds them. A
    /// wrapper is asked for objects of one class, and for few of those.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.wrapper.is_none() && self.database == other.database
    }

    /// The attributes and relations to one by which the wrapper that holds the class looks for
    /// objects, each for itself and together.
    pub fn searches(&self) -> impl Iterator<Item = &str> {
        let indexes = self.indexes.iter().filter(|_| self.wrapper.is_some());
        indexes.flatten().map(String::as_str)
    }

    /// Who may do what, in the order of the file. Without rules the class is open to every
    /// signed-in user whom the component lets in; with one or more, a user may do only what some
    /// rule allows:
    ///
    /// - an object is seen by those for whom the condition of some rule for reading holds;
    /// - an attribute or relation of it is seen where such a rule names it, or names none;
    /// - the key is seen with every object;
    /// - likewise an object is made, changed (the attributes that the rules name) or ended.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The attribute or relation of this name.
    pub fn member(&self, name: &str) -> Option<Member<'_>> {
        let attribute = self.attributes.iter().find(|it| it.name == name).map(Member::Attribute);
        let to_one = || self.to_one.iter().find(|it| it.name == name).map(Member::ToOne);
        let to_many = || self.to_many.iter().find(|it| it.name == name).map(Member::ToMany);
        let derived = || self.derived.iter().find(|it| it.name == name).map(Member::Derived);
        attribute.or_else(to_one).or_else(to_many).or_else(derived)
    }

    /// The names of all attributes and relations.
    pub fn member_names(&self) -> impl Iterator<Item = &str> {
        let attributes = self.attributes.iter().map(|it| it.name.as_str());
        let to_one = self.to_one.iter().map(|it| it.name.as_str());
        let to_many = self.to_many.iter().map(|it| it.name.as_str());
        let derived = self.derived.iter().map(|it| it.name.as_str());
        attributes.chain(to_one).chain(to_many).chain(derived)
    }
}

/// What a name of a class stands for.
#[derive(Debug, Clone, Copy)]
pub enum Member<'a> {
    /// A value of its own.
    Attribute(&'a Attribute),
    /// Another object.
    ToOne(&'a ToOne),
    /// Other objects.
    ToMany(&'a ToMany),
    /// A value that is computed.
    Derived(&'a Derived),
}

/// Who gives a new object its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// Whoever creates it.
    Given,
    /// The database; the key is a single int.
    Assigned,
}

/// What tells whether an object has changed since it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// A column that counts the changes; no attribute or relation has it.
    Column(String),
    /// These attributes, one or more, without repeats; indices into [`Class::attributes`].
    Attributes(Vec<usize>),
    /// Everything that is read.
    Content,
}

/// An attribute and the column that holds it, or two.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Never changes.
    pub id: String,
    /// As scripts and filters write it.
    pub name: String,
    /// For people.
    pub labels: Labels,
    /// The column; of an attribute in two columns, the first.
    pub column: String,
    /// Of an attribute in two columns: the second.
    pub second: Option<Second>,
    /// Which table has them: 0 for that of the class, else one of its parts, from 1.
    pub part: usize,
    /// True when the class has it of the one that it is a kind of.
    pub is_inherited: bool,
    /// What it holds.
    pub ty: AttributeType,
    /// How the database writes that; of an attribute in two columns, what stands in the first.
    pub stored: Stored,
    /// True when every object has a value.
    pub is_required: bool,
    /// True when its values stand neither in the kept history nor in any log, except as the key
    /// of an object.
    pub is_sensitive: bool,
    /// How its telephone numbers are found.
    pub search: Option<PhoneSearch>,
}

/// The second column of an attribute, and what stands in both: of an instant the day, and the time
/// of day as an int that is the microseconds since midnight; of money the amount, and the code of
/// the currency.
#[derive(Debug, Clone)]
pub struct Second {
    /// The column.
    pub column: String,
    /// What stands in the first.
    pub of_first: AttributeType,
    /// What stands in it.
    pub ty: AttributeType,
    /// How the database writes that.
    pub stored: Stored,
}

/// A column of an attribute, and what stands in it.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The column.
    pub column: &'a str,
    /// The type: that of the attribute, or of its part; see [`Second`].
    pub ty: &'a AttributeType,
    /// How the database writes that.
    pub stored: &'a Stored,
}

impl Attribute {
    /// Its columns, one or two.
    pub fn columns(&self) -> impl Iterator<Item = Held<'_>> {
        let ty = self.second.as_ref().map_or(&self.ty, |second| &second.of_first);
        let first = Held { column: &self.column, ty, stored: &self.stored };
        let second = self.second.iter().map(|second| Held {
            column: &second.column,
            ty: &second.ty,
            stored: &second.stored,
        });
        std::iter::once(first).chain(second)
    }

    /// A value as its columns hold it.
    pub(crate) fn parts(&self, value: Value) -> Vec<Value> {
        match value {
            Value::Instant(at) if self.second.is_some() => {
                let (day, time) = day_and_time(&self.zone(), at);
                vec![Value::Date(day), Value::Int(time)]
            }
            Value::Money(money) if self.second.is_some() => {
                vec![Value::Decimal(money.amount), Value::from(money.currency.code())]
            }
            value => vec![value],
        }
    }

    /// The zone of the clock that an instant is written by.
    pub fn zone(&self) -> TimeZone {
        self.stored.zone.clone().unwrap_or(TimeZone::UTC)
    }
}

/// What an attribute holds, whatever the database makes of it ([`Stored`]).
#[derive(Debug, Clone)]
pub enum AttributeType {
    /// Yes or no.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// A decimal with this many decimals, 1 to 9.
    Decimal(u32),
    /// An amount of money.
    Money {
        /// Its decimals, 1 to 9.
        decimals: u32,
        /// Its currency; `None` where each object has its own, in a second column.
        currency: Option<Currency>,
    },
    /// Text of at most this many characters.
    Text(Option<usize>),
    /// A day of the calendar, without zone.
    Date,
    /// A point in time.
    Instant,
    /// One of a list of values, stored as their codes.
    Choice(Arc<Enumeration>),
}

impl AttributeType {
    /// The word of the model file.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Decimal(_) => "decimal",
            Self::Money { .. } => "money",
            Self::Text(_) => "text",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Choice(_) => "choice",
        }
    }
}

/// A closed list of values.
#[derive(Debug, Clone)]
pub struct Enumeration {
    /// Name and values as expressions know them.
    pub choice: Arc<Choice>,
    /// The values in the order of the file.
    pub values: Vec<EnumValue>,
}

impl Enumeration {
    /// Why a text is no value of this list; nothing if it is one.
    pub(crate) fn refusal(&self, name: &str) -> Option<String> {
        let names = &self.choice.values;
        let is_known = names.iter().any(|known| known == name);
        (!is_known).then(|| format!("it is one of: {}", names.join(", ")))
    }
}

/// A value of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// As scripts and filters write it.
    pub name: String,
    /// As the database writes it.
    pub stored: String,
    /// For people.
    pub labels: Labels,
}

/// How the telephone numbers of an attribute are found.
#[derive(Debug, Clone)]
pub struct PhoneSearch {
    /// The condition on the object for the text to be a telephone number at all.
    pub when: Option<Checked>,
    /// The relation to the object that is found, if it is not this one.
    pub owner: Option<String>,
}

/// A relation to one object.
#[derive(Debug, Clone)]
pub struct ToOne {
    /// Never changes.
    pub id: String,
    /// As scripts and filters write it.
    pub name: String,
    /// For people.
    pub labels: Labels,
    /// The class that it leads to.
    pub class: String,
    /// The columns that hold the key of the other object, in the order of its key attributes
    /// and written like those. An attribute or another relation may have a column too; the
    /// relation leads nowhere when one of its columns is empty.
    pub columns: Vec<String>,
    /// What says that these columns hold the key of an object of this class and not of another;
    /// without it they always do.
    pub kind: Option<RelationKind>,
    /// Which table has them, as for attributes.
    pub part: usize,
    /// True when every object has one.
    pub is_required: bool,
    /// True when the class has it of the one that it is a kind of.
    pub is_inherited: bool,
}

/// A column that says to objects of which class some columns lead.
#[derive(Debug, Clone)]
pub struct RelationKind {
    /// The column.
    pub column: String,
    /// A choice of the relations that it tells apart, by their names, stored as their codes.
    pub ty: AttributeType,
}

/// A relation to many objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToMany {
    /// Never changes.
    pub id: String,
    /// As scripts and filters write it.
    pub name: String,
    /// For people.
    pub labels: Labels,
    /// The class that it leads to.
    pub class: String,
    /// The relation to one that leads back: of that class, or of the class between.
    pub inverse: String,
    /// What stands between, where there are many on both sides.
    pub between: Option<Between>,
}

/// A class whose objects each tie an object to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// Its name.
    pub class: String,
    /// Its relation to one that leads on to the other object.
    pub onward: String,
}
