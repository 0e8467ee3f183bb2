//! The node over real sockets on the loopback address.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use caruso_media::g711::Law;
use caruso_media::rtp::{Header, Packet};
use caruso_media::{
    Codec, Command, Error, Event, Events, LegId, MediaNode, Options, PlayId, Prompts, Refusal,
    Remote, Sound, Tap, wav,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const PATIENCE: Duration = Duration::from_secs(20);

/// A node behind a process border: everything crosses it as JSON.
struct Far {
    node: MediaNode,
    events: Events,
}

fn cross<T: Serialize + DeserializeOwned>(message: &T) -> T {
    let text = serde_json::to_string(message).expect("messages are data");
    serde_json::from_str(&text).expect("what was written is read")
}

impl Far {
    fn start(options: Options) -> Self {
        let files = [("sweep", sweep()), ("music", vec![924, -924, 924]), ("short", vec![924; 3])];
        let files = files.map(|(id, samples)| (id, wav::write(&samples).expect("small")));
        let prompts = Prompts::read(files).expect("telephone audio");
        let (node, events) = MediaNode::start(options, prompts).expect("loopback is there");
        Self { node, events }
    }

    async fn send(&self, command: Command) {
        self.node.send(cross(&command)).await.expect("the node runs");
    }

    /// The first event from now on that fits.
    async fn wait_for<T>(&mut self, fits: impl Fn(&Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.next().await.expect("the node runs");
                if let Some(found) = fits(&cross(&event)) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("the event comes")
    }

    async fn allocate(&mut self, leg: LegId) -> Result<SocketAddr, Refusal> {
        self.send(Command::Allocate { leg }).await;
        self.wait_for(|event| match event {
            Event::Allocated { address, .. } => Some(Ok(*address)),
            Event::Refused { why, .. } => Some(Err(why.clone())),
            _ => None,
        })
        .await
    }

    async fn agree(&self, leg: LegId, address: SocketAddr, codec: Codec) {
        let telephone_event = Some(101);
        let remote =
            Remote { address, codec, telephone_event, is_sending: true, is_receiving: true };
        self.send(Command::Remote { leg, remote }).await;
    }

    /// A leg of ours and, as its far side, one with a tap.
    async fn line(&mut self, ours: LegId, phone: LegId, codec: Codec) -> Tap {
        let here = self.allocate(ours).await.expect("a port is free");
        let there = self.allocate(phone).await.expect("a port is free");
        let tap = self.node.tap(phone).await.expect("just allocated");
        self.agree(ours, there, codec).await;
        self.agree(phone, here, codec).await;
        tap
    }

    async fn play(&self, leg: LegId, prompt: &str, repeats: bool) {
        let sounds = vec![Sound::Prompt(prompt.into())];
        self.send(Command::Play { leg, play: PlayId(5), sounds, repeats }).await;
    }
}

/// Half a second in which no sample is silence, loud to faint.
fn sweep() -> Vec<i16> {
    (0..4_000i16).map(|n| if n % 2 == 0 { 20_000 - 4 * n } else { 4 * n - 20_000 }).collect()
}

fn through(law: Law, samples: &[i16]) -> Vec<i16> {
    samples.iter().map(|&sample| law.decode(law.encode(sample))).collect()
}

/// The next samples from the first that is not silence.
async fn hear(tap: &mut Tap, count: usize) -> Vec<i16> {
    let mut heard = Vec::new();
    while heard.len() < count {
        let frame = tokio::time::timeout(PATIENCE, tap.hear()).await.expect("audio comes");
        let is_started = !heard.is_empty();
        let loud = |sample: &i16| is_started || sample.abs() > 8;
        let frame = frame.expect("the leg is there");
        let from = frame.iter().position(loud).unwrap_or(frame.len());
        heard.extend_from_slice(&frame[from..]);
    }
    heard.truncate(count);
    heard
}

#[tokio::test]
async fn a_prompt_is_heard_sample_by_sample_in_both_laws() {
    for (codec, law) in [(Codec::Pcmu, Law::Mu), (Codec::Pcma, Law::A)] {
        let mut far = Far::start(Options::default());
        let mut tap = far.line(LegId(1), LegId(2), codec).await;
        far.play(LegId(1), "sweep", false).await;
        assert_eq!(hear(&mut tap, 4_000).await, through(law, &sweep()));
        far.wait_for(|event| matches!(event, Event::Played { .. }).then_some(())).await;
    }
}

#[tokio::test]
async fn music_goes_round_without_a_gap() {
    let mut far = Far::start(Options::default());
    let mut tap = far.line(LegId(1), LegId(2), Codec::Pcmu).await;
    far.play(LegId(1), "music", true).await;
    let expected: Vec<i16> = [924, -924, 924].into_iter().cycle().take(1_000).collect();
    assert_eq!(hear(&mut tap, 1_000).await, expected);
}

#[tokio::test]
async fn two_bridged_phones_hear_each_other_and_each_others_keys() {
    let mut far = Far::start(Options::default());
    let (a, b, phone_a, phone_b) = (LegId(1), LegId(2), LegId(11), LegId(12));
    let mut tap_a = far.line(a, phone_a, Codec::Pcmu).await;
    let mut tap_b = far.line(b, phone_b, Codec::Pcma).await;
    far.send(Command::Connect { a, b }).await;
    for (from, to) in [(&tap_a.speak, &mut tap_b.hear), (&tap_b.speak, &mut tap_a.hear)] {
        from.send([10_000; 160]).await.expect("the leg is there");
        let heard = async { while to.recv().await.expect("the leg is there")[80] < 9_000 {} };
        tokio::time::timeout(PATIENCE, heard).await.expect("audio crosses");
    }
    for key in "59#".chars() {
        far.send(Command::SendKey { leg: phone_a, key }).await;
    }
    let mut heard = [String::new(), String::new()];
    while heard[1].len() < 3 {
        let (leg, key) = far
            .wait_for(|event| match event {
                Event::Key { leg, key } => Some((*leg, *key)),
                _ => None,
            })
            .await;
        heard[usize::from(leg == phone_b)].push(key);
    }
    assert_eq!(heard, ["59#", "59#"]);
    far.send(Command::Release { leg: phone_b }).await;
    let statistics = far
        .wait_for(|event| match event {
            Event::Released { statistics, .. } => Some(*statistics),
            _ => None,
        })
        .await;
    assert!(statistics.packets_received > 0);
    assert_eq!((statistics.packets_invalid, statistics.packets_foreign), (0, 0));
    let ended = async { while tap_b.hear().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ended).await.expect("the tap ends with its leg");
}

/// A phone that is a bare socket.
fn phone() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback is there");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time");
    let address = socket.local_addr().expect("bound");
    (socket, address)
}

