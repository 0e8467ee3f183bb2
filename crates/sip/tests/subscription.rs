//! A phone that wants to know how many messages wait, as a socket of the test that speaks plain
//! text.

mod bench;

use bench::peer::{Peer, field};
use bench::{Bench, HOUR, wait_for};
use caruso_sip::{Limits, Messages, Transport};
use md5::{Digest, Md5};
use std::time::Duration;

const EVENT: &str = "Event: message-summary\r\n";

/// A phone of 101 that is registered there, and says so.
struct Phone {
    peer: Peer,
    cseq: u32,
    call_id: String,
}

impl Phone {
    async fn of(bench: &Bench, call_id: &str) -> Self {
        bench
            .phone
            .register(&bench.account("101", Transport::Udp), HOUR)
            .await
            .expect("registered");
        let peer = Peer::new(bench.server.local_addr()).await;
        Self { peer, cseq: 0, call_id: call_id.to_owned() }
    }

    /// Sends a SUBSCRIBE of an extension about a mailbox, and gives the answer to the proof.
    async fn subscribe(&mut self, whose: [&str; 2], tag: &str, fields: &str) -> String {
        let challenge = self.send(whose, tag, fields).await;
        assert!(challenge.starts_with("SIP/2.0 401 "), "{challenge}");
        let proof = proof(&challenge, whose[0]);
        self.send(whose, tag, &format!("{fields}{proof}\r\n")).await
    }

    async fn send(&mut self, [own, mailbox]: [&str; 2], tag: &str, fields: &str) -> String {
        self.cseq += 1;
        let (cseq, at, call_id) = (self.cseq, self.peer.address(), &self.call_id);
        let sent = format!(
            "SUBSCRIBE sip:{mailbox}@server SIP/2.0\r\n\
             Via: SIP/2.0/UDP {at};branch=z9hG4bK{call_id}{cseq};rport\r\nMax-Forwards: 70\r\n\
             From: <sip:{own}@server>;tag=mine\r\nTo: <sip:{mailbox}@server>{tag}\r\n\
             Call-ID: {call_id}\r\nCSeq: {cseq} SUBSCRIBE\r\nContact: <sip:{own}@192.0.2.77>\r\n\
             {fields}Content-Length: 0\r\n\r\n"
        );
        self.peer.send(&sent).await;
        self.peer.receive("SIP/2.0 ").await
    }

    /// The next NOTIFY, which is answered.
    async fn told(&self) -> String {
        let told = self.peer.receive("NOTIFY ").await;
        self.peer.send(&self.peer.response(&told, "200 OK", "")).await;
        told
    }
}

