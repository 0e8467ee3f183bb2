//! Who waits too long, or in vain.

use caruso_contact::{EndCause, Overflow};

use super::*;

/// As the aged one, where `expert` leads to `urgent` after 45 s and to `calm` while nobody serves
/// it, and `urgent` to `calm` where it is full, and but for two minutes of the day. Who comes to
/// `calm` waits for their agent alone for 20 s, is told of the wait after 15 s and then every 25 s,
/// and leaves a message after 40 s.
pub(crate) fn overflowing() -> Arc<Configuration> {
    let text = crate::tests::with_capacity(&crate::tests::aged_text());
    let told = "expires=\"1h\"/><announcement script=\"menu\" after=\"15s\" every=\"25s\"/>";
    let text = text.replace("expires=\"1h\"/>", told);
    let text = text.replace("</reasons>", "</reasons><pause after=\"rejected\" for=\"10s\"/>");
    with(
        &open(&text, "urgent", "mon-sun", ("00:18", "00:20")),
        &[
            ("expert", "<overflow on=\"wait\" after=\"45s\" to=\"urgent\"/>"),
            ("expert", "<overflow on=\"unserved\" to=\"calm\"/>"),
            ("urgent", "<overflow on=\"full\" to=\"calm\"/>"),
            ("urgent", "<overflow on=\"closed\" to=\"calm\"/>"),
            ("calm", "<voicemail say=\"music\" keep=\"1h\"/>"),
            ("calm", "<overflow on=\"wait\" after=\"40s\" take=\"message\"/>"),
            ("calm", "<preferred-agent for=\"20s\" by=\"manager\" within=\"1h\"/>"),
        ],
    )
}

/// The file with a queue that is open then, by UTC.
fn open(text: &str, queue: &str, days: &str, (from, to): (&str, &str)) -> String {
    let hours = format!(
        "<hours id=\"some\" zone=\"UTC\">\
         <open days=\"{days}\" from=\"{from}\" to=\"{to}\"/></hours><queue "
    );
    let text = text.replacen("<queue ", &hours, 1);
    let queue = format!("<queue id=\"{queue}\"");
    text.replacen(&queue, &format!("{queue} hours=\"some\""), 1)
}

/// The file with these overflows in these queues.
pub(super) fn with(text: &str, overflows: &[(&str, &str)]) -> Arc<Configuration> {
    let mut text = text.to_owned();
    for (queue, overflow) in overflows {
        let start = text.find(&format!("<queue id=\"{queue}\"")).expect("it is there");
        let before = |what| text[start..].find(what).map(|at| start + at);
        let end = before("<disposition").expect("it has some");
        let is_first = overflow.starts_with("<preferred-agent");
        let end = before("<callback").filter(|_| is_first).map_or(end, |at| at.min(end));
        text.insert_str(end, overflow);
    }
    compiled(&text)
}

fn desk(overflows: &[(&str, &str)]) -> Desk {
    Desk::with(with(ROUTING, overflows))
}

