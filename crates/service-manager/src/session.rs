//! One component's session stream.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_component::status;
use caruso_component::token::{COMPONENT_AUDIENCE, ComponentClaims, TokenSigner, hex, now_seconds};
use proto::session_request::Message as Up;
use proto::session_response::Message;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tonic::{Code, Status, Streaming};

use crate::admission::{Admission, Certified};
use crate::certifying::{may_be_named, no_name};
use crate::registry::{BEAT, LEASE, MOST_OFFERS, Standby};
use crate::right::Right;
use crate::shared::{Down, Shared};
use crate::{contracts, convert};

/// Time for the first message to arrive.
const HELLO: Duration = Duration::from_secs(5);
/// Messages towards a component that may wait.
const QUEUE: usize = 32;
/// Outcomes of one beat; what is more is passed over.
const MOST_OUTCOMES: usize = 256;
/// Characters of a version, or of a name in what a component tells; what is longer is passed over.
const LONGEST_WORD: usize = 256;
/// Reasons against a release, and characters of each; what is more is cut off. All that is kept of
/// a session has a limit, since it is written to the directory as one record.
const MOST_REASONS: usize = 100;
const LONGEST_REASON: usize = 1_000;

/// A component goes on for this long without the manager; tokens are renewed after [`RENEW`].
const TOKEN_LIFE: u64 = 24 * 3600;
/// Age in seconds at which a beat brings a new token.
const RENEW: u64 = 3600;

/// Messages towards the component.
pub(crate) type Responses = mpsc::Receiver<Result<proto::SessionResponse, Status>>;

/// A session that is open on one stream.
struct Session {
    shared: Arc<Shared>,
    id: String,
    component: String,
    stream: u64,
    down: Down,
    signed_at: u64,
    right: Right,
}

/// Reads the first message, opens or resumes the session, and serves it from then on.
pub(crate) async fn open(
    shared: Arc<Shared>,
    mut up: Streaming<proto::SessionRequest>,
    who: Option<Certified>,
) -> Result<Responses, Status> {
    let no_hello = || status(Code::FailedPrecondition, "CR0102", "a session begins with hello");
    let first = tokio::time::timeout(HELLO, up.message()).await.map_err(|_| no_hello())??;
    let Some(Up::Hello(hello)) = first.and_then(|request| request.message) else {
        return Err(no_hello());
    };
    if !may_be_named(&hello.component) {
        return Err(no_name());
    }
    if let Some(who) = who.as_ref().filter(|who| who.component != hello.component) {
        let text = format!("the certificate is of {}, not of {}", who.component, hello.component);
        return Err(status(Code::PermissionDenied, "CR0122", text));
    }
    let right = Right::of(&shared.admission, who.as_ref()).await;
    let (down, responses) = mpsc::channel(QUEUE);
    let (mut session, secret) = match who {
        Some(who) => (Session::certified(shared, hello, who, right, down)?, String::new()),
        None => Session::begin(shared, hello, down)?,
    };
    session.welcome(secret)?;
    tokio::spawn(session.serve(up));
    Ok(responses)
}

/// A fresh component token.
fn token(signer: &TokenSigner, component: &str, instance: &str) -> String {
    let now = now_seconds();
    signer.sign(&ComponentClaims {
        sub: component.to_owned(),
        instance: instance.to_owned(),
        aud: COMPONENT_AUDIENCE.to_owned(),
        iat: now,
        exp: now + TOKEN_LIFE,
    })
}

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

impl Session {
    /// The session of a certified instance: its certificate says which, and proves it.
    fn certified(
        shared: Arc<Shared>,
        hello: proto::Hello,
        who: Certified,
        right: Right,
        down: Down,
    ) -> Result<Self, Status> {
        let Certified { component, instance: id, .. } = who;
        let no_secret = digest("");
        let stream = shared.event(|registry, now| {
            let resumed = registry.resume(now, &id, &component, &no_secret);
            resumed.or_else(|| registry.open(now, &id, &component, &hello.version, no_secret))
        });
        let full = || status(Code::ResourceExhausted, "CR0103", "too many sessions");
        let stream = stream.ok_or_else(full)?;
        shared.attach(&id, down.clone());
        tracing::info!(component, instance = id, "session open");
        Ok(Self { shared, id, component, stream, down, signed_at: now_seconds(), right })
    }

