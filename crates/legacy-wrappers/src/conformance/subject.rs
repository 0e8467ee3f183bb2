//! The program under trial as a process: lines in, answers out, whatever else it writes aside.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWriteExt, BufReader};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::life::Life;
use crate::lines::next_line;
use crate::program::{Failure, GOODBYE, Input, LOG_LINE_BYTES, Output, Program, Started};
use crate::protocol::{Answer, Error, decode};

/// Lines of standard error that are kept; the oldest goes first.
const MAX_KEPT: usize = 10;
/// Lines that are no answer which are passed over before one answer.
const MAX_NOISE: usize = 100;

/// A request with its id, as a line.
pub(super) type Numbered = (u64, String);

/// It is killed when this is dropped.
pub(super) struct Subject {
    life: Life,
    input: Input,
    output: BufReader<Output>,
    errors: Arc<Mutex<VecDeque<String>>>,
    reading: JoinHandle<()>,
    next_id: u64,
    /// How many lines it wrote that are no answer.
    pub(super) noise: usize,
}

impl Subject {
    pub(super) fn start(program: &Program) -> Result<Self, Failure> {
        let Started { life, input, output, errors: stderr } = Started::of(program)?;
        let errors = Arc::default();
        let reading = tokio::spawn(keep_lines(stderr, Arc::clone(&errors)));
        Ok(Self { life, input, output, errors, reading, next_id: 1, noise: 0 })
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Writes lines in one piece; no answer is waited for.
    pub(super) async fn write(
        &mut self,
        lines: &[Numbered],
        limit: Duration,
    ) -> Result<(), Failure> {
        let piece: String = lines.iter().map(|(_, line)| line.as_str()).collect();
        let written = async {
            self.input.write_all(piece.as_bytes()).await?;
            self.input.flush().await
        };
        match timeout(limit, written).await {
            Err(_) => Err(Failure::Silent(limit)),
            Ok(Err(error)) => Err(self.gone(error.into()).await),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Writes lines in one piece, and waits until each has its answer, in any order.
    pub(super) async fn exchange(
        &mut self,
        lines: &[Numbered],
        longest: usize,
        limit: Duration,
    ) -> Result<BTreeMap<u64, Answer>, Failure> {
        self.write(lines, limit).await?;
        let mut answers = BTreeMap::new();
        let all = async {
            while answers.len() < lines.len() {
                let (id, line) = self.answer(longest).await?;
                let expected = lines.iter().map(|(id, _)| *id);
                let mut open = expected.clone().filter(|id| !answers.contains_key(id));
                if !open.clone().any(|open| open == id) {
                    let expected = open.next().unwrap_or_default();
                    return Err(Failure::Answer(Error::OtherId { expected, is: id }));
                }
                answers.insert(id, decode(id, &line)?);
            }
            Ok(())
        };
        timeout(limit, all).await.unwrap_or(Err(Failure::Silent(limit)))?;
        Ok(answers)
    }

    /// The next line that is an answer to something, with its id.
    async fn answer(&mut self, longest: usize) -> Result<(u64, Vec<u8>), Failure> {
        for _ in 0..=MAX_NOISE {
            let line = match next_line(&mut self.output, longest).await {
                Ok(Some(line)) if line.is_cut => return Err(Failure::LongLine(longest)),
                Ok(Some(line)) => line.bytes,
                Ok(None) => {
                    let end = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                    return Err(self.gone(end.into()).await);
                }
                Err(error) => return Err(self.gone(error.into()).await),
            };
            match id_of(&line) {
                Some(id) => return Ok((id, line)),
                None => self.noise += 1,
            }
        }
        let noise = format!("{MAX_NOISE} lines without an id");
        Err(Failure::Answer(Error::NotJson(noise)))
    }

    /// A stream broke: mostly because the program ended, which then is the better reason.
    async fn gone(&mut self, failure: Failure) -> Failure {
        timeout(GOODBYE, self.life.wait()).await.unwrap_or(failure)
    }

    /// What it wrote to standard error so far is of no interest any more.
    pub(super) fn forget_errors(&self) {
        taken(&self.errors);
    }

    /// Kills it at once. Answers with what it wrote to standard error.
    pub(super) async fn kill(mut self) -> Vec<String> {
        self.life.kill().await;
        self.written().await
    }

    /// Ends its input and reads its output to the end. Answers with whether it ended in time, how
    /// many lines it wrote beside answers in all its life, and its last lines of standard error.
    pub(super) async fn stop(self) -> (bool, usize, Vec<String>) {
        let Self { mut life, input, mut output, errors, mut reading, mut noise, .. } = self;
        drop(input);
        let rest = async {
            while let Ok(Some(_)) = next_line(&mut output, LOG_LINE_BYTES).await {
                noise += 1;
            }
            matches!(life.wait().await, Failure::Exited(_))
        };
        let has_ended = timeout(GOODBYE, rest).await.unwrap_or(false);
        life.kill().await;
        let _ = timeout(GOODBYE, &mut reading).await;
        reading.abort();
        (has_ended, noise, taken(&errors))
    }

    async fn written(&mut self) -> Vec<String> {
        let _ = timeout(GOODBYE, &mut self.reading).await;
        self.reading.abort();
        taken(&self.errors)
    }
}

fn taken(errors: &Mutex<VecDeque<String>>) -> Vec<String> {
    errors.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
}

/// The id of an answer; nothing for what is none.
fn id_of(line: &[u8]) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Answer {
        id: u64,
    }
    serde_json::from_slice::<Answer>(line).ok().map(|answer| answer.id)
}

async fn keep_lines(stderr: impl AsyncRead + Unpin, kept: Arc<Mutex<VecDeque<String>>>) {
    let mut stderr = BufReader::new(stderr);
    while let Ok(Some(line)) = next_line(&mut stderr, LOG_LINE_BYTES).await {
        let line = String::from_utf8_lossy(&line.bytes).into_owned();
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(line);
        if kept.len() > MAX_KEPT {
            kept.pop_front();
        }
    }
}
