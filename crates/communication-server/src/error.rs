//! Why the communication server cannot start or go on.

/// Why the communication server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The component could not join or serve.
    #[error(transparent)]
    Component(#[from] caruso_component::Error),
    /// The release is not one that it can work with; the findings went to the service manager.
    #[error("the release {0} is refused; `caruso services` shows why")]
    Release(String),
    /// The contact event log cannot be opened or written.
    #[error("the contact event log")]
    Journal(#[from] caruso_journal::Error),
    /// An event of the log cannot be understood.
    #[error("event {position} of the contact event log is not readable")]
    Unreadable {
        /// Its position.
        position: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// The folder of recordings cannot be used.
    #[error("the recordings of messages")]
    Recordings(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The process whose place it was to take did not leave it.
    #[error("the calls of the process before cannot be taken over")]
    Predecessor(#[source] std::io::Error),
    /// SIP cannot be spoken.
    #[error("telephony")]
    Sip(#[source] caruso_sip::Error),
    /// Sound cannot be sent.
    #[error("sound")]
    Media(#[source] caruso_media::Error),
    /// The address for sound cannot be told to others.
    #[error(
        "SIP listens on any address, so an address that others reach us at must be given \
         (site file: sip.advertised)"
    )]
    NoAdvertisedAddress,
}
