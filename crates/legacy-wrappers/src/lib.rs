//! Legacy wrappers: a foreign system's operations, made by a small program, offered as a component.
//!
//! A company's existing system joins by a program in any language that reads one JSON request a
//! line from its standard input and writes one JSON answer a line to its standard output:
//!
//! - `{"id":1,"do":"describe"}` is answered by `{"id":1,"operations":[…],"classes":[…]}`, where an
//!   operation is `{"name":…,"title":…,"parameters":[{"name":…,"type":…,"required":true}]}` and a
//!   class `{"name":…,"searches":[…],"writable":true}`; one of the two may be left out;
//! - `{"id":2,"do":"invoke","operation":…,"arguments":{…},"key":…,"actor":…}` is answered by
//!   `{"id":2,"results":{…},"summary":…}`, or `{"id":2,"refused":"words an agent can read"}`, which
//!   is for good, or `{"id":2,"later":"why not now"}`, so that the caller tries again;
//! - `{"id":3,"do":"get","class":…,"keys":[…]}` is answered by `{"id":3,"objects":[{…}]}`: those
//!   that there are, each with names and values of the class in the model, a relation as the key
//!   that it leads to; what is missing is absent or `null`;
//! - `{"id":4,"do":"query","class":…,"where":{name:[…]},"limit":200,"cursor":""}` is answered by
//!   `{"id":4,"objects":[{…}],"next":"…"}`: objects that have one of the values of each name, at
//!   most so many; `next`, if there are more, comes back as `cursor`. `refused` and `later` are
//!   answers here, too: a program that lists nothing unless it is told for whom refuses;
//! - `{"id":5,"do":"apply","class":…,"change":"create"|"update"|"delete","key":…,"was":{…},
//!   "values":{…},"idempotency_key":…,"actor":…}` is answered by `{"id":5,"objects":[{…}]}`: the
//!   object as it is now, none when it was deleted; by `{"id":5,"stale":true}` where it is no
//!   longer what it `was`; or by `refused` or `later`, when nothing was changed.
//!
//! The host, this crate, is the component: it joins under the wrapper's name, starts the program,
//! checks arguments against what the program described, keeps the time, starts the program again
//! when it fails, and offers `caruso.wrapper.v1.Actions` and `Objects`. What the program writes to
//! standard error goes to the log, line by line.
//!
//! What it is not: it does not know what operations mean, and does not make them idempotent: the
//! same key must give the same result from the program, also after a restart of it.
//!
//! A value that is not of the type that the model declares makes that attribute of that object
//! unreadable, and nothing else. Decimals, dates and instants are texts.
//!
//! A program may speak gRPC instead, and serve `caruso.wrapper.v1` itself ([`Speaks::Grpc`]). A
//! task of the host then asks it what the lines say, and answers in lines.
//!
//! A wrapper whose file in the application is no program (`configured`) is a task of the host that
//! reads and writes the same lines: for everything else it is a program.
//!
//! What a program describes is held against what the application declares; a wrapper is trusted
//! with no operation, and gives back no result, beyond that.
//!
//! Invariant: **one request is in flight per program**, and a program that broke the protocol in
//! any way (silence, other output, a line too long, an end) is never asked again but started anew.
//!
//! Limits: [`Limits`], [`MAX_QUEUE`], [`MAX_LINE_BYTES`](protocol::MAX_LINE_BYTES),
//! [`MAX_OBJECTS_BYTES`](protocol::MAX_OBJECTS_BYTES), [`MAX_OBJECTS`], [`MAX_KEYS`].
//!
//! ```
//! use caruso_legacy_wrappers::protocol::{Answer, Request, decode, encode};
//! let line = encode(1, &Request::Describe)?;
//! assert_eq!(line, "{\"id\":1,\"do\":\"describe\"}\n");
//! let answer = decode(2, br#"{"id":2,"refused":"The ERP has no such customer."}"#)?;
//! assert_eq!(answer, Answer::Refused("The ERP has no such customer.".into()));
//! # Ok::<(), caruso_legacy_wrappers::protocol::Error>(())
//! ```

mod answered;
mod asked;
mod called;
mod changing;
mod configured;
pub mod conformance;
mod declared;
mod group;
mod held;
mod host;
mod install;
mod life;
mod lines;
mod operation;
mod own;
mod program;
pub mod protocol;
mod reading;
mod run;
mod service;
mod serving;
mod value;
mod wire;

pub use answered::MAX_KEYS;
pub use configured::{Installation, MailServer, Remote};
pub use declared::{Declared, DeclaredOperation};
pub use held::{DeclaredClass, Held, MAX_CLASSES, MAX_OBJECTS, Object, Objects};
pub use host::{Error, Host, Limits, MAX_QUEUE, State};
pub use install::install;
pub use operation::{MAX_OPERATIONS, MAX_PARAMETERS, Operation, Parameter};
pub use own::OwnProgram;
pub use program::{Failure, Program, Speaks};
pub use run::{run, wrap};
pub use service::Service;
pub use value::{Type, Value, Values};

/// A module for programs in Python: requests become calls of functions.
pub const PYTHON: &str = include_str!("../python/caruso_wrapper.py");

#[cfg(test)]
mod tests;
