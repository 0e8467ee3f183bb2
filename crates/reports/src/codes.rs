//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    NAME_OF_FILE = "CV0101": "A report's name is not that of its file.";
    UNKNOWN_FIGURE = "CV0102": "A column shows a figure that there is not.";
    DUPLICATE = "CV0103": "Two columns, titles or reports have the same name.";
    DURATION = "CV0104": "A duration cannot be read, or is too long.";
    UNFIT_SETTING = "CV0105": "A column is given what its figure does not take.";
    UNKNOWN_NAME = "CV0106": "A report names a queue, channel, reason, zone or column that there \
        is not.";
    DIMENSION = "CV0107": "A report is to be told apart, or limited, by what one of its figures \
        does not know.";
    CHART = "CV0108": "A chart cannot be drawn: too many columns, or of different units.";
    OVERLAY = "CV0109": "An overlay is for a report that there is not, or a second one for it.";
    TOO_MANY = "CV0110": "A report has more columns, or an application more reports, than can be \
        shown.";
}
