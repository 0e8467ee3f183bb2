//! The browser side: serves the pages of agents and supervisors, and talks to the components for
//! them.
//!
//! A browser knows this component only. It loads the pages, logs in, and speaks gRPC-Web to
//! `caruso.desk.v1`; what the desk shows is put together here from the agent's status, the customer
//! found by number, related objects and the dialogue script. The simulated customer, the demo phone
//! and the phone in the browser come over WebSockets.
//!
//! It decides nothing about calls, scripts or objects, and keeps nothing that a reload would lose:
//! a log-in session lives in identity and, sealed, in a cookie. Its invariant: **no command and no
//! sound is taken from a page of another origin, and no user's token leaves for another user's
//! work**.
//!
//! ```no_run
//! # async fn start() -> Result<(), caruso_front_office::Error> {
//! use caruso_front_office::{FrontOffice, Options};
//! use tokio_util::sync::CancellationToken;
//!
//! let component = caruso_component::Options::new("http://127.0.0.1:7070");
//! let options = Options { component, http: ([127, 0, 0, 1], 8080).into() };
//! let front_office = FrontOffice::bind(options).await?;
//! println!("{}", front_office.address());
//! front_office.serve(CancellationToken::new()).await
//! # }
//! ```

mod contacts;
mod cookie;
mod demo;
mod desk;
mod floor;
mod front_office;
mod origin;
mod pages;
mod peers;
mod phone;
mod recordings;
mod service;
mod sessions;
mod settings;
mod status;

pub use front_office::{Error, FrontOffice, Options};