impl Desk {
    /// What became of the waiting of a contact, from the first queue to the end.
    fn stays(&self, number: u128) -> Vec<String> {
        let events = self.log.iter().filter_map(|(_, event)| match event {
            Event::Contact { contact: id, event } if *id == contact(number) => Some(event),
            _ => None,
        });
        let told = events.filter_map(|event| match event {
            ContactEvent::QueueEntered { queue, .. } => Some(queue.to_string()),
            ContactEvent::Overflowed { cause } => Some(cause.name().to_owned()),
            ContactEvent::Ended { cause, .. } => Some(cause.name().to_owned()),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn who_has_waited_long_enough_goes_on_and_has_the_place_of_one_who_came_there_then() {
    let mut desk = desk(&[("expert", "<overflow on=\"wait\" after=\"3m\" to=\"calm\"/>")]);
    desk.call(1, "expert");
    desk.pass(100);
    desk.call(2, "calm");
    assert_eq!(desk.router.next_deadline(), Some(Time::from_millis(1_180_000)));
    let waiting = desk.router.waiting(contact(1), desk.now).expect("it waits");
    assert_eq!(waiting.overflows_at, Some(Time::from_millis(1_180_000)));
    assert!(desk.pass(77).is_empty());
    assert_eq!(desk.pass(1), ["play music 1"]);
    assert_eq!(desk.stays(1), ["expert", "waited", "calm"]);
    desk.ready("anna", "calm");
    assert_eq!(desk.state("anna"), "offered 1", "who came before the second");
    let why = desk.log.iter().rev().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why),
        _ => None,
    });
    let why = why.expect("told");
    assert_eq!(why.waiting_since, Time::from_millis(1_000_000));
    assert_eq!(why.overflowed_from, Some("expert".parse_queue()));
}

#[test]
fn while_it_rings_nobody_is_taken_away_and_afterwards_at_once() {
    let mut desk = desk(&[("calm", "<overflow on=\"wait\" after=\"15s\" say=\"music\"/>")]);
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    assert!(desk.pass(18).is_empty(), "it rings");
    let told = desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    assert_eq!(told, ["drop agent", "file 1", "drop caller 1 waited-too-long after music"]);
    desk.take(Input::SetReady { agent: agent("anna") });
    desk.call(2, "calm");
    desk.answer("anna");
    assert!(desk.pass(60).is_empty(), "who talks does not wait");
}

#[test]
fn a_full_queue_leads_on_and_the_entry_is_told() {
    let mut desk = desk(&[
        ("urgent", "<overflow on=\"full\" to=\"expert\"/>"),
        ("expert", "<overflow on=\"full\" say=\"music\"/>"),
    ]);
    (1..=3).for_each(|number| _ = desk.call(number, "urgent"));
    assert_eq!(desk.call(4, "urgent"), ["play music 4"], "once, that of the other queue");
    assert_eq!(desk.stays(4), ["urgent", "full", "expert"]);
    desk.take(reported(5, crate::Stand::GoesOn));
    desk.take(reported(5, to_queue("urgent")));
    assert_eq!(desk.stays(5), ["urgent"], "conversations have room of their own");
}

#[test]
fn a_full_queue_without_overflow_is_entered_and_left() {
    let mut desk = Desk::new();
    (1..=3).for_each(|number| _ = desk.call(number, "urgent"));
    assert_eq!(desk.call(4, "urgent"), ["file 4", "drop caller 4 queue-full"]);
    assert_eq!(desk.stays(4), ["urgent", "queue-full"], "so that it is counted");
}

#[test]
fn a_queue_that_nobody_serves_keeps_no_call() {
    let mut desk = desk(&[("calm", "<overflow on=\"unserved\" say=\"music\"/>")]);
    let gone = ["file 1", "drop caller 1 unserved after music"];
    assert_eq!(desk.call(1, "calm"), gone, "no music before");
    desk.take(reported(2, crate::Stand::GoesOn));
    desk.take(reported(2, to_queue("calm")));
    assert_eq!(desk.stays(2), ["calm"], "who writes waits till tomorrow");
    desk.take(Input::PhoneRegistered { agent: agent("anna") });
    desk.take(Input::SignIn { agent: agent("anna"), teams: vec!["calm".into()] });
    assert_eq!(desk.call(3, "calm"), ["play music 3"], "somebody is there, not ready yet");
    let told = desk.take(Input::SignOut { agent: agent("anna") });
    assert_eq!(told, ["file 3", "drop caller 3 unserved after music"], "the last one leaves");
    assert_eq!(desk.stays(2), ["calm"]);
}

#[test]
fn who_is_passed_on_to_a_queue_that_nobody_serves_goes_where_it_leads() {
    let mut desk = desk(&[("expert", "<overflow on=\"unserved\" to=\"calm\"/>")]);
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    desk.answer("anna");
    let to = crate::Destination::Queue("expert".parse_queue());
    let note = String::new().into();
    let told = desk.take(Input::Transfer { agent: agent("anna"), contact: contact(1), to, note });
    assert_eq!(told, ["drop agent", "play music 1"]);
    assert_eq!(desk.stays(1), ["calm", "expert", "unserved", "calm"]);
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn what_a_colleague_does_not_take_waits_anew_as_long_as_the_queue_allows() {
    let mut desk = desk(&[("calm", "<overflow on=\"wait\" after=\"3m\" to=\"urgent\"/>")]);
    desk.ready("anna", "calm");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.ready("bram", "calm");
    desk.pass(500);
    let (to, note) = (crate::Destination::Agent(agent("bram")), String::new().into());
    desk.take(Input::Transfer { agent: agent("anna"), contact: contact(1), to, note });
    desk.take(Input::Decline { agent: agent("bram"), contact: contact(1) });
    desk.take(Input::SignOut { agent: agent("bram") });
    desk.take(Input::SetNotReady {
        agent: agent("anna"),
        reason: ReasonId::new("break").expect("a name"),
    });
    assert!(desk.pass(179).is_empty());
    desk.pass(1);
    assert_eq!(desk.stays(1), ["calm", "calm", "waited", "urgent"]);
}

#[test]
fn outside_of_its_hours_a_queue_lets_no_call_in_and_keeps_those_who_wait() {
    // the days begin at 00:16:40 on a Thursday
    let text = open(ROUTING, "urgent", "thu", ("00:17", "00:20"));
    let mut desk =
        Desk::with(with(&text, &[("urgent", "<overflow on=\"closed\" say=\"music\"/>")]));
    let gone = ["file 1", "drop caller 1 out-of-hours after music"];
    assert_eq!(desk.call(1, "urgent"), gone);
    assert_eq!(desk.stays(1), ["urgent", "out-of-hours"]);
    desk.take(reported(2, crate::Stand::GoesOn));
    desk.take(reported(2, to_queue("urgent")));
    assert_eq!(desk.stays(2), ["urgent"], "who writes waits for the morning");
    desk.pass(20);
    assert_eq!(desk.call(3, "urgent"), ["play music 3"]);
    assert!(desk.pass(300).is_empty(), "who was let in is served");
    assert_eq!(desk.stays(3), ["urgent"]);
    desk.ready("anna", "calm");
    desk.call(4, "calm");
    desk.answer("anna");
    let to = crate::Destination::Queue("urgent".parse_queue());
    let note = String::new().into();
    desk.take(Input::Transfer { agent: agent("anna"), contact: contact(4), to, note });
    assert_eq!(desk.stays(4), ["calm", "urgent"], "agents know who is still there");
}

#[test]
fn a_restart_and_another_release_count_from_the_same_moment() {
    let after = |time: &str| {
        let overflow = format!("<overflow on=\"wait\" after=\"{time}\" to=\"urgent\"/>");
        with(ROUTING, &[("calm", &overflow)])
    };
    let mut desk = Desk::with(after("3m"));
    desk.call(1, "calm");
    let mut router = Router::new(after("3m"), Domain::default());
    desk.log.iter().for_each(|(at, event)| router.apply(*at, event));
    desk.router = router;
    desk.recover(&[1]);
    assert_eq!(desk.router.next_deadline(), Some(Time::from_millis(1_180_000)));
    desk.router.adopt(after("2m"));
    desk.pass(119);
    assert_eq!(desk.stays(1), ["calm", "waited", "urgent"]);
    let over = desk.pass(3_600);
    assert_eq!(over, ["file 1", "drop caller 1 waited-too-long"], "no queue keeps longer");
    assert_eq!(desk.stays(1).last().map(String::as_str), Some(EndCause::WaitedTooLong.name()));
    assert_eq!(Overflow::Waited.name(), "waited");
}
