//! Figures of conversations: each is one agent's part in one contact.

use super::Measure::Conversation as Of;
use super::Takes::Nothing;
use super::Unit::{Average, Count, Time};
use super::{Figure, row};
use crate::Conversation;
use crate::tally::Tally;

/// Talk and wrap-up, once both are over.
fn work(it: &Conversation) -> Option<std::time::Duration> {
    Some(it.talk_time? + it.wrap_up_time?)
}

pub(super) const ALL: &[Figure] = &[
    row(
        "conversations",
        "Conversations",
        Count,
        Nothing,
        "conversations of an agent with a customer that began, incoming and outgoing; two where \
         the customer was passed on",
        Of(|_| Tally::one(true)),
    ),
    row(
        "conversations-incoming",
        "Conversations, incoming",
        Count,
        Nothing,
        "of conversations: the customer came to us, or was called back",
        Of(|it| Tally::one(!it.is_outgoing)),
    ),
    row(
        "conversations-outgoing",
        "Conversations, outgoing",
        Count,
        Nothing,
        "of conversations: an agent had called the customer",
        Of(|it| Tally::one(it.is_outgoing)),
    ),
    row(
        "conversations-open",
        "Conversations that go on",
        Count,
        Nothing,
        "of conversations: not over yet",
        Of(|it| Tally::one(it.talk_time.is_none())),
    ),
    row(
        "talk-time",
        "Time talked",
        Time,
        Nothing,
        "Σ (talk + hold) of the conversations that are over",
        Of(|it| Tally::time(it.talk_time)),
    ),
    row(
        "average-connection-time",
        "Average connection time",
        Average,
        Nothing,
        "Σ (talk + hold) / conversations that are over",
        Of(|it| Tally::time(it.talk_time)),
    ),
    row(
        "longest-connection",
        "Longest connection",
        super::Unit::Longest,
        Nothing,
        "longest (talk + hold) of the conversations that are over",
        Of(|it| Tally::time(it.talk_time)),
    ),
    row(
        "hold-time",
        "Time on hold",
        Time,
        Nothing,
        "Σ time on hold of the conversations that are over",
        Of(|it| Tally::time(it.talk_time.map(|_| it.hold_time))),
    ),
    row(
        "average-hold-per-conversation",
        "Average time on hold",
        Average,
        Nothing,
        "Σ time on hold / conversations that are over",
        Of(|it| Tally::time(it.talk_time.map(|_| it.hold_time))),
    ),
    row(
        "consult-time",
        "Time asking",
        Time,
        Nothing,
        "Σ time with somebody on the line who is asked, of the conversations that are over",
        Of(|it| Tally::time(it.talk_time.map(|_| it.consult_time))),
    ),
    row(
        "ACW",
        "Average wrap-up",
        Average,
        Nothing,
        "Σ wrap-up / conversations whose wrap-up is over",
        Of(|it| Tally::time(it.wrap_up_time)),
    ),
    row(
        "average-work",
        "Average work",
        Average,
        Nothing,
        "Σ (talk + hold + wrap-up) / conversations whose wrap-up is over: AHT of one agent's part",
        Of(|it| Tally::time(work(it))),
    ),
];