    fn begin(
        shared: Arc<Shared>,
        hello: proto::Hello,
        down: Down,
    ) -> Result<(Self, String), Status> {
        let component = hello.component;
        let version: String = hello.version.chars().take(LONGEST_WORD).collect();
        let resumed = hello.resume.and_then(|resume| {
            let digest = digest(&resume.secret);
            let taken = |registry: &mut crate::registry::Registry, now| {
                registry.resume(now, &resume.session_id, &component, &digest)
            };
            shared.event(taken).map(|stream| (resume.session_id.clone(), resume.secret, stream))
        });
        let (id, secret, stream) = match resumed {
            Some(resumed) => resumed,
            None => {
                let id = uuid::Uuid::now_v7().to_string();
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes)
                    .map_err(|error| Status::internal(format!("no randomness: {error}")))?;
                let secret = hex(&bytes);
                let stream = shared.event(|registry, now| {
                    registry.open(now, &id, &component, &version, digest(&secret))
                });
                let full = || status(Code::ResourceExhausted, "CR0103", "too many sessions");
                (id, secret, stream.ok_or_else(full)?)
            }
        };
        shared.attach(&id, down.clone());
        tracing::info!(component, instance = id, "session open");
        let (signed_at, right) = (now_seconds(), Right::default());
        Ok((Self { shared, id, component, stream, down, signed_at, right }, secret))
    }

    fn welcome(&mut self, secret: String) -> Result<(), Status> {
        let (component_token, token_key) = match &self.shared.admission {
            Admission::Certified(_) => (String::new(), Vec::new()),
            Admission::Development(signer) => {
                (token(signer, &self.component, &self.id), signer.public_key().to_vec())
            }
        };
        let welcome = proto::Welcome {
            session_id: self.id.clone(),
            secret,
            lease: Some(convert::duration(LEASE)),
            beat_interval: Some(convert::duration(BEAT)),
            component_token,
            token_key,
            store_id: self.shared.store_id.clone(),
        };
        let digest = self.shared.held().current.digest().to_owned();
        let release = proto::ReleaseAvailable { digest };
        self.say(Message::Welcome(welcome))?;
        let revocations = self.right.revocations()?;
        if !revocations.join_tokens.is_empty() {
            self.say(Message::Revocations(revocations))?;
        }
        self.say(Message::ReleaseAvailable(release))
    }

    /// A fresh token when the last one has become old; nothing where certificates count.
    fn renewed(&mut self) -> String {
        let now = now_seconds();
        match &self.shared.admission {
            Admission::Development(signer) if now.saturating_sub(self.signed_at) >= RENEW => {
                self.signed_at = now;
                token(signer, &self.component, &self.id)
            }
            _ => String::new(),
        }
    }

    /// A component that does not read its messages has its stream closed.
    fn say(&self, message: Message) -> Result<(), Status> {
        let response = proto::SessionResponse { message: Some(message) };
        let stuck = |_| Status::resource_exhausted("the component does not read its session");
        self.down.try_send(Ok(response)).map_err(stuck)
    }

    async fn serve(mut self, mut up: Streaming<proto::SessionRequest>) {
        let mut has_left = false;
        loop {
            let request = tokio::select! {
                request = up.message() => request,
                () = self.down.closed() => break,
                () = self.right.changed() => match self.right.revocations() {
                    Ok(revocations) => {
                        if self.say(Message::Revocations(revocations)).is_err() {
                            break;
                        }
                        continue;
                    }
                    Err(status) => {
                        // whoever does not read learns it at the next connection
                        let _ = self.down.try_send(Err(status));
                        break;
                    }
                },
            };
            let Ok(Some(request)) = request else { break };
            let Some(message) = request.message else { continue };
            has_left = matches!(message, Up::Goodbye(_));
            if has_left || self.hear(message).is_err() {
                break;
            }
        }
        self.shared.detach(&self.id, &self.down);
        let (id, stream) = (&self.id, self.stream);
        if has_left || self.right.is_revoked() {
            tracing::info!(component = self.component, instance = id, "session over");
            self.shared.event(|registry, _| registry.leave(id, stream));
            // nobody waits for what it would have said
            self.shared.answered.send_replace(());
        } else {
            tracing::warn!(component = self.component, instance = id, "session stream broke");
            self.shared.event(|registry, _| registry.lose(id, stream));
        }
    }

    fn hear(&mut self, message: Up) -> Result<(), Status> {
        let id = self.id.clone();
        match message {
            Up::Offers(offers) => {
                let answer = self.offers(offers.offers);
                self.say(answer)
            }
            Up::Beat(beat) => {
                let is_degraded = beat.health() == proto::Health::Degraded;
                let outcomes = beat.outcomes.into_iter().take(MOST_OUTCOMES);
                let is_short = |it: &proto::Outcome| {
                    it.method.len() <= LONGEST_WORD && it.instance.len() <= LONGEST_WORD
                };
                let outcomes = outcomes.filter(is_short).map(convert::outcome);
                self.shared.event(|registry, now| {
                    registry.beat(now, &id, is_degraded);
                    registry.outcomes(now, &id, outcomes);
                });
                let component_token = self.renewed();
                self.say(Message::BeatAcknowledged(proto::BeatAcknowledged { component_token }))
            }
            Up::ReleaseAnswer(answer) => {
                for reason in &answer.refusals {
                    tracing::warn!(component = self.component, reason, "release refused");
                }
                let release: String = answer.digest.chars().take(LONGEST_WORD).collect();
                let cut = |reason: String| reason.chars().take(LONGEST_REASON).collect();
                let refusals = answer.refusals.into_iter().take(MOST_REASONS).map(cut).collect();
                self.shared.event(|registry, _| {
                    registry.answer_release(&id, &release, refusals);
                });
                self.shared.answered.send_replace(());
                Ok(())
            }
            Up::Standby(standby) => Ok(self.stand_by(standby)?),
            Up::TakingOver(_) => {
                self.shared.event(|registry, _| registry.taking_over(&id));
                self.shared.answered.send_replace(());
                Ok(())
            }
            Up::Drained(_) => {
                tracing::info!(component = self.component, instance = id, "drained");
                Ok(())
            }
            Up::Hello(_) | Up::Goodbye(_) => Ok(()),
        }
    }

    /// A component has no more than its own interfaces.
    fn offers(&self, offered: Vec<proto::OfferedInterface>) -> Message {
        let component = &self.component;
        let foreign: Vec<String> = offered
            .iter()
            .filter(|offered| !self.right.may_offer(component, &offered.interface))
            .map(|offered| format!("{component} may not offer {}", offered.interface))
            .collect();
        if !foreign.is_empty() {
            return Message::OffersRejected(proto::OffersRejected { reasons: foreign });
        }
        match self.take(offered) {
            Ok(message) => message,
            Err(reasons) => Message::OffersRejected(proto::OffersRejected { reasons }),
        }
    }

    /// It waits to take over; contracts of it that are not known here are asked for.
    fn stand_by(&self, told: proto::Standby) -> Result<(), Status> {
        let refuse = |text: String| status(Code::InvalidArgument, "CR0124", text);
        let mut contracts = BTreeMap::new();
        let told_contracts = told.contracts.into_iter().take(MOST_OFFERS);
        for (interface, text) in told_contracts.filter(|(name, _)| name.len() <= LONGEST_WORD) {
            if let Some(digest) = contracts::digest(&text).map_err(refuse)? {
                contracts.insert(interface, digest);
            }
        }
        let known = self.shared.contracts();
        let digests = contracts.values().filter(|digest| known.get(digest).is_none()).cloned();
        let digests: Vec<String> = digests.collect();
        drop(known);
        let standby = Standby { contracts, is_beside: told.is_beside, has_taken: false };
        self.shared.event(|registry, _| registry.stand_by(&self.id, standby));
        tracing::info!(component = self.component, instance = self.id, "stands by");
        if digests.is_empty() {
            return Ok(());
        }
        self.say(Message::ContractsWanted(proto::ContractsWanted { digests }))
    }

    /// Takes the offers whose contracts go together with those in use; or asks for contracts.
    fn take(&self, offered: Vec<proto::OfferedInterface>) -> Result<Message, Vec<String>> {
        let mut offers = Vec::new();
        for offered in offered {
            let contract = contracts::digest(&offered.contract).map_err(|reason| vec![reason])?;
            offers.push(convert::offering(offered, contract));
        }
        // held all the while, so that of two which do not go together only one gets in
        let mut contracts = self.shared.contracts_mut();
        let digests = || offers.iter().filter_map(|offer| Some((offer, offer.contract.as_ref()?)));
        let unknown = digests().filter(|(_, digest)| contracts.get(digest).is_none());
        let unknown: Vec<String> = unknown.map(|(_, digest)| digest.clone()).collect();
        if !unknown.is_empty() {
            return Ok(Message::ContractsWanted(proto::ContractsWanted { digests: unknown }));
        }
        let mut objections = Vec::new();
        for (offer, digest) in digests() {
            if contracts.get(digest).is_some_and(|it| it.interface() != offer.interface) {
                objections.push(format!("{digest} is no contract of {}", offer.interface));
            }
            let in_use = self.shared.in_use(&offer.interface, &self.id);
            objections.extend(contracts.objections(digest, &in_use));
        }
        if !objections.is_empty() {
            return Err(objections);
        }
        let digests: Vec<String> = digests().map(|(_, digest)| digest.clone()).collect();
        let revision = self.shared.event(|registry, _| registry.offer(&self.id, offers))?;
        let mut is_new = false;
        for digest in digests {
            is_new |= contracts.offered(&digest);
        }
        drop(contracts);
        if is_new {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                if let Err(error) = shared.save_contracts().await {
                    tracing::error!(%error, "the contracts cannot be written");
                }
            });
        }
        Ok(Message::OffersAccepted(proto::OffersAccepted { revision }))
    }
}
