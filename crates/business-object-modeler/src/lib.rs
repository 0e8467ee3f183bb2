//! Business objects of a database that was there first.
//!
//! [`import::first_model`] writes a model of what a live database has, with names that can be read
//! and guesses about what its codes mean ([`import::Samples`]). [`check::check`] holds a model
//! against the database, and [`quality::measure`] against its data. [`migration::plan`] says what a
//! database that an application owns lacks of a changed model.
//!
//! [`service::run`] is the component around it, which serves `caruso.modeler.v1.Modeler` to design
//! tools; the commands `caruso objects` call the same functions.
//!
//! Invariants: nothing here changes a database but the steps of a plan that was shown, and nothing
//! writes a value of an object into a log line. A first model reads back without a finding and fits
//! the database that it was made of. Every statement that looks at data is bounded, in rows or in
//! time.
//!
//! What it is not: it prints nothing and reads no file; it serves no objects.

pub mod check;
pub mod codes;
pub mod import;
mod live;
pub mod migration;
mod places;
pub mod quality;
pub mod service;
mod statement;
mod united;

#[cfg(test)]
mod tests;