fn read(socket: &UdpSocket) -> Header {
    let mut buffer = [0; 1_000];
    let len = socket.recv(&mut buffer).expect("a packet comes");
    Packet::parse(&buffer[..len]).expect("the node sends proper packets").header
}

#[tokio::test]
async fn audio_goes_where_the_phone_speaks_from() {
    let mut far = Far::start(Options::default());
    let leg = LegId(1);
    let here = far.allocate(leg).await.expect("a port is free");
    let (negotiated, address) = phone();
    let (behind_nat, source) = phone();
    far.agree(leg, address, Codec::Pcma).await;
    let first = read(&negotiated);
    let header = Header { marker: true, payload_type: 8, sequence: 9, timestamp: 9, ssrc: 9 };
    behind_nat.send_to(&header.to_bytes(), here).expect("loopback");
    far.wait_for(|event| (*event == Event::FirstPacket { leg }).then_some(())).await;
    let second = read(&behind_nat);
    assert_eq!(second.ssrc, first.ssrc);
    let (stranger, _) = phone();
    stranger.send_to(&header.to_bytes(), here).expect("loopback");
    (0..3).for_each(|_| assert_eq!(read(&behind_nat).payload_type, 8));
    assert_ne!(source, address);
}

/// First and last port of two free pairs, below those that systems give away by themselves.
fn two_free_pairs() -> (u16, u16) {
    let start = 20_000 + (std::process::id() % 2_500 * 4) as u16;
    let is_free = |port: u16| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    let free = (start..31_000).step_by(4).find(|&first| (first..first + 4).all(is_free));
    free.map(|first| (first, first + 3)).expect("not all ports are taken")
}

