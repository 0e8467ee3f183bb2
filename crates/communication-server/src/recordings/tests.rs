use caruso_journal::Installation;
use uuid::Uuid;

use super::*;

const JANSEN: ContactId = ContactId(Uuid::from_u128(1));
const KEPT: Time = Time::from_millis(90_000);

async fn recordings(folder: &Path, most: u64) -> Recordings {
    let installation = Installation { realm: "demo".into(), site: "main".into() };
    let journal = Journal::open(&folder.join("contacts.db"), &installation).await.expect("a log");
    Recordings::open(folder.join("recordings"), journal, most).await.expect("a folder")
}

/// Loud code words, all different within a piece.
fn codes(count: usize) -> Vec<u8> {
    (0..count).map(|n| (n % 61) as u8).collect()
}

async fn whole(recordings: &Recordings) -> Vec<u8> {
    let mut heard = recordings.hear(JANSEN).await.expect("it is there");
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < heard.size() {
        let more = heard.read(bytes.len() as u64, u64::MAX).await.expect("readable");
        assert!(!more.is_empty());
        bytes.extend(more);
    }
    bytes
}

#[tokio::test]
async fn what_was_said_is_heard_as_a_wav_file_and_in_any_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = recordings(folder.path(), u64::MAX).await;
    let mut writing = recordings.begin(JANSEN, KEPT).await.expect("room");
    let said = codes(4_000);
    for part in said.chunks(160) {
        writing.write(part).await.expect("room");
    }
    writing.finish().await.expect("written");
    let bytes = whole(&recordings).await;
    let heard = caruso_media::wav::read(&bytes).expect("a WAV file");
    let linear = said.iter().map(|code| caruso_media::g711::Law::Mu.decode(*code));
    assert_eq!(heard, linear.collect::<Vec<_>>());
    let mut parts = recordings.hear(JANSEN).await.expect("it is there");
    for offset in [0, 7, 43, 44, 45, 3_243, 3_244, 8_042, 8_043] {
        let part = parts.read(offset, 100).await.expect("readable");
        let at = usize::try_from(offset).expect("small");
        assert_eq!(part, bytes[at..at + part.len()], "{offset}");
        assert!(!part.is_empty() && part.len() <= 100);
    }
    assert_eq!(parts.read(8_044, 100).await.expect("readable"), [0; 0]);
    let stored = std::fs::read(recordings.path(JANSEN)).expect("a file");
    assert!(!stored.windows(32).any(|it| it == &said[..32]), "it is encrypted");
}

#[tokio::test]
async fn a_kill_loses_no_whole_piece_and_what_it_tore_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = recordings(folder.path(), u64::MAX).await;
    let mut writing = recordings.begin(JANSEN, KEPT).await.expect("room");
    writing.write(&codes(5_000)).await.expect("room");
    drop(writing);
    let half_second = Some(Duration::from_millis(600));
    assert_eq!(recordings.left_behind(JANSEN).await.expect("readable"), half_second);
    let path = recordings.path(JANSEN);
    let torn = std::fs::OpenOptions::new().write(true).open(&path).expect("a file");
    torn.set_len(torn.metadata().expect("a file").len() - 7).expect("cut");
    let cut = Some(Duration::from_millis(400));
    assert_eq!(recordings.left_behind(JANSEN).await.expect("readable"), cut);
}

#[tokio::test]
async fn silence_is_no_message_and_pieces_of_others_are_not_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = recordings(folder.path(), u64::MAX).await;
    let mut writing = recordings.begin(JANSEN, KEPT).await.expect("room");
    writing.write(&[caruso_media::g711::Law::Mu.silence(); 8_000]).await.expect("room");
    writing.finish().await.expect("written");
    let other = ContactId(Uuid::from_u128(2));
    std::fs::copy(recordings.path(JANSEN), recordings.path(other)).expect("copied");
    assert_eq!(recordings.hear(other).await.expect("a file").size(), 44 + 2 * 4 * 1_600);
    assert!(recordings.left_behind(other).await.expect("readable").is_none(), "another key");
    assert_eq!(recordings.left_behind(JANSEN).await.expect("readable"), None);
    assert!(matches!(recordings.hear(JANSEN).await, Err(Error::Missing)));
}

#[tokio::test]
async fn nothing_is_written_beyond_what_there_may_be_and_deleting_makes_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = recordings(folder.path(), 4_000).await;
    let mut writing = recordings.begin(JANSEN, KEPT).await.expect("room");
    let full = writing.write(&codes(10_000)).await;
    assert!(matches!(full, Err(Error::Full { most: 4_000 })), "{full:?}");
    assert!(recordings.left_behind(JANSEN).await.expect("readable").is_some(), "as far as it went");
    let size = std::fs::metadata(recordings.path(JANSEN)).expect("a file").len();
    assert!(size <= 4_000);
    recordings.delete_old(Time::from_millis(89_999)).await.expect("readable");
    assert!(recordings.hear(JANSEN).await.is_ok(), "its time is not over");
    recordings.delete_old(KEPT).await.expect("readable");
    assert!(matches!(recordings.hear(JANSEN).await, Err(Error::Missing)));
    let mut again = recordings.begin(JANSEN, KEPT).await.expect("room again");
    again.write(&codes(1_600)).await.expect("room");
}

#[tokio::test]
async fn what_was_forgotten_in_the_journal_is_not_heard_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let recordings = recordings(folder.path(), u64::MAX).await;
    let mut writing = recordings.begin(JANSEN, KEPT).await.expect("room");
    writing.write(&codes(1_600)).await.expect("room");
    writing.finish().await.expect("written");
    recordings.shared.journal.forget(JANSEN).await.expect("forgotten");
    assert!(matches!(recordings.hear(JANSEN).await, Err(Error::Erased)));
}
