//! One run of the program.

use std::path::Path;
use std::process::Stdio;

use caruso_media::wav;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::MAX_OUTPUT;

/// Why a text was not said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the program cannot be run")]
    Run(#[source] std::io::Error),
    #[error("the program did not read or write to the end")]
    Talk(#[source] std::io::Error),
    #[error("the program failed ({0})")]
    Failed(std::process::ExitStatus),
    #[error("the program wrote more than {MAX_OUTPUT} bytes")]
    TooMuch,
    #[error("what the program wrote is no sound")]
    Sound(#[source] wav::Error),
    #[error("it takes too long")]
    TooLong,
    #[error("too many texts wait to be said")]
    Busy,
}

/// Has a text said. The process is killed when the future is dropped.
pub(crate) async fn run(program: &Path, voice: &str, text: String) -> Result<Vec<i16>, Error> {
    let mut command = Command::new(program);
    command.args(["--stdin", "--stdout", "-v", voice]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.kill_on_drop(true).spawn().map_err(Error::Run)?;
    let (input, output) = (process.stdin.take(), process.stdout.take());
    let write = async {
        if let Some(mut input) = input {
            // who does not read it may say something all the same; the sound tells
            let _ = input.write_all(text.as_bytes()).await;
        }
    };
    let read = async {
        let mut written = Vec::new();
        if let Some(output) = output {
            output.take(MAX_OUTPUT + 1).read_to_end(&mut written).await.map_err(Error::Talk)?;
        }
        Ok(written)
    };
    let ((), written) = tokio::join!(write, read);
    let written: Vec<u8> = written?;
    if written.len() as u64 > MAX_OUTPUT {
        return Err(Error::TooMuch);
    }
    let status = process.wait().await.map_err(Error::Talk)?;
    if !status.success() {
        return Err(Error::Failed(status));
    }
    // bringing it to another rate takes a while
    let sound = tokio::task::spawn_blocking(move || wav::read(&with_lengths(written))).await;
    sound.map_err(|_| Error::TooLong)?.map_err(Error::Sound)
}

/// A WAV file whose lengths are those of what is there: who writes into a pipe does not know them
/// beforehand.
fn with_lengths(mut file: Vec<u8>) -> Vec<u8> {
    let Some(data) = file.windows(4).position(|it| it == b"data").map(|at| at + 8) else {
        return file;
    };
    let length = |from: usize| u32::try_from(file.len().saturating_sub(from)).unwrap_or(u32::MAX);
    let (all, samples) = (length(8), length(data) & !1);
    for (at, length) in [(4, all), (data - 4, samples)] {
        if let Some(place) = file.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_a_pipe_is_as_long_as_what_came() {
        let samples = [5; 40];
        let file = wav::write(&samples).expect("small");
        let mut piped = file.clone();
        piped[4..8].copy_from_slice(&0x7fff_f024_u32.to_le_bytes());
        piped[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
        assert!(wav::read(&piped).is_err());
        assert_eq!(with_lengths(piped.clone()), file);
        // cut off in the middle of a sample
        let cut = with_lengths(piped[..file.len() - 1].to_vec());
        assert_eq!(wav::read(&cut).expect("it is whole"), samples[..39]);
        for rubbish in [&b""[..], b"data", b"RIFFdata", b"nothing"] {
            assert!(wav::read(&with_lengths(rubbish.to_vec())).is_err());
        }
    }
}
