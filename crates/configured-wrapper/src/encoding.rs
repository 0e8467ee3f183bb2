//! The alphabets of files: bytes to text.

/// How a file writes letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 (RFC 3629).
    #[default]
    Utf8,
    /// ISO/IEC 8859-1.
    Latin1,
    /// ISO/IEC 8859-15: as 8859-1, with the euro sign and seven letters.
    Latin9,
    /// Code page 1252: as 8859-1, with letters in the place of control characters.
    Windows1252,
}

/// The letters of code page 1252 at 0x80 to 0x9f; a blank where there is none.
const WINDOWS: [char; 32] = [
    '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', ' ', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
];

impl Encoding {
    /// By its word in `wrapper.dtd`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "utf-8" => Self::Utf8,
            "iso-8859-1" => Self::Latin1,
            "iso-8859-15" => Self::Latin9,
            "windows-1252" => Self::Windows1252,
            _ => return None,
        })
    }

    /// The text of some bytes; nothing where they are none in this encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Latin9 => Some(bytes.iter().map(|byte| latin9(*byte)).collect()),
            Self::Windows1252 => bytes.iter().map(|byte| windows(*byte)).collect(),
        }
    }
}

fn latin9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        byte => char::from(byte),
    }
}

fn windows(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => Some(WINDOWS[usize::from(byte - 0x80)]).filter(|letter| *letter != ' '),
        byte => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_has_its_letters() {
        let bytes = b"\xa4 \xe9\xbd";
        assert_eq!(Encoding::Latin1.decode(bytes).as_deref(), Some("¤ é½"));
        assert_eq!(Encoding::Latin9.decode(bytes).as_deref(), Some("€ éœ"));
        assert_eq!(Encoding::Windows1252.decode(b"\x80\x9f\xe9").as_deref(), Some("€Ÿé"));
        assert_eq!(Encoding::Utf8.decode("€é".as_bytes()).as_deref(), Some("€é"));
    }

    #[test]
    fn bytes_that_mean_nothing_are_no_text() {
        assert_eq!(Encoding::Utf8.decode(b"\xe9"), None);
        assert_eq!(Encoding::Windows1252.decode(b"\x81"), None);
    }
}
