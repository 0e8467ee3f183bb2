//! A customer: calls, presses a key, waits, talks, until the call is over.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use caruso_softphone::{Ended, Event, FRAME_SAMPLES, Frame, Softphone};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const NUMBER: &str = "0305550100";
/// A person needs a moment before they press a key.
const THINKS: Duration = Duration::from_millis(300);
/// A call that takes longer than any of ours may has failed.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long what is left may take once nobody calls any more.
const LAST: Duration = Duration::from_secs(120);

/// Calls, and chooses faults; the task ends with the call, true where it was answered and ended by
/// a hang-up.
pub(crate) fn call(server: SocketAddr, number: usize, is_talking: bool) -> JoinHandle<bool> {
    tokio::spawn(async move {
        let called = tokio::time::timeout(PATIENCE, whole_call(server, number, is_talking)).await;
        matches!(called, Ok(Ok(true)))
    })
}

async fn whole_call(
    server: SocketAddr,
    number: usize,
    is_talking: bool,
) -> Result<bool, caruso_softphone::Error> {
    let mut phone = Softphone::open(Ipv4Addr::LOCALHOST.into()).await?;
    phone.call(server, NUMBER, &format!("06{number:08}")).await?;
    let mut key_at = None;
    loop {
        let key = async {
            match key_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = phone.next() => match event {
                Event::Answered => {
                    key_at = Some(tokio::time::Instant::now() + THINKS);
                    if is_talking {
                        speak(phone.voice());
                    }
                }
                Event::Ended(how) => return Ok(matches!(how, Ended::HungUp { .. })),
                _ => {}
            },
            () = key => {
                key_at = None;
                phone.press('1').await?;
            }
        }
    }
}

/// Says something without end: as telephones do, 50 packets a second.
pub(crate) fn speak(voice: Option<mpsc::Sender<Frame>>) {
    let Some(voice) = voice else { return };
    tokio::spawn(async move {
        let mut frame: Frame = [0; FRAME_SAMPLES];
        for (at, sample) in (0i16..).zip(frame.iter_mut()) {
            *sample = (at % 16) * 500;
        }
        while voice.send(frame).await.is_ok() {}
    });
}

/// Waits for the end of calls; how many of them failed.
pub(crate) async fn all_over(customers: Vec<JoinHandle<bool>>) -> anyhow::Result<usize> {
    let mut failed = 0;
    for customer in customers {
        failed += usize::from(!tokio::time::timeout(LAST, customer).await??);
    }
    Ok(failed)
}
