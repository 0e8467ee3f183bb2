//! Who calls, as the server side has verified it.

use std::time::Instant;

use tonic::{Code, Status};

use crate::audit::Note;
use crate::{Role, Secret, status};

/// A component that proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallingComponent {
    /// Kind and name, for example `script-engine`.
    pub name: String,
    /// The running instance.
    pub instance: String,
    /// Id of the join token by which it was let in; in development there are none.
    pub(crate) join_token: Option<String>,
}

/// A user whose token was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Log-in name.
    pub name: String,
    /// What the user may do.
    pub roles: Vec<Role>,
    /// The log-in session.
    pub session: String,
}

impl User {
    /// Whether the user has this role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Who calls, in the extensions of every request that came through the [`Guard`](crate::Guard).
#[derive(Debug, Clone)]
pub struct Caller {
    /// The component; `None` for browsers and for rpcs open to everybody.
    pub component: Option<CallingComponent>,
    /// The user beside it.
    pub user: Option<User>,
    /// Names the request in every log and audit record it leads to.
    pub request_id: String,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    pub(crate) user_token: Option<Secret<String>>,
    pub(crate) note: Note,
}

tokio::task_local! {
    static CURRENT: Caller;
}

impl Caller {
    /// The caller of a request.
    ///
    /// # Errors
    /// `INTERNAL` when the request did not come through the guard, which is a defect of the server.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<&Self, Status> {
        request.extensions().get::<Self>().ok_or_else(|| Status::internal("the guard is missing"))
    }

    /// Says for the audit log what the call is about, at most once: where the request's own fields
    /// are not known from rpc and caller, as the name of somebody who wants to be let in.
    pub fn note(&self, about: String) {
        // the first word counts
        let _ = self.note.set(about);
    }

    /// The user on whose behalf the call is made.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` (CA0102) when there is none.
    pub fn user(&self) -> Result<&User, Status> {
        let missing = || status(Code::Unauthenticated, "CA0102", "a user must be logged in");
        self.user.as_ref().ok_or_else(missing)
    }

    /// Runs work on behalf of this caller: calls made inside carry its request id, its user's token
    /// where the called rpc wants one, and its deadline. The guard does so for every handler; only
    /// tasks and streams that outlive the handler need it, or
    /// [`InterfaceChannel::on_behalf_of`](crate::InterfaceChannel::on_behalf_of).
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The caller on whose behalf this task works.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// A caller for work with a user's token that no request brought: a log-in that was just made,
    /// or a session that was taken up again.
    pub fn with_token(token: Secret<String>) -> Self {
        Self {
            component: None,
            user: None,
            request_id: uuid::Uuid::now_v7().to_string(),
            deadline: None,
            user_token: Some(token),
            note: Note::default(),
        }
    }

    /// The same caller without its deadline: for a stream's task, which outlives the request.
    #[must_use]
    pub fn without_deadline(mut self) -> Self {
        self.deadline = None;
        self
    }

    /// The same caller with a newer token of the same user.
    #[must_use]
    pub fn with_user_token(mut self, token: Secret<String>) -> Self {
        self.user_token = Some(token);
        self
    }
}
