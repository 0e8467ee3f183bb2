//! The stable codes of the component's errors, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    UNKNOWN = "CT0101": "The installation has no database of this name.";
    UNAVAILABLE = "CT0102": "The database does not answer.";
    REQUEST = "CT0103": "The request makes no sense.";
    UNFIT = "CT0104": "The model is unsound or does not fit the database.";
    FOREIGN = "CT0105": "The installation does not own the database.";
    STALE = "CT0106": "The plan is no longer the one that was shown.";
    STEP = "CT0107": "The database refuses a step of a plan.";
    BUSY = "CT0108": "As many calls as may be are under way.";
    LONG = "CT0109": "The work took longer than it may.";
}
