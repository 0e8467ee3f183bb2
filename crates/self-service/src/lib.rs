//! Pages that customers fill in by themselves: dialogue scripts on the channel of the web.
//!
//! The pages are made on the server and need no script in the browser: each step is one form, whose
//! answer leads to a redirect (POST, 303, GET), so that reload and the back button do no harm. A
//! conversation is reached by a signed link alone, which opens it on another device as
//! well. What is said and asked comes from the script engine; this component keeps nothing but the
//! key of its links.
//!
//! Everybody on the network may call it, so its invariant is: **only the scripts that the
//! application publishes can be started, only who has its link reaches a session, and everything
//! has a limit**. It has an address of its own and none of the desk's permissions.
//!
//! ```no_run
//! # async fn start() -> Result<(), caruso_self_service::Error> {
//! use caruso_self_service::{Options, SelfService};
//! use tokio_util::sync::CancellationToken;
//!
//! let component = caruso_component::Options::new("http://127.0.0.1:7070");
//! let options = Options::new(component, ([127, 0, 0, 1], 8081).into());
//! let pages = SelfService::bind(options).await?;
//! println!("{}", pages.address());
//! pages.serve(CancellationToken::new()).await
//! # }
//! ```

mod component;
mod engine;
mod form;
mod handlers;
mod language;
mod limits;
mod link;
mod page;
mod phrases;
mod published;
mod question;
mod render;
mod together;

pub use component::{Error, INTERFACE, Options, SelfService};