#[tokio::test]
async fn ports_run_out_and_come_back() {
    let (first, last) = two_free_pairs();
    let options = Options {
        ports: Some((first, last)),
        advertised: "192.0.2.1".parse().expect("an address"),
        ..Options::default()
    };
    let mut far = Far::start(options);
    let one = far.allocate(LegId(1)).await.expect("two pairs are free");
    assert_eq!(one, SocketAddr::from(([192, 0, 2, 1], first)));
    let two = far.allocate(LegId(2)).await.expect("one pair is free");
    assert_eq!(two.port(), first + 2);
    assert_eq!(far.allocate(LegId(3)).await, Err(Refusal::NoPort));
    // release and next allocation stand directly behind each other
    far.send(Command::Release { leg: LegId(1) }).await;
    assert_eq!(far.allocate(LegId(3)).await.map(|a| a.port()), Ok(first));
}

#[tokio::test]
async fn a_slow_listener_is_told_how_much_it_missed() {
    let mut far = Far::start(Options { events: 2, ..Options::default() });
    let nothing = Command::Stop { leg: LegId(404) };
    for _ in 0..10 {
        far.send(nothing.clone()).await;
    }
    // an answer comes after all that was sent before
    let tap = far.node.tap(LegId(404)).await;
    assert!(matches!(tap, Err(Error::Refused(Refusal::UnknownLeg))));
    let refused = |event: &Event| matches!(event, Event::Refused { .. }).then_some(());
    far.wait_for(refused).await;
    far.wait_for(refused).await;
    far.send(nothing).await;
    let next = [far.events.next().await, far.events.next().await];
    assert_eq!(next[0], Some(Event::Lost { count: 8 }));
    assert!(matches!(next[1], Some(Event::Refused { .. })));
}

#[tokio::test]
async fn exchanged_prompts_are_found_by_the_next_play() {
    let mut far = Far::start(Options::default());
    far.allocate(LegId(1)).await.expect("a port is free");
    far.node.replace_prompts(Prompts::default()).await.expect("the node runs");
    far.play(LegId(1), "sweep", false).await;
    let why = far
        .wait_for(|event| match event {
            Event::Refused { why, .. } => Some(why.clone()),
            _ => None,
        })
        .await;
    assert_eq!(why, Refusal::UnknownPrompt { prompt: "sweep".into() });
}

#[tokio::test]
async fn dropping_the_node_releases_every_leg() {
    let mut far = Far::start(Options::default());
    far.allocate(LegId(1)).await.expect("a port is free");
    let Far { node, mut events } = far;
    drop(node);
    let last = tokio::time::timeout(PATIENCE, events.next()).await.expect("it ends");
    assert!(matches!(last, Some(Event::Released { leg: LegId(1), .. })));
    assert_eq!(events.next().await, None);
}

#[test]
fn contradictory_options_are_refused() {
    let start = |options| MediaNode::start(options, Prompts::default()).map(|_| ());
    let anywhere = "0.0.0.0".parse().expect("an address");
    assert!(matches!(start(Options::new(anywhere)), Err(Error::Advertised)));
    let ports = Some((4_001, 4_002));
    let odd = start(Options { ports, ..Options::default() }).expect_err("no pair fits");
    assert_eq!(odd.to_string(), "media ports 4001 to 4002 have no room for a pair of ports");
}
