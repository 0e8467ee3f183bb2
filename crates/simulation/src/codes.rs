//! The stable codes of this crate's faults, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    FORMAT = "CY0101": "The file is no contact log, or one of another version.";
    LINE = "CY0102": "A line of a contact log cannot be read.";
    BROKEN_OFF = "CY0103": "A contact log breaks off: its last line is missing.";
    ORDER = "CY0104": "Events of a contact log are missing, too many, or out of order.";
    TOO_LONG = "CY0105": "A contact log is longer than can be replayed at once.";
}
