//! Text in the letters that every PDF reader has: those of Western Europe (WinAnsiEncoding), in
//! Helvetica, and how wide they are.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of WinAnsiEncoding from 0x80 on that Unicode has elsewhere; 0 for none.
const HIGH: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘',
    '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// Widths of the characters from blank to tilde, in thousandths of the size (Adobe's metrics of
/// Helvetica).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// Of small letters with accents and of dashes.
const SMALL: u16 = 556;
/// Of all others, which is too wide rather than too narrow.
const OTHER: u16 = 722;
/// Bold letters are that much wider, in per cent.
const BOLD: u32 = 108;

/// The bytes of a text. What the letters have not is written by those that come near: without its
/// accent, or by a word; else as a question mark.
pub(crate) fn encoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.nfc() {
        match letter {
            'Σ' => bytes.extend(b"Sum of"),
            '−' => bytes.push(b'-'),
            '≤' => bytes.extend(b"<="),
            it => match byte(it) {
                Some(byte) => bytes.push(byte),
                None => {
                    let base = std::iter::once(it).nfd().find_map(byte);
                    bytes.push(base.unwrap_or(b'?'));
                }
            },
        }
    }
    bytes
}

fn byte(letter: char) -> Option<u8> {
    let high = HIGH.iter().position(|it| *it == letter && letter != '\0');
    match letter {
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(letter)).ok(),
        it if it.is_control() => Some(b' '),
        _ => high.and_then(|at| u8::try_from(at + 0x80).ok()),
    }
}

/// How wide encoded text is, in points.
pub(crate) fn width(bytes: &[u8], size: f32, is_bold: bool) -> f32 {
    let of = |byte: &u8| {
        let index = usize::from(*byte).checked_sub(usize::from(b' '));
        let other = if matches!(byte, 0x96 | 0xdf..) { SMALL } else { OTHER };
        u32::from(index.and_then(|it| WIDTHS.get(it)).copied().unwrap_or(other))
    };
    let thousandths: u32 = bytes.iter().map(of).sum();
    let thousandths = if is_bold { thousandths * BOLD / 100 } else { thousandths };
    thousandths as f32 / 1000.0 * size
}
