//! The stable codes of this crate's errors, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    LIMIT = "CE0001": "The expression is longer, larger or nested deeper than the limits allow.";
    SYNTAX = "CE0101": "The text is not an expression here.";
    NAME = "CE0201": "No variable, attribute or function of this name is known here.";
    TYPE = "CE0301": "The types do not fit together, or not to the place of the expression.";
    CHOICE = "CE0302": "The choice has no such value.";
    MISSING = "CE0303": "A value that may be missing is used without asking for it first.";
}
