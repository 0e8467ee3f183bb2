//! Who calls, and what belongs to them.

use std::collections::BTreeMap;

use caruso_api::contact::v1::{GetContactRequest, IdentifyRequest};
use caruso_api::desk::v1::{Customer, RelatedObjects};
use caruso_api::storage::v1::{DescribeRequest, FindByNumberRequest};
use caruso_component::Backoff;
use tokio::sync::mpsc;
use tonic::{Code, Status};

use super::agent::is_final;
use super::relations;
use super::state::{CustomerKey, Input, LookupKey};
use crate::peers::Peers;
use crate::sessions::Session;

/// Objects are asked for again so often while the storage manager is away.
const MOST_ATTEMPTS: u32 = 8;

/// Finds the customers with the calling number; tries until the storage manager answers.
pub(super) async fn look_up(
    peers: Peers,
    session: Session,
    key: LookupKey,
    inputs: mpsc::Sender<Input>,
) {
    let mut backoff = Backoff::default();
    let (customers, known) = loop {
        match find(&peers, &session, &key).await {
            Ok(found) => break found,
            Err(error) if is_final(&error) => {
                tracing::warn!(contact.id = key.contact, %error, "the caller cannot be looked up");
                break (Vec::new(), String::new());
            }
            Err(error) => {
                tracing::info!(contact.id = key.contact, %error, "the look-up is late");
                tokio::time::sleep(backoff.failed()).await;
            }
        }
    };
    tracing::info!(contact.id = key.contact, customers = customers.len(), "caller looked up");
    // The desk is closed: nobody waits for it.
    let _ = inputs.send(Input::Found { contact: key.contact, customers, known }).await;
}

async fn find(
    peers: &Peers,
    session: &Session,
    key: &LookupKey,
) -> Result<(Vec<Customer>, String), Status> {
    let (customers, known) =
        tokio::join!(find_customers(peers, session, &key.number), known(peers, session, key));
    Ok((customers?, known?))
}

async fn find_customers(
    peers: &Peers,
    session: &Session,
    number: &str,
) -> Result<Vec<Customer>, Status> {
    if !is_number(number) {
        return Ok(Vec::new());
    }
    let mut storage = peers.storage.clone();
    let request = session.request(FindByNumberRequest { number: number.to_owned() }).await?;
    let mut describing = peers.storage.clone();
    let (found, described) =
        tokio::join!(storage.find_by_number(request), describing.describe(DescribeRequest {}));
    let objects = match found {
        Err(error) if error.code() == Code::InvalidArgument => return Ok(Vec::new()),
        found => found?.into_inner().objects,
    };
    let classes = described?.into_inner().classes;
    Ok(objects.into_iter().map(|object| relations::customer(&classes, object)).collect())
}

/// The customer that the contact is known to be for; empty for none.
async fn known(peers: &Peers, session: &Session, key: &LookupKey) -> Result<String, Status> {
    let request = GetContactRequest { contact_id: key.contact.clone() };
    let contact = peers.contacts.clone().get(session.request(request).await?).await?;
    Ok(contact.into_inner().contact.map(|contact| contact.customer_key).unwrap_or_default())
}

