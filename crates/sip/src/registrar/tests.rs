use super::*;
use rsipstack::sip::SipMessage;

struct Phones;

impl Credentials for Phones {
    fn lookup(&self, extension: &str) -> Option<Secret> {
        (extension == "101").then(|| Secret::new("geheim"))
    }
}

struct Bench {
    registrar: Registrar,
    now: Instant,
    cseq: u32,
}

fn bench() -> Bench {
    let now = Instant::now();
    let mut options = Options::new(SocketAddr::from(([192, 0, 2, 1], 5060)));
    options.realm = "r".to_owned();
    options.algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
    options.credentials = std::sync::Arc::new(Phones);
    options.limits.bindings = 2;
    Bench { registrar: Registrar::new(&options, [3; 32], now), now, cseq: 0 }
}

fn request(text: &str) -> Request {
    match SipMessage::try_from(text).expect("readable") {
        SipMessage::Request(request) => request,
        SipMessage::Response(_) => unreachable!("the text is a request"),
    }
}

impl Bench {
    /// One REGISTER with these fields.
    fn send(&mut self, extension: &str, fields: &str) -> Answer {
        self.cseq += 1;
        let request = request(&format!(
            "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\r\n\
             From: <sip:{extension}@h>;tag=1\r\nTo: <sip:{extension}@h>\r\nCall-ID: c\r\n\
             CSeq: {} REGISTER\r\n{fields}Content-Length: 0\r\n\r\n",
            self.cseq
        ));
        let source = SocketAddr::from(([192, 0, 2, 9], 5060));
        let own = SocketAddr::from(([192, 0, 2, 1], 5060));
        self.registrar.register(&request, (source, Transport::Udp), None, |a| a == own, self.now)
    }

    fn nonce(&mut self) -> String {
        let challenge = self.send("101", "");
        assert_eq!(challenge.code, 401);
        let text = challenge.headers.first().expect("a challenge").to_string();
        text.split("nonce=\"").nth(1).and_then(|r| r.split('"').next()).expect("nonce").to_owned()
    }

    /// The answer to a challenge, by the rule of RFC 7616 and not by the code under test.
    fn proof(nonce: &str, count: u32, secret: &str) -> String {
        use sha2::{Digest as _, Sha256};
        let hash = |text: String| digest::hex(&Sha256::digest(text));
        let ha1 = hash(format!("101:r:{secret}"));
        let ha2 = hash("REGISTER:sip:192.0.2.1".to_owned());
        let response = hash(format!("{ha1}:{nonce}:{count:08x}:xyz:auth:{ha2}"));
        format!(
            "Authorization: Digest username=\"101\", realm=\"r\", nonce=\"{nonce}\", \
             uri=\"sip:192.0.2.1\", response=\"{response}\", algorithm=SHA-256, cnonce=\"xyz\", \
             qop=auth, nc={count:08x}\r\n"
        )
    }

    fn proved(&mut self, fields: &str) -> Answer {
        let nonce = self.nonce();
        self.send("101", &(Self::proof(&nonce, 1, "geheim") + fields))
    }
}

const CONTACT: &str = "Contact: <sip:101@10.0.0.9:5060>\r\n";

#[test]
fn a_phone_is_challenged_and_then_bound_to_where_it_sent_from() {
    let mut bench = bench();
    let answer = bench.proved(&format!("{CONTACT}Expires: 300\r\n"));
    assert_eq!(answer.code, 200);
    let listed = answer.headers.first().expect("a binding").to_string();
    assert_eq!(listed, "Contact: <sip:101@10.0.0.9:5060>;expires=300");
    let binding = bench.registrar.registrations().newest("101").expect("bound");
    assert_eq!(binding.destination, SocketAddr::from(([192, 0, 2, 9], 5060)));
}

#[test]
fn a_wrong_secret_or_an_unknown_extension_is_challenged_again() {
    let mut bench = bench();
    let nonce = bench.nonce();
    assert_eq!(bench.send("101", &(Bench::proof(&nonce, 1, "falsch") + CONTACT)).code, 401);
    let other = Bench::proof(&nonce, 1, "geheim").replace("\"101\"", "\"102\"");
    assert_eq!(bench.send("102", &(other + CONTACT)).code, 401);
    assert!(!bench.registrar.registrations().is_registered("101"));
}

#[test]
fn an_algorithm_that_was_not_offered_is_challenged_again() {
    let mut bench = bench();
    bench.registrar.algorithms = vec![Algorithm::Md5];
    let nonce = bench.nonce();
    let answer = bench.send("101", &(Bench::proof(&nonce, 1, "geheim") + CONTACT));
    assert_eq!((answer.code, answer.headers.len()), (401, 1));
}

#[test]
fn a_replayed_or_old_nonce_is_stale_and_a_higher_count_is_good() {
    let mut bench = bench();
    let nonce = bench.nonce();
    let proof = Bench::proof(&nonce, 1, "geheim") + CONTACT;
    assert_eq!(bench.send("101", &proof).code, 200);
    let replay = bench.send("101", &proof);
    assert_eq!(replay.code, 401);
    assert!(replay.headers.iter().all(|header| header.to_string().ends_with(", stale=true")));
    assert_eq!(bench.send("101", &(Bench::proof(&nonce, 2, "geheim") + CONTACT)).code, 200);
    bench.now += Duration::from_secs(121);
    let late = bench.send("101", &(Bench::proof(&nonce, 3, "geheim") + CONTACT));
    assert!(late.headers.iter().any(|header| header.to_string().contains("stale=true")));
}

#[test]
fn a_phone_cannot_bind_another_extension() {
    let mut bench = bench();
    let nonce = bench.nonce();
    assert_eq!(bench.send("102", &(Bench::proof(&nonce, 1, "geheim") + CONTACT)).code, 403);
}

#[test]
fn limits_and_bad_wishes_have_their_status() {
    let mut bench = bench();
    for (fields, code) in [
        ("Contact: <sip:101@h>;expires=30\r\n", 423),
        ("Contact: <sip:101@h>;expires=x\r\n", 400),
        ("Contact: <sip:101@192.0.2.1:5060>\r\n", 400),
        ("Contact: *\r\nExpires: 60\r\n", 400),
        ("Contact: <sip:101@10.0.0.1>, <sip:101@10.0.0.2>\r\n", 200),
        ("Contact: <sip:101@10.0.0.3>\r\n", 403),
        ("Contact: <sip:101@10.0.0.1>;expires=0\r\n", 200),
        ("", 200),
    ] {
        assert_eq!(bench.proved(fields).code, code, "{fields}");
    }
    assert_eq!(bench.registrar.registrations().bindings("101").len(), 1);
    assert_eq!(bench.proved("Contact: *\r\nExpires: 0\r\n").code, 200);
    assert!(!bench.registrar.registrations().is_registered("101"));
}

#[test]
fn a_wish_beyond_the_longest_time_is_granted_less() {
    let mut bench = bench();
    let answer = bench.proved(&format!("{CONTACT}Expires: 86400\r\n"));
    assert!(answer.headers.iter().any(|header| header.to_string().ends_with(";expires=600")));
}
