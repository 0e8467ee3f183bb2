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
    UNAVAILABLE = "CS0103": "The database or the wrapper does not answer, or the model is not \
        loaded yet.";
    QUERY = "CS0104": "The filter does not check or cannot be asked of a database, the page size \
        is out of bounds, or the page token belongs to another query.";
    NUMBER = "CS0105": "The text is no telephone number.";
    REVISION = "CS0106": "The object has changed since it was read.";
    RULE = "CS0107": "The unit of work breaks a rule of the model.";
    DUPLICATE = "CS0108": "An object with this key is there already.";
    IN_USE = "CS0109": "Other objects lead to the object that is to be deleted.";
    BUSY = "CS0110": "Others change the same objects at the same time.";
    TOO_EXPENSIVE = "CS0111": "The request would search through a large table without an index, or \
        through more than a wrapper gives.";
    SLOW = "CS0112": "The database or the wrapper takes too long to answer.";
    DENIED = "CS0113": "No rule of the model allows the user to do this.";
    STALE = "CS0114": "The tables have changed since the model was held against them.";
    FULL = "CS0115": "The disk of the database is full.";
    HELD_BY_WRAPPER = "CS0116": "The object is held by a wrapper, and changed by its operations \
        alone.";
    NOT_ALONE = "CS0117": "A unit of work changes more than one object, and a wrapper holds one of \
        them.";
    OUTCOME_UNKNOWN = "CS0118": "It is not known whether a wrapper changed the object.";
    REFUSED_BEHIND = "CS0119": "The system behind a wrapper refuses the change.";
}