/// Whether a calling number can be one: a withheld number has no digits.
fn is_number(number: &str) -> bool {
    number.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a customer has the number from which a contact came.
pub(crate) async fn is_known(
    peers: &Peers,
    session: &Session,
    contact: &str,
    customer: &str,
) -> Result<bool, Status> {
    let request = GetContactRequest { contact_id: contact.to_owned() };
    let answer = peers.contacts.clone().get(session.request(request).await?).await?;
    let number = answer.into_inner().contact.map(|contact| contact.calling_number);
    let found = find_customers(peers, session, &number.unwrap_or_default()).await?;
    Ok(found.iter().any(|each| each.object.as_ref().is_some_and(|o| o.key == customer)))
}

/// Fetches what belongs to a customer, each class by itself: what is there is shown, and what is
/// late is asked for again as long as somebody looks. One that cannot be had at all is left out.
pub(super) async fn relate(
    peers: Peers,
    session: Session,
    key: CustomerKey,
    inputs: mpsc::Sender<Input>,
) {
    let mut backoff = Backoff::default();
    let (mut known, mut attempts) = (Known::new(), 0);
    // what was shown stays, whatever comes of the rest
    let mut last = Fetched::nothing();
    loop {
        match fetch_related(&peers, &session, &key, &mut known).await {
            Ok(found) => {
                last = found;
                if last.is_whole {
                    break;
                }
                let _ = inputs.send(last.clone().into_input(&key)).await;
            }
            Err(error) if is_final(&error) => break,
            Err(error) => {
                tracing::info!(contact.id = key.contact, %error, "related objects are late");
                attempts += 1;
                if attempts == MOST_ATTEMPTS {
                    break;
                }
            }
        }
        tokio::time::sleep(backoff.failed()).await;
    }
    last.is_whole = true;
    let _ = inputs.send(last.into_input(&key)).await;
}

/// What came of each class; nothing where it cannot be had.
type Known = BTreeMap<String, Option<RelatedObjects>>;

/// What belongs to a customer, as far as it came.
#[derive(Clone)]
struct Fetched {
    related: Vec<RelatedObjects>,
    is_whole: bool,
}

impl Fetched {
    fn nothing() -> Self {
        Self { related: Vec::new(), is_whole: true }
    }

    fn into_input(self, key: &CustomerKey) -> Input {
        let Self { related, is_whole } = self;
        Input::Related { customer: key.key.clone(), related, is_whole }
    }
}

/// Asks for the classes that are not known yet.
async fn fetch_related(
    peers: &Peers,
    session: &Session,
    key: &CustomerKey,
    known: &mut Known,
) -> Result<Fetched, Status> {
    let described = peers.storage.clone().describe(DescribeRequest {}).await?.into_inner();
    let Some(class) = described.classes.iter().find(|class| class.name == key.class) else {
        return Ok(Fetched::nothing());
    };
    let queries = relations::related(&described.classes, class, &key.key);
    let wanted = queries.iter().filter(|related| !known.contains_key(&related.class.name));
    let answers = wanted.map(|related| async move {
        let request = session.request(related.request.clone()).await?;
        let answer = peers.storage.clone().query(request).await;
        Ok::<_, Status>((related, answer.map(|answer| answer.into_inner().objects)))
    });
    for answer in futures::future::join_all(answers).await {
        let (related, answer) = answer?;
        let class = related.class.name.clone();
        match answer {
            Ok(objects) => {
                known.insert(class, Some(relations::shown(&related.class, objects)));
            }
            Err(error) if is_final(&error) => {
                tracing::warn!(contact.id = key.contact, class, %error, "objects left out");
                known.insert(class, None);
            }
            Err(error) => {
                tracing::info!(contact.id = key.contact, class, %error, "objects are late");
            }
        }
    }
    let related = queries.iter().filter_map(|it| known.get(&it.class.name)?.clone()).collect();
    let is_whole = queries.iter().all(|it| known.contains_key(&it.class.name));
    Ok(Fetched { related, is_whole })
}

/// Says to the contact who the customer is; tries until the communication server has it.
pub(super) async fn identify(
    peers: Peers,
    session: Session,
    key: CustomerKey,
    inputs: mpsc::Sender<Input>,
) {
    let mut backoff = Backoff::default();
    while let Err(error) = tell(&peers, &session, &key).await {
        if is_final(&error) {
            tracing::warn!(contact.id = key.contact, %error, "the customer is not recorded");
            break;
        }
        tokio::time::sleep(backoff.failed()).await;
    }
    let _ = inputs.send(Input::Identified { contact: key.contact, customer: key.key }).await;
}

async fn tell(peers: &Peers, session: &Session, key: &CustomerKey) -> Result<(), Status> {
    let request =
        IdentifyRequest { contact_id: key.contact.clone(), customer_key: key.key.clone() };
    peers.contacts.clone().identify(session.request(request).await?).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_withheld_number_is_not_looked_up() {
        assert!(is_number("+31612345678"));
        for withheld in ["", "anonymous", "Anonymous"] {
            assert!(!is_number(withheld), "{withheld}");
        }
    }
}
