//! The desk as a pure machine: inputs change it; from it follow the message for the browser and
//! what is to be fetched.

use std::collections::BTreeMap;

use caruso_api::contact::v1::{AgentState, AgentStatus, CurrentContact};
use caruso_api::desk::v1::{Customer, RelatedObjects, WatchDeskResponse};
use caruso_api::script::v1::view::State as ViewState;
use caruso_api::script::v1::{ActionState, View};

/// Something that was learned. What names a contact or customer that is no longer on the desk is
/// left alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// The agent's status changed.
    Status(Box<AgentStatus>),
    /// The agent's status cannot be had now.
    StatusLost,
    /// The customers with the calling number, and the one that the contact is known to be for.
    Found { contact: String, customers: Vec<Customer>, known: String },
    /// The agent chose one of several customers.
    Chosen { contact: String, customer: String },
    /// What belongs to a customer, as far as it came.
    Related { customer: String, related: Vec<RelatedObjects>, is_whole: bool },
    /// The contact is said to be for this customer now.
    Identified { contact: String, customer: String },
    /// Where the dialogue script is.
    Script { contact: String, view: Box<View> },
    /// The script engine cannot be reached now.
    ScriptLost { contact: String },
    /// The script cannot run.
    ScriptProblem { contact: String, problem: String },
}

/// Who is to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LookupKey {
    pub(crate) contact: String,
    pub(crate) number: String,
}

/// A customer whose objects are to be fetched, or who is to be told to the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomerKey {
    pub(crate) contact: String,
    pub(crate) class: String,
    pub(crate) key: String,
}

/// What belongs to a customer, as it is after so many actions of the script were done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelatedKey {
    pub(crate) customer: CustomerKey,
    pub(crate) done: usize,
}

/// The dialogue script that is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptKey {
    pub(crate) contact: String,
    pub(crate) script: String,
    /// Empty where the customer is not known.
    pub(crate) customer: String,
    /// What the caller said before, for example to the telephone menu.
    pub(crate) attributes: BTreeMap<String, String>,
    /// How often the contact was passed on: a colleague may have begun the script.
    pub(crate) transfers: usize,
    /// The session of the agent who asks this one about the customer, to be read and no more.
    pub(crate) read: Option<String>,
}

/// A session that is to be told that the customer has hung up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HangUpKey {
    pub(crate) contact: String,
    pub(crate) session: String,
}

/// What is to be fetched or done as long as it is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) lookup: Option<LookupKey>,
    pub(crate) related: Option<RelatedKey>,
    pub(crate) identify: Option<CustomerKey>,
    pub(crate) script: Option<ScriptKey>,
    pub(crate) hang_up: Option<HangUpKey>,
}

/// An agent's desk.
#[derive(Debug, Default)]
pub(crate) struct DeskState {
    status: Option<AgentStatus>,
    is_status_late: bool,
    /// `None` while they are looked up.
    customers: Option<Vec<Customer>>,
    /// The customer that the contact is known to be for; empty for none.
    known: String,
    chosen: String,
    has_related: bool,
    view: Option<View>,
    is_script_late: bool,
    script_problem: String,
}

impl DeskState {
    /// Takes one input.
    pub(crate) fn apply(&mut self, input: Input) {
        match input {
            Input::Status(status) => self.take_status(*status),
            Input::StatusLost => self.is_status_late = true,
            Input::Found { contact, customers, known } if self.is_current(&contact) => {
                self.customers = Some(customers);
                self.chosen.clone_from(&known);
                self.known = known;
            }
            Input::Chosen { contact, customer } if self.is_current(&contact) => {
                if self.chosen != customer {
                    self.has_related = false;
                }
                self.chosen = customer;
            }
            Input::Related { customer, related, is_whole } if self.customer_key() == customer => {
                self.take_related(&customer, related);
                self.has_related = is_whole;
            }
            Input::Identified { contact, customer } if self.is_current(&contact) => {
                self.known = customer;
            }
            Input::Script { contact, view } if self.is_current(&contact) => {
                self.view = Some(*view);
                self.is_script_late = false;
                self.script_problem.clear();
            }
            Input::ScriptLost { contact } if self.is_current(&contact) => {
                self.is_script_late = true;
            }
            Input::ScriptProblem { contact, problem } if self.is_current(&contact) => {
                self.script_problem = problem;
                self.is_script_late = false;
            }
            _ => {}
        }
    }

    fn take_status(&mut self, status: AgentStatus) {
        let contact = |status: &AgentStatus| status.contact.as_ref().map(|c| c.contact_id.clone());
        let is_other = self.status.as_ref().and_then(contact) != contact(&status);
        *self = if is_other {
            Self { status: Some(status), ..Self::default() }
        } else {
            Self { status: Some(status), is_status_late: false, ..std::mem::take(self) }
        };
    }

    fn take_related(&mut self, customer: &str, related: Vec<RelatedObjects>) {
        let mut customers = self.customers.iter_mut().flatten();
        if let Some(found) = customers.find(|each| key_of(each) == customer) {
            // Nothing at all means that they could not be had: then the ones from before stay.
            if !related.is_empty() {
                found.related = related;
            }
        }
    }

    /// Whether the agent has the contact, and another one in hand: its script goes on later.
    pub(crate) fn has_laid_aside(&self, contact: &str) -> bool {
        let aside = self.status.iter().flat_map(|status| &status.laid_aside);
        aside.into_iter().any(|it| it.contact_id == contact)
    }

