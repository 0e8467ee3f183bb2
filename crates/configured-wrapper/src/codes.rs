//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    UNKNOWN_KIND = "CW0301": "The file of a wrapper is of no kind that there is.";
    UNFIT_CLASS = "CW0302": "A configured wrapper and the model differ about a class.";
    UNFIT_COLUMN = "CW0303": "A column is nowhere, or is not written as its attribute can be.";
    UNFIT_SETTING = "CW0304": "A setting of a configured wrapper is not one of those that there \
        are.";
    DUPLICATE = "CW0305": "Two elements of a configured wrapper have the same name.";
    UNKNOWN_FILE = "CW0306": "A configured wrapper names a file that the application has not.";
    UNREADABLE_DESCRIPTION = "CW0307": "The description of another system cannot be read.";
    UNKNOWN_CALL = "CW0308": "The description of another system does not have what is named.";
    UNFIT_CALL = "CW0309": "A call takes more than an operation can give.";
}
