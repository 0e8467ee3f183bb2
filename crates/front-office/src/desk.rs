//! An agent's desk: put together from the agent's status, the customer, and the dialogue script.
//!
//! [`state`] holds all of it as a pure machine: inputs change it, and from it follow the message
//! for the browser and what is to be fetched. [`watch`] is the loop around it; [`agent`],
//! [`lookup`] and [`script`] fetch.

mod agent;
mod lookup;
mod relations;
mod script;
mod state;
mod watch;

pub(crate) use lookup::is_known;
pub(crate) use script::may_give;
pub(crate) use watch::{Choice, Desk, watch};
