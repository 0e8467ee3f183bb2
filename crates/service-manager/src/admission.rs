//! Who may join: whoever is on this machine, in development mode; else whoever is certified.

use std::net::SocketAddr;

use caruso_component::token::TokenSigner;
use caruso_component::{Caller, Connection, status};
use tonic::{Code, Request, Status};

use crate::certifying::Certifying;

/// Decides who may join.
#[derive(Debug)]
pub(crate) enum Admission {
    /// Everybody on this machine, in the clear; the key signs who they are.
    Development(Box<TokenSigner>),
    /// Whoever has a certificate of the authority.
    Certified(Box<Certifying>),
}

/// Somebody whose certificate was verified.
#[derive(Debug, Clone)]
pub(crate) struct Certified {
    pub(crate) component: String,
    pub(crate) instance: String,
    /// Id of the join token by which it was let in.
    pub(crate) join_token: String,
}

impl Certified {
    /// Whoever sent a request.
    pub(crate) fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let component = Caller::of(request)?.component.clone();
        let connection = request.extensions().get::<Connection>();
        let presented = connection.and_then(|connection| connection.presented.as_deref());
        let none = || Status::internal("the guard let somebody pass without a certificate");
        let (component, presented) = component.zip(presented).ok_or_else(none)?;
        let join_token = presented.join_token.clone();
        Ok(Self { component: component.name, instance: component.instance, join_token })
    }
}

impl Admission {
    /// Lets a component's session in, or says why not: who it is, but in development.
    pub(crate) fn admit<T>(&self, request: &Request<T>) -> Result<Option<Certified>, Status> {
        match self {
            Self::Development(_) => is_here(request.remote_addr()).map(|()| None),
            Self::Certified(_) => Certified::of(request).map(Some),
        }
    }

    /// What certifies components.
    pub(crate) fn certifying(&self) -> Result<&Certifying, Status> {
        let text = "there are no certificates and no join tokens in development mode";
        match self {
            Self::Development(_) => Err(status(Code::FailedPrecondition, "CR0118", text)),
            Self::Certified(certifying) => Ok(certifying),
        }
    }
}

fn is_here(from: Option<SocketAddr>) -> Result<(), Status> {
    if from.is_some_and(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    let text = "in development mode only components of this machine may join";
    Err(status(Code::Unauthenticated, "CR0101", text))
}
