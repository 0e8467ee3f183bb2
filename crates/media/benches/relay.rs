//! What bridged calls and music listeners cost the media thread, and what gets lost.
//!
//! `cargo bench -p caruso-media` runs 180 bridged calls (360 packets in and 360 out every 20
//! ms), then 180 listeners to music, for ten seconds each. CPU is that of the thread
//! `media` alone, as Linux counts it in nanoseconds; the far sides are sockets of this thread.
//! Every line `figure …` is one that `cargo xtask bench media` prints beside its goal.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use caruso_media::rtp::Header;
use caruso_media::{
    Codec, Command, Event, Events, LegId, MediaNode, Options, PlayId, Prompts, Remote, Sound, wav,
};

const CALLS: u64 = 180;
const PACKETS: u16 = 500;
const FRAME: Duration = Duration::from_millis(20);

/// A telephone at the far side of a leg.
struct Phone {
    socket: UdpSocket,
    leg: LegId,
    media: SocketAddr,
    codec: Codec,
}

impl Phone {
    fn say(&self, number: u16) -> anyhow::Result<()> {
        let header = Header {
            marker: number == 0,
            payload_type: self.codec.payload_type(),
            sequence: number,
            timestamp: u32::from(number) * 160,
            ssrc: self.leg.0 as u32,
        };
        let mut packet = [0x55; 172];
        packet[..12].copy_from_slice(&header.to_bytes());
        self.socket.send_to(&packet, self.media)?;
        Ok(())
    }

    /// Packets that wait.
    fn hear(&self) -> usize {
        let mut buffer = [0; 256];
        std::iter::from_fn(|| self.socket.recv(&mut buffer).ok()).count()
    }
}

/// Nanoseconds that the thread `media` spent on a CPU; the youngest of that name.
fn media_cpu() -> anyhow::Result<Duration> {
    let mut youngest = None;
    for task in std::fs::read_dir("/proc/self/task")? {
        let task = task?;
        let id: u32 = task.file_name().to_string_lossy().parse()?;
        let is_media = std::fs::read_to_string(task.path().join("comm"))?.trim() == "media";
        if is_media && youngest.as_ref().is_none_or(|(other, _)| *other < id) {
            youngest = Some((id, task.path()));
        }
    }
    let (_, path) = youngest.context("no thread `media`")?;
    let counts = std::fs::read_to_string(path.join("schedstat"))?;
    Ok(Duration::from_nanos(counts.split_whitespace().next().context("a count")?.parse()?))
}

/// Waits until a node has ended.
async fn end(node: MediaNode, mut events: Events) {
    drop(node);
    while events.next().await.is_some() {}
}

/// Resident memory of this process in kB.
fn resident_kb() -> anyhow::Result<i64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).context("a line")?;
    Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
}

async fn phones(
    node: &MediaNode,
    events: &mut Events,
    legs: std::ops::Range<u64>,
    codec: impl Fn(u64) -> Codec,
) -> anyhow::Result<Vec<Phone>> {
    let mut phones = Vec::new();
    for id in legs {
        let leg = LegId(id);
        node.send(Command::Allocate { leg }).await?;
        let media = loop {
            match events.next().await.context("the node ended")? {
                Event::Allocated { address, .. } => break address,
                Event::Refused { why, .. } => bail!(why),
                _ => {}
            }
        };
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let remote = Remote {
            address: socket.local_addr()?,
            codec: codec(id),
            telephone_event: Some(101),
            is_sending: true,
            is_receiving: true,
        };
        node.send(Command::Remote { leg, remote }).await?;
        phones.push(Phone { socket, leg, media, codec: codec(id) });
    }
    Ok(phones)
}

/// Lets all phones talk or only listen; CPU used, packets sent and heard.
fn run(phones: &[Phone], is_talking: bool) -> anyhow::Result<(Duration, usize, usize)> {
    // what came before the measurement
    phones.iter().for_each(|phone| {
        phone.hear();
    });
    let (before, start) = (media_cpu()?, Instant::now());
    let (mut said, mut heard) = (0, 0);
    let apart = FRAME / phones.len() as u32;
    for number in 0..PACKETS {
        for (at, phone) in (0..).zip(phones) {
            // telephones do not keep step: their packets come spread over the 20 ms
            let early = (FRAME * u32::from(number) + apart * at).saturating_sub(start.elapsed());
            if early > apart {
                std::thread::sleep(early);
            }
            if is_talking {
                phone.say(number)?;
                said += 1;
            }
            heard += phone.hear();
        }
    }
    std::thread::sleep(5 * FRAME);
    let cpu = media_cpu()?.saturating_sub(before);
    heard += phones.iter().map(Phone::hear).sum::<usize>();
    Ok((cpu, said, heard))
}

fn per_call(cpu: Duration) -> f64 {
    let seconds = (FRAME * u32::from(PACKETS)).as_secs_f64();
    100.0 * cpu.as_secs_f64() / seconds / CALLS as f64
}

async fn bridged(codec: impl Fn(u64) -> Codec, name: &str) -> anyhow::Result<()> {
    let (node, mut events) = MediaNode::start(Options::default(), Prompts::default())?;
    let memory = resident_kb()?;
    let phones = phones(&node, &mut events, 0..2 * CALLS, codec).await?;
    for call in 0..CALLS {
        node.send(Command::Connect { a: LegId(2 * call), b: LegId(2 * call + 1) }).await?;
    }
    let (cpu, said, heard) = run(&phones, true)?;
    let memory = (resident_kb()? - memory) as f64 / CALLS as f64;
    let lost = said.saturating_sub(heard);
    println!("figure media.{name}_percent {} {said}", per_call(cpu));
    if name == "bridged" {
        println!("figure media.lost {lost} {said}");
        println!("figure media.call_kb {memory} {CALLS}");
    }
    println!(
        "{name}: {:.3} % of a core a call (goal 0.1), {:.2} us a packet, lost {lost} of {said}, \
         {memory:.1} kB a call",
        per_call(cpu),
        cpu.as_secs_f64() * 1e6 / said as f64,
    );
    end(node, events).await;
    Ok(())
}

async fn music() -> anyhow::Result<()> {
    let tune: Vec<i16> = (0..80_000i32).map(|n| (n * 37 % 8_000) as i16).collect();
    let prompts = Prompts::read([("music", wav::write(&tune)?)])
        .map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let (node, mut events) = MediaNode::start(Options::default(), prompts)?;
    let phones = phones(&node, &mut events, 0..CALLS, |_| Codec::Pcma).await?;
    for phone in &phones {
        let (leg, sounds) = (phone.leg, vec![Sound::Prompt("music".into())]);
        node.send(Command::Play { leg, play: PlayId(leg.0), sounds, repeats: true }).await?;
    }
    let (cpu, _, heard) = run(&phones, false)?;
    println!("figure media.music_percent {} {heard}", per_call(cpu));
    println!(
        "music: {:.3} % of a core a listener (goal 0.05), {:.2} us a packet, {heard} packets",
        per_call(cpu),
        cpu.as_secs_f64() * 1e6 / heard as f64,
    );
    end(node, events).await;
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        bridged(|_| Codec::Pcma, "bridged").await?;
        let by_leg = |leg| if leg % 2 == 0 { Codec::Pcma } else { Codec::Pcmu };
        bridged(by_leg, "crossing").await?;
        music().await
    })
}
