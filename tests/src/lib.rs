//! What the stories in `stories/` are told with: the whole system as processes
//! ([`Installation`]), people at the desk by gRPC-Web ([`Desk`]) or in Chromium ([`Browser`]),
//! telephones of our own ([`Phone`]) and of others ([`Customer`], [`DeskPhone`], [`Lamp`]), and
//! ways to look at what is left behind ([`Records`], [`sound`]).
//!
//! What it is not: no fakes. Everything that is talked to is the program that users run, and the
//! tests see no more of it than a user, a telephone, an operator or the owner of the files does.
//!
//! Invariant: nothing is left behind. Every process belongs to a guard that ends it, every folder
//! is temporary, every port is free and local, so that stories run side by side.
//!
//! ```
//! use caruso_tests::sound;
//! let tone = sound::tone(440, 1);
//! assert!(sound::share(&tone, 440) > 0.9 && sound::share(&tone, 1000) < 0.01);
//! ```

mod application;
mod browser;
mod desk;
mod ear;
mod floor;
mod heard;
mod installation;
mod lamp;
mod peers;
mod phone;
mod process;
mod python;
mod records;
pub mod sound;
mod wait;

pub use application::{Copy, utilities};
pub use browser::Browser;
pub use desk::{Asked, Desk, Status, To};
pub use floor::Floor;
pub use heard::Heard;
pub use installation::{CALLER_ID, COMPONENTS, Installation, Plan, run};
pub use lamp::Lamp;
pub use peers::{Customer, DeskPhone, Network};
pub use phone::{Phone, State};
pub use process::Process;
pub use python::python_with_grpc;
pub use records::{Company, Orders, Records};
pub use wait::{PATIENCE, until};