/// Answer to a challenge of the digest (RFC 7616 §3.4, MD5).
fn proof(challenge: &str, user: &str) -> String {
    let said = field(challenge, "WWW-Authenticate");
    let nonce = said.split("nonce=\"").nth(1).and_then(|it| it.split('"').next()).expect("a nonce");
    let hex = |text: &str| {
        let digest = Md5::digest(text.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let (uri, count) = ("sip:x", "00000001");
    let (whom, what) = (hex(&format!("{user}:caruso:geheim")), hex(&format!("SUBSCRIBE:{uri}")));
    let response = hex(&format!("{whom}:{nonce}:{count}:c:auth:{what}"));
    format!(
        "Authorization: Digest username=\"{user}\", realm=\"caruso\", nonce=\"{nonce}\", \
         uri=\"{uri}\", response=\"{response}\", algorithm=MD5, cnonce=\"c\", qop=auth, nc={count}"
    )
}

fn lines(told: &str) -> String {
    told.split_once("\r\n\r\n").expect("it has a body").1.replace("\r\n", "|")
}

fn tag(answer: &str) -> String {
    let to = field(answer, "To");
    to.find(";tag=").map(|at| to[at..].to_owned()).expect("a tag of ours")
}

#[tokio::test]
async fn a_phone_is_told_at_once_and_whenever_the_number_changes_until_it_wants_no_more() {
    let bench = Bench::start().await;
    let mut phone = Phone::of(&bench, "first").await;
    let ok = phone.subscribe(["101", "101"], "", EVENT).await;
    assert!(ok.starts_with("SIP/2.0 200 "), "{ok}");
    assert_eq!(field(&ok, "Expires"), "3600");
    let told = phone.told().await;
    assert!(told.starts_with("NOTIFY sip:101@192.0.2.77 SIP/2.0"), "{told}");
    assert_eq!(field(&told, "Event"), "message-summary");
    assert_eq!(field(&told, "Subscription-State"), "active;expires=3600");
    assert_eq!(field(&told, "Content-Type"), "application/simple-message-summary");
    assert_eq!(field(&told, "To"), "<sip:101@server>;tag=mine");
    let (ours, of_notify) = (tag(&ok), field(&told, "From"));
    assert!(of_notify.ends_with(&ours), "one dialog: {of_notify} {ours}");
    assert_eq!(
        lines(&told),
        "Messages-Waiting: no|Message-Account: sip:101@server|Voice-Message: 0/0|"
    );

    bench.server.tell_messages("102", Messages { new: 9, old: 0 });
    bench.server.tell_messages("101", Messages { new: 2, old: 1 });
    let told = phone.told().await;
    assert_eq!(field(&told, "CSeq"), "2 NOTIFY");
    assert!(lines(&told).starts_with("Messages-Waiting: yes|"), "{told}");
    assert!(lines(&told).ends_with("|Voice-Message: 2/1|"), "{told}");

    let again = phone.subscribe(["101", "101"], &ours, &format!("{EVENT}Expires: 60\r\n")).await;
    assert_eq!(field(&again, "Expires"), "60");
    assert_eq!(tag(&again), ours, "the same dialog");
    let told = phone.told().await;
    assert_eq!(field(&told, "Subscription-State"), "active;expires=60");
    assert_eq!(bench.server.counts().subscriptions, 1);

    let over = phone.subscribe(["101", "101"], &ours, &format!("{EVENT}Expires: 0\r\n")).await;
    assert!(over.starts_with("SIP/2.0 200 "), "{over}");
    let told = phone.told().await;
    assert_eq!(field(&told, "Subscription-State"), "terminated;reason=timeout");
    wait_for(|| bench.server.counts().subscriptions == 0).await;
    let gone = phone.subscribe(["101", "101"], &ours, EVENT).await;
    assert!(gone.starts_with("SIP/2.0 481 "), "{gone}");
}

#[tokio::test]
async fn a_subscription_ends_in_its_time_and_where_the_phone_is_gone() {
    let second = Duration::from_secs(1);
    let limits = Limits { least_subscription: second, ..Limits::default() };
    let bench = Bench::with(limits).await;
    let mut phone = Phone::of(&bench, "short").await;
    let brief = format!("{EVENT}Expires: 1\r\n");
    phone.subscribe(["101", "101"], "", &brief).await;
    assert_eq!(field(&phone.told().await, "Subscription-State"), "active;expires=1");
    assert_eq!(field(&phone.told().await, "Subscription-State"), "terminated;reason=timeout");
    wait_for(|| bench.server.counts().subscriptions == 0).await;

    let mut forgetful = Phone::of(&bench, "forgetful").await;
    forgetful.subscribe(["101", "101"], "", EVENT).await;
    forgetful.told().await;
    bench.server.tell_messages("101", Messages { new: 1, old: 0 });
    let told = forgetful.peer.receive("NOTIFY ").await;
    forgetful.peer.send(&forgetful.peer.response(&told, "481 Gone", "")).await;
    wait_for(|| bench.server.counts().subscriptions == 0).await;

    let mut silent = Phone::of(&bench, "silent").await;
    silent.subscribe(["101", "101"], "", EVENT).await;
    assert_eq!(bench.server.counts().subscriptions, 1);
    drop(silent);
    wait_for(|| bench.server.counts().subscriptions == 0).await;

    let mut once = Phone::of(&bench, "once").await;
    once.subscribe(["101", "101"], "", &format!("{EVENT}Expires: 0\r\n")).await;
    let told = once.told().await;
    assert_eq!(field(&told, "Subscription-State"), "terminated;reason=timeout");
    assert!(lines(&told).ends_with("Voice-Message: 1/0|"), "{told}");
}

#[tokio::test]
async fn only_a_registered_phone_hears_of_its_own_messages_and_of_nothing_else() {
    let limits = Limits { subscriptions_of_one: 1, ..Limits::default() };
    let bench = Bench::with(limits).await;
    let peer = Peer::new(bench.server.local_addr()).await;
    let mut stranger = Phone { peer, cseq: 0, call_id: "stranger".to_owned() };
    let refused = stranger.send(["101", "101"], "", EVENT).await;
    assert!(refused.starts_with("SIP/2.0 403 "), "nobody is registered there: {refused}");

    let mut phone = Phone::of(&bench, "phone").await;
    for (whose, fields, status) in [
        (["101", "102"], EVENT, "403"),
        (["102", "102"], EVENT, "403"),
        (["101", "101"], "Event: presence\r\n", "489"),
        (["101", "101"], "", "489"),
        (["101", "101"], "Event: message-summary\r\nExpires: 59\r\n", "423"),
        (["101", "101"], "Event: message-summary\r\nAccept: text/plain\r\n", "406"),
        (["101", "101"], EVENT, "200"),
    ] {
        let answer = phone.subscribe(whose, "", fields).await;
        assert!(answer.starts_with(&format!("SIP/2.0 {status} ")), "{whose:?} {fields}: {answer}");
        if status == "489" {
            assert_eq!(field(&answer, "Allow-Events"), "message-summary");
        }
    }
    phone.told().await;
    let mut second = Phone::of(&bench, "second").await;
    let refused = second.subscribe(["101", "101"], "", EVENT).await;
    assert!(refused.starts_with("SIP/2.0 403 "), "one is enough: {refused}");
    phone.call_id = "anew".to_owned();
    let anew = phone.subscribe(["101", "101"], "", EVENT).await;
    assert!(anew.starts_with("SIP/2.0 200 "), "it has begun anew: {anew}");
    assert_eq!(field(&phone.told().await, "Call-ID"), "anew");
    assert_eq!(bench.server.counts().subscriptions, 1);
}
