//! The monitor: live status and reports, both computed from the contact events.
//!
//! It follows the contact log of the communication server from a month ago on, folds it with
//! `caruso-metrics`, and serves `caruso.monitor.v1.Monitor`: the live status, coalesced to at most
//! four messages a second, and the reports of the application, as tables, files, and lists of the
//! contacts behind a figure.
//!
//! What it is not: it is asked by nobody on a call's path, and stores nothing. The log is the
//! truth; a start reads the last month of it again. Titles of queues come from the release, display
//! names of agents from identity; while they are not known, ids stand in their place.
//!
//! Invariant: **an event counts once**. The stream is resumed after the last position that was
//! folded, positions that were folded are skipped, and a gap breaks the stream. While the stream
//! is broken the status says that it is stale.
//!
//! Limits: what began in the last [`DAYS_KEPT`] days is kept, some 200 bytes each; a report has at
//! most 1,000 intervals and 60,000 cells.
//!
//! ```no_run
//! # async fn start() -> Result<(), caruso_component::Error> {
//! use caruso_component::Options;
//! use tokio_util::sync::CancellationToken;
//! let options = Options::new("http://127.0.0.1:7070").with_data("data/monitor");
//! caruso_monitor::run(options, CancellationToken::new()).await
//! # }
//! ```

mod convert;
mod follow;
mod names;
mod picture;
mod publish;
mod reports;
mod run;
mod service;

pub use picture::DAYS_KEPT;
pub use run::run;

#[cfg(test)]
mod tests;
