//! G.711 µ-law and A-law (ITU-T G.711), and the way between them.

/// One of the two companding laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// µ-law: North America, Japan.
    Mu,
    /// A-law: everywhere else.
    A,
}

const MU_BIAS: i32 = 0x84;
const MU_CLIP: i32 = 32_635;

const MU_TO_LINEAR: [i16; 256] = decode_table(Law::Mu);
const A_TO_LINEAR: [i16; 256] = decode_table(Law::A);
const MU_TO_A: [u8; 256] = crossing(&MU_TO_LINEAR, Law::A);
const A_TO_MU: [u8; 256] = crossing(&A_TO_LINEAR, Law::Mu);

impl Law {
    /// One code word as 16 bit linear.
    #[must_use]
    pub fn decode(self, code: u8) -> i16 {
        match self {
            Self::Mu => MU_TO_LINEAR[usize::from(code)],
            Self::A => A_TO_LINEAR[usize::from(code)],
        }
    }

    /// The code word of a 16 bit linear sample; what is too loud is clipped.
    #[must_use]
    pub const fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Mu => encode_mu(sample),
            Self::A => encode_a(sample),
        }
    }

    /// The code word of silence.
    #[must_use]
    pub const fn silence(self) -> u8 {
        self.encode(0)
    }

    /// Rewrites code words of this law as those of another, in place.
    pub fn transcode(self, to: Self, codes: &mut [u8]) {
        let table = match (self, to) {
            (Self::Mu, Self::A) => &MU_TO_A,
            (Self::A, Self::Mu) => &A_TO_MU,
            (Self::Mu, Self::Mu) | (Self::A, Self::A) => return,
        };
        for code in codes {
            *code = table[usize::from(*code)];
        }
    }
}

const fn encode_mu(sample: i16) -> u8 {
    let (sign, magnitude) = if sample < 0 { (0x80, -(sample as i32)) } else { (0, sample as i32) };
    let magnitude = if magnitude > MU_CLIP { MU_CLIP } else { magnitude } + MU_BIAS;
    // the bias makes bit 7 the lowest that can be the highest, so the segment is 0 to 7
    let segment = 24 - magnitude.leading_zeros() as i32;
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    !((sign | (segment << 4) | mantissa) as u8)
}

const fn encode_a(sample: i16) -> u8 {
    let (mask, magnitude) =
        if sample < 0 { (0x55, -(sample as i32) - 1) } else { (0xd5, sample as i32) };
    let magnitude = magnitude >> 3;
    let segment = if magnitude < 32 { 0 } else { 27 - magnitude.leading_zeros() as i32 };
    let shift = if segment < 2 { 1 } else { segment };
    ((segment << 4) | ((magnitude >> shift) & 0x0f)) as u8 ^ mask
}

const fn decode_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = match law {
            Law::Mu => decode_mu(code as u8),
            Law::A => decode_a(code as u8),
        };
        code += 1;
    }
    table
}

const fn decode_mu(code: u8) -> i16 {
    let code = !code as i32;
    let magnitude = ((((code & 0x0f) << 3) + MU_BIAS) << ((code & 0x70) >> 4)) - MU_BIAS;
    (if code & 0x80 != 0 { -magnitude } else { magnitude }) as i16
}

const fn decode_a(code: u8) -> i16 {
    let code = (code ^ 0x55) as i32;
    let mantissa = (code & 0x0f) << 4;
    let segment = (code & 0x70) >> 4;
    let magnitude = if segment == 0 { mantissa + 8 } else { (mantissa + 0x108) << (segment - 1) };
    (if code & 0x80 != 0 { magnitude } else { -magnitude }) as i16
}

const fn crossing(from: &[i16; 256], to: Law) -> [u8; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = to.encode(from[code]);
        code += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_code_words_come_out() {
        assert_eq!(Law::Mu.silence(), 0xff);
        assert_eq!(Law::A.silence(), 0xd5);
        assert_eq!((Law::Mu.encode(i16::MAX), Law::Mu.encode(i16::MIN)), (0x80, 0x00));
        assert_eq!((Law::A.encode(i16::MAX), Law::A.encode(i16::MIN)), (0xaa, 0x2a));
        assert_eq!((Law::Mu.decode(0x80), Law::Mu.decode(0x00)), (32_124, -32_124));
        assert_eq!((Law::A.decode(0xaa), Law::A.decode(0x2a)), (32_256, -32_256));
    }

    #[test]
    fn every_code_word_survives_decoding_and_encoding() {
        for code in 0..=u8::MAX {
            assert_eq!(Law::A.encode(Law::A.decode(code)), code);
            // µ-law has two zeros; the negative one becomes the positive
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(Law::Mu.encode(Law::Mu.decode(code)), expected);
        }
    }

    #[test]
    fn every_sample_is_kept_to_half_a_step_of_its_segment() {
        for law in [Law::Mu, Law::A] {
            for sample in i16::MIN..=i16::MAX {
                let error = i32::from(law.decode(law.encode(sample))) - i32::from(sample);
                let allowed = (i32::from(sample).abs() + MU_BIAS) / 32 + 4;
                assert!(error.abs() <= allowed, "{law:?} {sample}: {error}");
            }
        }
    }

    #[test]
    fn crossing_the_laws_keeps_the_sound() {
        for code in 0..=u8::MAX {
            let mut crossed = [code];
            Law::Mu.transcode(Law::A, &mut crossed);
            let (before, after) = (Law::Mu.decode(code), Law::A.decode(crossed[0]));
            let allowed = 8 + i32::from(before).abs() / 16;
            assert!((i32::from(before) - i32::from(after)).abs() <= allowed, "{code:#x}");
            Law::A.transcode(Law::Mu, &mut crossed);
            let back = Law::Mu.decode(crossed[0]);
            assert!((i32::from(before) - i32::from(back)).abs() <= allowed, "{code:#x}");
        }
    }
}