    fn contact(&self) -> Option<&CurrentContact> {
        self.status.as_ref()?.contact.as_ref()
    }

    fn is_current(&self, contact: &str) -> bool {
        self.contact().is_some_and(|current| current.contact_id == contact)
    }

    /// The contact's customer: the only one, or the chosen one; empty while undecided.
    fn customer_key(&self) -> &str {
        match self.customers.as_deref() {
            Some([only]) => key_of(only),
            Some(several) => {
                let chosen = several.iter().find(|each| key_of(each) == self.chosen);
                chosen.map_or("", key_of)
            }
            None => "",
        }
    }

    /// What is to be fetched now.
    pub(crate) fn wanted(&self) -> Wanted {
        let Some(contact) = self.contact() else { return Wanted::default() };
        let id = &contact.contact_id;
        let lookup = LookupKey { contact: id.clone(), number: contact.calling_number.clone() };
        let key = self.customer_key();
        let customers = self.customers.as_deref().unwrap_or_default();
        let customer = customers.iter().find(|each| !key.is_empty() && key_of(each) == key);
        let customer = customer.map(|customer| CustomerKey {
            contact: id.clone(),
            class: customer.object.as_ref().map(|o| o.class.clone()).unwrap_or_default(),
            key: key.to_owned(),
        });
        Wanted {
            lookup: Some(lookup),
            identify: customer.clone().filter(|_| self.known != key && !contact.is_consulted),
            related: customer.map(|customer| RelatedKey { customer, done: self.done() }),
            script: self.wanted_script(contact),
            hang_up: self.left(contact),
        }
    }

    /// The session in the middle of which the customer hung up.
    fn left(&self, contact: &CurrentContact) -> Option<HangUpKey> {
        let session = self.unfinished_session().filter(|_| contact.customer_hung_up)?;
        Some(HangUpKey { contact: contact.contact_id.clone(), session: session.to_owned() })
    }

    /// How many actions of the script are done: each may have changed what belongs to the customer.
    fn done(&self) -> usize {
        let actions = self.view.iter().flat_map(|view| &view.actions);
        actions.filter(|action| action.state() == ActionState::Confirmed).count()
    }

    /// The script runs once the customer is on the line, and it is decided who that is.
    fn wanted_script(&self, contact: &CurrentContact) -> Option<ScriptKey> {
        if contact.is_consulted {
            return self.script_to_read(contact);
        }
        let is_decided = match self.customers.as_deref() {
            None => false,
            Some([_, _, ..]) => !self.customer_key().is_empty(),
            Some(_) => true,
        };
        let is_here = contact.connected_at.is_some() && !contact.is_transferred;
        let is_wanted = is_decided && is_here && !contact.script.is_empty();
        is_wanted.then(|| ScriptKey {
            contact: contact.contact_id.clone(),
            script: contact.script.clone(),
            customer: self.customer_key().to_owned(),
            attributes: contact.attributes.clone().into_iter().collect(),
            transfers: contact.transfers.len(),
            read: None,
        })
    }

    /// Who is consulted reads along in the script of the agent who asks.
    fn script_to_read(&self, contact: &CurrentContact) -> Option<ScriptKey> {
        let session = contact.consultation.as_ref().map(|it| it.script_session.clone());
        let session = session.filter(|session| !session.is_empty())?;
        Some(ScriptKey {
            contact: contact.contact_id.clone(),
            script: contact.script.clone(),
            customer: String::new(),
            attributes: BTreeMap::new(),
            transfers: contact.transfers.len(),
            read: Some(session),
        })
    }

    /// Whether an offer is there whose caller is still being looked up.
    pub(crate) fn is_offer_without_customer(&self) -> bool {
        let is_offer =
            self.status.as_ref().is_some_and(|status| status.state() == AgentState::Offered);
        is_offer && self.contact().is_some() && self.customers.is_none()
    }

    /// The script session that runs, and is not at its end or a wait, from where it goes on by
    /// itself. That of a contact which was passed on is for whoever takes it, and who is consulted
    /// has none.
    pub(crate) fn unfinished_session(&self) -> Option<&str> {
        let is_here =
            self.contact().is_some_and(|contact| !contact.is_transferred && !contact.is_consulted);
        let view = self.view.as_ref().filter(|_| is_here)?;
        let is_done = matches!(view.state, Some(ViewState::End(_) | ViewState::Paused(_)));
        (!is_done).then_some(view.session_id.as_str())
    }

    /// The desk for the browser, without what belongs to the message and not to the desk.
    pub(crate) fn message(&self) -> WatchDeskResponse {
        WatchDeskResponse {
            status: self.status.clone(),
            customers: self.customers.clone().unwrap_or_default(),
            customer_key: self.customer_key().to_owned(),
            script: self.view.clone(),
            script_problem: self.script_problem.clone(),
            late: self.late(),
            ..WatchDeskResponse::default()
        }
    }

    fn late(&self) -> Vec<String> {
        let has_contact = self.contact().is_some();
        let parts = [
            ("status", self.is_status_late),
            ("customers", has_contact && self.customers.is_none()),
            ("related", !self.customer_key().is_empty() && !self.has_related),
            ("script", self.is_script_late),
        ];
        parts.iter().filter(|(_, is_late)| *is_late).map(|(name, _)| (*name).to_owned()).collect()
    }
}

fn key_of(customer: &Customer) -> &str {
    customer.object.as_ref().map_or("", |object| object.key.as_str())
}

#[cfg(test)]
mod tests;
