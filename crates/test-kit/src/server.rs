//! A database server of a test's own, of whatever engine.

use crate::certificate::Certificate;
use crate::guard::{Engine, Guard};
use crate::program::{Failed, Missing};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A server that was started, or why not.
pub type Started<K> = Result<Result<Server<K>, Failed>, Missing>;

/// What one engine is as a server.
pub trait Kind: Debug + Send + Sync + Sized + 'static {
    /// How it is run.
    ///
    /// # Errors
    /// [`Missing`] without its programs.
    fn engine() -> Result<Engine, Missing>;

    /// Settings as its command line has them; each is given as `NAME=VALUE`.
    fn settings(settings: &[&str]) -> Vec<String>;

    /// Where the server of [`Server::shared`] is kept.
    fn shared() -> &'static OnceLock<Started<Self>>;
}

/// A server that runs until it is dropped or its process ends, however that ends. What can be done
/// with it is in [`Guard`].
#[derive(Debug)]
pub struct Server<K>(Guard, PhantomData<K>);

impl<K: Kind> Server<K> {
    /// Starts a server in a new folder, on a free loopback port, and waits until it answers.
    ///
    /// Blocks its thread.
    ///
    /// # Errors
    /// [`Missing`] without the program.
    pub fn start() -> Started<K> {
        Self::begin(&[], None)
    }

    /// Starts a server with settings besides the usual ones, each `NAME=VALUE`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(settings: &[&str]) -> Started<K> {
        Self::begin(settings, None)
    }

    /// Starts a server that shows this certificate to clients that want TLS.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with_certificate(certificate: &Certificate) -> Started<K> {
        Self::begin(&[], Some(certificate))
    }

    fn begin(settings: &[&str], certificate: Option<&Certificate>) -> Started<K> {
        let engine = K::engine()?;
        let settings = K::settings(settings);
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let started = Guard::start(engine, &settings, certificate);
        Ok(started.map(|guard| Self(guard, PhantomData)))
    }

    /// The server that all tests of this process share, started by the first who asks. It cannot be
    /// killed; databases of different tests need different names.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn shared() -> Result<Result<&'static Self, &'static Failed>, Missing> {
        let shared = K::shared().get_or_init(Self::start);
        shared.as_ref().map(Result::as_ref).map_err(Missing::clone)
    }
}

impl<K> Deref for Server<K> {
    type Target = Guard;

    fn deref(&self) -> &Guard {
        &self.0
    }
}

impl<K> DerefMut for Server<K> {
    fn deref_mut(&mut self) -> &mut Guard {
        &mut self.0
    }
}
