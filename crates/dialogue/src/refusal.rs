//! Why an input is refused.

/// The input does not fit the session, which stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing but a start can come first.
    #[error("the session has not started")]
    NotStarted,
    /// The session was started by another request.
    #[error("the session has started already")]
    AlreadyStarted,
    /// The script does not run there.
    #[error("the script does not run on this channel")]
    Channel,
    /// An input is missing or of the wrong type.
    #[error("the input `{0}` must {1}")]
    Input(String, String),
    /// Another answer came first.
    #[error("the session has gone on meanwhile")]
    Stale,
    /// The step is not on the path, or not to be answered.
    #[error("`{0}` is not asked now")]
    NotAsked(String),
    /// The value is not one that the step takes.
    #[error("{0}")]
    Answer(String),
    /// A hard check speaks against the answer, in the words of the script.
    #[error("{0}")]
    Mistaken(String),
    /// A soft check speaks against the answer, which is taken if a reason comes with it.
    #[error("{0}")]
    Doubtful(String),
    /// An action was sent that depends on the answer.
    #[error("{}", locked(.0))]
    Locked(String),
    /// Answers of a page are refused, and so none of it is taken: the questions and why.
    #[error("{}", each(.0))]
    Page(Vec<(String, Refusal)>),
    /// The script has no such interrupt, or it cannot be begun now.
    #[error("`{0}` cannot be begun now")]
    NotBegun(String),
    /// An interrupt was begun that is not over.
    #[error("`{0}` comes to its end before anything else can be begun")]
    Interrupted(String),
    /// The session was handed off, ended or broken off.
    #[error("the script has ended")]
    Over,
    /// More requests than one session takes.
    #[error("the session has taken too many requests")]
    TooLong,
}

impl Refusal {
    /// Stable code, as `proto/caruso/script/v1` documents them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Channel | Self::Input(..) | Self::AlreadyStarted => "CX0102",
            Self::Stale | Self::NotAsked(_) => "CX0103",
            Self::Answer(_) => "CX0104",
            Self::Doubtful(_) => "CX0109",
            Self::Mistaken(_) => "CX0110",
            Self::Locked(_) | Self::Over | Self::TooLong => "CX0105",
            Self::NotStarted => "CX0106",
            Self::Page(_) => "CX0111",
            Self::NotBegun(_) | Self::Interrupted(_) => "CX0112",
        }
    }
}

/// Why an answer is locked, in words for the agent.
pub(crate) fn locked(action: &str) -> String {
    format!("`{action}` was already sent and depends on this answer")
}

fn each(refused: &[(String, Refusal)]) -> String {
    let each: Vec<String> = refused.iter().map(|(step, why)| format!("`{step}`: {why}")).collect();
    each.join("; ")
}
