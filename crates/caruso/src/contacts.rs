//! `caruso contacts`: what happened, and why.

mod export;

use std::process::ExitCode;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::contacts_client::ContactsClient;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::Format;
use crate::client::System;
use crate::time::{instant, local};

const CONTACTS: &str = "caruso.contact.v1.Contacts";

/// What `caruso contacts` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// The latest contacts, newest first
    List {
        /// How many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
    },
    /// One contact with its segments
    Show {
        /// As the list names it
        id: String,
    },
    /// Why a contact was offered to whom, and why it waits
    Why {
        /// As the list names it
        id: String,
    },
    /// The contact log for replay: nothing personal, pseudonyms for agents
    Export(export::Options),
}

/// Lists, shows, or explains.
pub(crate) async fn contacts(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut client = ContactsClient::new(component.caller(CONTACTS));
    match options.action {
        Action::List { limit } => {
            let listed = client.list(wire::ListContactsRequest { limit }).await?.into_inner();
            list(&listed.contacts, format);
        }
        Action::Show { id } => {
            let request = wire::GetContactRequest { contact_id: id };
            let contact = client.get(request).await?.into_inner().contact.unwrap_or_default();
            show(&contact, format);
        }
        Action::Why { id } => {
            let request = wire::GetContactRequest { contact_id: id };
            let contact = client.get(request).await?.into_inner().contact.unwrap_or_default();
            why(&contact, format);
        }
        Action::Export(options) => export::export(&mut client, options).await?,
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

fn list(contacts: &[wire::Contact], format: Format) {
    if format == Format::Json {
        println!("{}", json!({ "contacts": contacts.iter().map(document).collect::<Vec<_>>() }));
        return;
    }
    println!(
        "{:<36}  {:<19}  {:<3}  {:<14} {:<10} {:<8} outcome",
        "contact", "begun", "way", "customer", "queue", "agent"
    );
    for contact in contacts {
        println!(
            "{:<36}  {:<19}  {:<3}  {:<14} {:<10} {:<8} {}",
            contact.contact_id,
            local(contact.arrived_at),
            direction(contact),
            from(contact),
            or_dash(&contact.queue),
            or_dash(&contact.agent),
            outcome(contact)
        );
    }
}

fn show(contact: &wire::Contact, format: Format) {
    if format == Format::Json {
        println!("{}", document(contact));
        return;
    }
    println!("contact      {}", contact.contact_id);
    println!("channel      {}", channel(contact));
    println!("direction    {}", direction(contact));
    if let Some(outbound) = &contact.outbound {
        println!("to           {}", or_dash(&contact.calling_number));
        println!("by           {} about {}", outbound.agent, outbound.purpose_title);
        for sentence in &outbound.evidence {
            println!("rules        {sentence}");
        }
    } else {
        println!("from         {}", or_dash(&contact.calling_number));
        if !contact.signalled_number.is_empty() {
            println!("signalled    {}", contact.signalled_number);
        }
        println!("to           {}", or_dash(&contact.called_number));
    }
    println!("customer     {}", or_dash(&contact.customer_key));
    println!("arrived      {}", local(contact.arrived_at));
    println!("outcome      {}", outcome(contact));
    if !contact.note.is_empty() {
        println!("note         {}", contact.note);
    }
    if let Some(wire::Voicemail { length, keep_until, .. }) = &contact.voicemail {
        let seconds = length.map_or(0, |it| it.seconds);
        println!("message      {seconds} s, kept until {}", local(*keep_until));
    }
    for asked in &contact.consultations {
        let (at, outcome) = (local(asked.asked_at), or_dash(&asked.end_cause));
        println!("asked        {at} {} by {}: {outcome}", asked.colleague, asked.agent);
    }
    for wire::Transfer { agent, at, note } in &contact.transfers {
        println!("transferred  {} by {agent}: {}", local(*at), or_dash(note));
    }
    for wire::Outside { agent, title, number, called_at, not_reached, .. } in &contact.outside {
        let outcome = or_dash(not_reached);
        println!("outside      {} {title}, {number} by {agent}: {outcome}", local(*called_at));
    }
    println!(
        "\n{:<15} {:<19}  {:<19}  {:<10} {:<8} ended by",
        "segment", "from", "to", "queue", "agent"
    );
    for segment in &contact.segments {
        println!(
            "{:<15} {:<19}  {:<19}  {:<10} {:<8} {}",
            segment.kind,
            local(segment.started_at),
            local(segment.ended_at),
            or_dash(&segment.queue),
            or_dash(&segment.agent),
            or_dash(&segment.end_cause)
        );
    }
}

fn why(contact: &wire::Contact, format: Format) {
    if format == Format::Json {
        let offers: Vec<Value> = contact.offers.iter().map(offer).collect();
        let (id, waiting) = (&contact.contact_id, &contact.waiting);
        println!("{}", json!({ "contact": id, "offers": offers, "waiting": waiting }));
        return;
    }
    if contact.offers.is_empty() {
        println!("never offered to an agent: {}", outcome(contact));
    }
    for offer in &contact.offers {
        let outcome = if offer.outcome.is_empty() { "rings" } else { &offer.outcome };
        println!("{}  offered to {}: {outcome}", local(offer.offered_at), offer.agent);
        for sentence in &offer.why {
            println!("    {sentence}");
        }
    }
    if !contact.waiting.is_empty() {
        println!("waits");
    }
    for sentence in &contact.waiting {
        println!("    {sentence}");
    }
}

fn outcome(contact: &wire::Contact) -> &str {
    match (contact.disposition.as_str(), contact.end_cause.as_str()) {
        ("", "") => "goes on",
        ("", cause) => cause,
        (disposition, _) => disposition,
    }
}

fn channel(contact: &wire::Contact) -> &'static str {
    match contact.channel() {
        wire::Channel::Telephone | wire::Channel::Unspecified => "telephone",
        wire::Channel::Web => "web",
        wire::Channel::Message => "message",
        wire::Channel::Voicemail => "voicemail",
    }
}

/// Who came to whom.
fn direction(contact: &wire::Contact) -> &'static str {
    if contact.outbound.is_some() { "out" } else { "in" }
}

