//! Business objects: what classes there are, and which tables hold them.
//!
//! A [`Model`] is read from the XML files of an application (`objects/*.xml`, checked by
//! `business-objects.dtd`). It says which attributes and relations a class has, what they are
//! called in a database that was there first, and how their values are written there ([`Stored`]).
//! How a class is stored may stand in files of its own, so that companies with different databases
//! have the same classes. A key may take several attributes; outside the database it is one text
//! ([`key`]).
//!
//! A model gives the names of expressions their types ([`caruso_expression::Schema`]), and checks
//! a [`UnitOfWork`] before any database sees it, and a whole object against the constraints of
//! its class ([`broken`]). It says who may do what ([`Rule`]), but does not know who asks.
//!
//! Invariant: a model that was read is sound by itself, whatever the findings say about the
//! rest. Every relation in it leads to a class in it and has a column for each part of that
//! class's key, every choice has its values, every key is made of attributes, every condition is
//! one over its class; and what is not sound is left out and stands in a [`Finding`]. Only a rule
//! that is not sound stays, and allows nothing, lest its class be open.
//!
//! What it is not: it opens no database and knows no SQL; it does not hold objects.
//!
//! ```
//! use caruso_object_model::Model;
//!
//! let file = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
//! <business-objects database="crm" country="NL">
//!   <class id="c1" name="Customer" table="KLANT" key="number" revision="VERSIE">
//!     <attribute id="a1" name="number" column="KLANTNR" type="text" required="yes"/>
//!     <to-many id="r1" name="meters" class="Meterr" inverse="customer"/>
//!   </class>
//!   <class id="c2" name="Meter" table="METER" key="number" revision="VERSIE">
//!     <attribute id="a2" name="number" column="METERNR" type="text" required="yes"/>
//!     <to-one id="r2" name="customer" class="Customer" column="KLANTNR"/>
//!   </class>
//! </business-objects>"#;
//! let (model, findings) = Model::read([("crm.xml", file.as_bytes())]);
//! assert_eq!(model.class("Meter").map(|class| class.table.as_str()), Some("METER"));
//! assert_eq!(findings[0].to_string(), concat!(
//!     "crm.xml:5:43: class `Meterr` is unknown\n",
//!     "    did you mean `Meter`?",
//! ));
//! ```

pub mod codes;
mod constraint;
mod data;
mod derived;
pub mod key;
mod kinds;
mod literal;
mod model;
pub mod phone;
mod read;
pub mod row;
mod rule;
mod schema;
mod stored;
mod unit_of_work;
mod written_money;

pub use caruso_markup::Finding;
pub use constraint::{Constraint, broken};
pub use data::Data;
pub use derived::{Derived, Formula, RollUp, RollUpFunction};
pub use kinds::Part;
pub use model::{
    Attribute, AttributeType, Between, Class, EnumValue, Enumeration, Held, KeySource, Labels,
    Member, Model, PhoneSearch, RelationKind, Revision, Second, ToMany, ToOne,
};
pub use read::DTD;
pub use row::Row;
pub use rule::{Action, Rule, User};
pub use schema::{ClassSchema, type_of};
pub use stored::{Clock, Digits, EpochUnit, Form, Stored, day_and_time};
pub use unit_of_work::{MAX_OPERATIONS, Operation, UnitOfWork, Violation};
pub use written_money::{MOST_DIGITS, WrittenMoney};

#[cfg(test)]
mod tests;
