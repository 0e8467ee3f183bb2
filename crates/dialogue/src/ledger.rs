//! Actions that were sent, what became of them, and what was taken back.

use std::collections::BTreeMap;

use crate::datum::Datum;
use crate::event::{Event, Order};

/// An action that was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) order: Order,
    pub(crate) progress: Progress,
    /// The session did not wait for it any longer.
    pub(crate) is_overdue: bool,
    /// Nothing while it counts.
    pub(crate) revoked: Option<Revoked>,
}

/// How far an action is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Progress {
    Queued,
    Confirmed {
        results: BTreeMap<String, Datum>,
        object: Option<String>,
        /// Of the new object, as it was made.
        revision: Option<String>,
        summary: String,
    },
    Failed {
        reason: String,
    },
}

/// How far an action is taken back that an answer no longer wants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Revoked {
    /// It must be carried out before it is known what to take back.
    Wanted,
    /// What takes it back was sent.
    Sent { order: Box<Order>, progress: Progress },
}

impl Entry {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, progress: Progress::Queued, is_overdue: false, revoked: None }
    }

    /// Whether the session still waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        let is_waited_for = self.order.wait_until.is_some() && !self.is_overdue;
        is_waited_for && self.revoked.is_none() && self.progress == Progress::Queued
    }

    /// What of it is to be carried out now.
    pub(crate) fn under_way(&self) -> Option<&Order> {
        match (&self.progress, &self.revoked) {
            (Progress::Queued, _) => Some(&self.order),
            (_, Some(Revoked::Sent { order, progress: Progress::Queued })) => Some(order),
            _ => None,
        }
    }

    /// What became of the order of this key.
    fn settle(&mut self, key: &str, settled: &Progress) {
        if self.order.key == key {
            self.progress = settled.clone();
        }
        if let Some(Revoked::Sent { order, progress }) = &mut self.revoked
            && order.key == key
        {
            *progress = settled.clone();
        }
    }
}

/// Takes up what happened to actions. Facts about unknown ones change nothing.
pub(crate) fn note(ledger: &mut Vec<Entry>, event: &Event) {
    let settle = |ledger: &mut Vec<Entry>, key: &str, progress: &Progress| {
        ledger.iter_mut().for_each(|entry| entry.settle(key, progress));
    };
    let sent = |ledger: &mut Vec<Entry>, key: &str, change: &dyn Fn(&mut Entry)| {
        ledger.iter_mut().filter(|it| it.order.key == key).for_each(change);
    };
    match event {
        Event::ActionQueued(order) => ledger.push(Entry::new(order.clone())),
        Event::ActionConfirmed { key, results, object, revision, summary } => {
            let (results, object) = (results.clone(), object.clone());
            let (revision, summary) = (revision.clone(), summary.clone());
            settle(ledger, key, &Progress::Confirmed { results, object, revision, summary });
        }
        Event::ActionFailed { key, reason } => {
            settle(ledger, key, &Progress::Failed { reason: reason.clone() });
        }
        Event::ActionOverdue { key } => sent(ledger, key, &|entry| entry.is_overdue = true),
        Event::ActionRevoked { key } => {
            sent(ledger, key, &|entry| entry.revoked = Some(Revoked::Wanted));
        }
        Event::CompensationQueued { of, order } => sent(ledger, of, &|entry| {
            let (order, progress) = (Box::new(order.clone()), Progress::Queued);
            entry.revoked = Some(Revoked::Sent { order, progress });
        }),
        _ => {}
    }
}
