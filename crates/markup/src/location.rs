//! Places in a file: line and column of a byte, also after references were decoded.

use std::fmt;
use std::sync::Arc;

/// A place in a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Name of the file as the reader was given it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

impl Location {
    /// The first character of a file.
    pub fn start_of(file: &str) -> Self {
        Self { file: file.into(), line: 1, column: 1 }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes between two places up to which the characters are counted, so that the columns of a file
/// that is one long line cost no more than those of others.
const STRIDE: usize = 256;

/// One file's text with the starts of its lines.
pub(crate) struct Source {
    file: Arc<str>,
    text: String,
    line_starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`].
    counted: Vec<usize>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Arc<Self> {
        let after_newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let line_starts = std::iter::once(0).chain(after_newlines.map(|(at, _)| at + 1)).collect();
        let mut counted = vec![0];
        for stride in text.as_bytes().chunks(STRIDE) {
            counted.push(counted.last().copied().unwrap_or_default() + beginning(stride));
        }
        Arc::new(Self { file: file.into(), text: text.to_owned(), line_starts, counted })
    }

    /// How many characters begin before a byte of the text.
    fn characters(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        self.counted[stride] + beginning(&self.text.as_bytes()[stride * STRIDE..offset])
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The place of byte `offset`; beyond the end it is the end.
    pub(crate) fn locate(&self, offset: usize) -> Location {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let column = self.characters(offset) - self.characters(start) + 1;
        Location { file: self.file.clone(), line: cap(line), column: cap(column) }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("file", &self.file).finish_non_exhaustive()
    }
}

/// How many characters begin in some bytes of UTF-8.
fn beginning(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

fn cap(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where the bytes of a decoded string stand in the file.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    source: Arc<Source>,
    /// Runs in rising order of `decoded`; the first one starts at 0.
    runs: Vec<Run>,
}

/// From byte `decoded` of the string on, bytes stand at `raw` in the file: one beside the other
/// if `is_literal`, else all of them at this one place (a reference such as `&lt;`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) decoded: usize,
    pub(crate) raw: usize,
    pub(crate) is_literal: bool,
}

impl Origin {
    pub(crate) fn new(source: Arc<Source>, runs: Vec<Run>) -> Self {
        Self { source, runs }
    }

    /// Everything at one place, as the default value of an attribute that is not written out.
    pub(crate) fn point(source: Arc<Source>, raw: usize) -> Self {
        Self { source, runs: vec![Run { decoded: 0, raw, is_literal: false }] }
    }

    pub(crate) fn raw_offset(&self, offset: usize) -> usize {
        let after = self.runs.partition_point(|run| run.decoded <= offset);
        match after.checked_sub(1).and_then(|index| self.runs.get(index)) {
            Some(run) if run.is_literal => run.raw + (offset - run.decoded),
            Some(run) => run.raw,
            None => 0,
        }
    }

    pub(crate) fn locate(&self, offset: usize) -> Location {
        self.source.locate(self.raw_offset(offset))
    }
}
