//! The stable codes of this component's errors, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    NOT_FOUND = "CS0101": "There is no object of this class with this key.";
    UNKNOWN_NAME = "CS0102": "The model has no class, or the class no attribute, of this name.";
    UNAVAILABLE = "CS0103": "The database does not answer, or the model is not loaded yet.";
    QUERY = "CS0104": "The filter does not check or cannot be asked of a database, the page size \
        is out of bounds, or the page token belongs to another query.";
    NUMBER = "CS0105": "The text is no telephone number.";
    REVISION = "CS0106": "The object has changed since it was read.";
    RULE = "CS0107": "The unit of work breaks a rule of the model.";
    DUPLICATE = "CS0108": "An object with this key is there already.";
}