/// The customer's number; where it is unknown, and who reached us did not call, how they did.
fn from(contact: &wire::Contact) -> &str {
    match contact.channel() {
        wire::Channel::Web | wire::Channel::Message if contact.calling_number.is_empty() => {
            channel(contact)
        }
        _ => or_dash(&contact.calling_number),
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

fn document(contact: &wire::Contact) -> Value {
    let segment = |segment: &wire::Segment| {
        json!({
            "kind": segment.kind,
            "queue": segment.queue,
            "agent": segment.agent,
            "started_at": instant(segment.started_at),
            "ended_at": instant(segment.ended_at),
            "end_cause": segment.end_cause,
        })
    };
    json!({
        "contact": contact.contact_id,
        "channel": channel(contact),
        "direction": direction(contact),
        "outbound": contact.outbound.as_ref().map(outbound),
        "voicemail": contact.voicemail.as_ref().map(voicemail),
        "calling_number": contact.calling_number,
        "signalled_number": contact.signalled_number,
        "called_number": contact.called_number,
        "customer": contact.customer_key,
        "queue": contact.queue,
        "agent": contact.agent,
        "arrived_at": instant(contact.arrived_at),
        "ended_at": instant(contact.ended_at),
        "end_cause": contact.end_cause,
        "disposition": contact.disposition,
        "note": contact.note,
        "transfers": contact.transfers.iter().map(transfer).collect::<Vec<_>>(),
        "outside": contact.outside.iter().map(outside).collect::<Vec<_>>(),
        "consultations": contact.consultations.iter().map(consultation).collect::<Vec<_>>(),
        "segments": contact.segments.iter().map(segment).collect::<Vec<_>>(),
        "offers": contact.offers.iter().map(offer).collect::<Vec<_>>(),
    })
}

fn voicemail(voicemail: &wire::Voicemail) -> Value {
    json!({
        "seconds": voicemail.length.map_or(0, |it| it.seconds),
        "left_at": instant(voicemail.left_at),
        "keep_until": instant(voicemail.keep_until),
    })
}

fn outbound(outbound: &wire::Outbound) -> Value {
    json!({
        "agent": outbound.agent,
        "purpose": outbound.purpose,
        "called_at": instant(outbound.called_at),
        "is_permitted": outbound.is_permitted,
        "evidence": outbound.evidence,
    })
}

fn consultation(asked: &wire::Consultation) -> Value {
    json!({
        "agent": asked.agent,
        "colleague": asked.colleague,
        "asked_at": instant(asked.asked_at),
        "answered_at": instant(asked.answered_at),
        "ended_at": instant(asked.ended_at),
        "end_cause": asked.end_cause,
        "note": asked.note,
    })
}

fn outside(outside: &wire::Outside) -> Value {
    json!({
        "agent": outside.agent,
        "title": outside.title,
        "number": outside.number,
        "called_at": instant(outside.called_at),
        "answered_at": instant(outside.answered_at),
        "not_reached": outside.not_reached,
    })
}

fn transfer(transfer: &wire::Transfer) -> Value {
    json!({ "agent": transfer.agent, "at": instant(transfer.at), "note": transfer.note })
}

fn offer(offer: &wire::Offered) -> Value {
    json!({
        "agent": offer.agent,
        "offered_at": instant(offer.offered_at),
        "outcome": offer.outcome,
        "why": offer.why,
    })
}
