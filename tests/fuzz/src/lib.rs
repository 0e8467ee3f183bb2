//! What random bytes must not do to the languages of Caruso: panic, take forever, or contradict
//! themselves.
//!
//! Each target is a function of bytes that panics where something is wrong. `cargo xtask fuzz`
//! lets libFuzzer look for such bytes; what it finds on its way is kept in `corpus/`, and a test
//! runs all of that again.

mod documents;
mod session;

pub use documents::{dtd, expression, script};
pub use session::session;

/// A target.
pub type Target = fn(&[u8]);

/// All targets by name; each has a folder of its name in `corpus/`.
pub const TARGETS: [(&str, Target); 4] =
    [("dtd", dtd), ("expression", expression), ("script", script), ("session", session)];
