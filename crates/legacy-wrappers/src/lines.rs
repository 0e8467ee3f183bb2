//! Reading lines with a limit, from a program that may write anything.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) bytes: Vec<u8>,
    /// Longer than the limit; what goes beyond was thrown away.
    pub(crate) is_cut: bool,
}

/// The next line; nothing at the end. A last line without its end counts as one.
pub(crate) async fn next_line(
    reader: &mut (impl AsyncBufRead + Unpin),
    most_bytes: usize,
) -> io::Result<Option<Line>> {
    let mut line = Line { bytes: Vec::new(), is_cut: false };
    loop {
        let read = reader.fill_buf().await?;
        if read.is_empty() {
            let is_something = !line.bytes.is_empty() || line.is_cut;
            return Ok(is_something.then_some(line));
        }
        let end = read.iter().position(|byte| *byte == b'\n');
        let part = &read[..end.unwrap_or(read.len())];
        let room = most_bytes - line.bytes.len();
        line.bytes.extend_from_slice(&part[..part.len().min(room)]);
        line.is_cut |= part.len() > room;
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_cut_at_the_limit_and_the_next_one_is_whole() {
        let mut reader = tokio::io::BufReader::with_capacity(3, &b"abcdefgh\nij\n\nk"[..]);
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut reader, 5).await.expect("bytes in memory") {
            lines.push((String::from_utf8(line.bytes).expect("ascii"), line.is_cut));
        }
        let expected = [("abcde", true), ("ij", false), ("", false), ("k", false)];
        assert_eq!(lines, expected.map(|(text, is_cut)| (text.to_owned(), is_cut)));
    }
}
