//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    TABLE = "CF0101": "The database does not have the table of a class.";
    COLUMN = "CF0102": "A table does not have a column that the model names.";
    UNFIT = "CF0103": "A column does not hold what the model says.";
    ASSIGNED = "CF0104": "The database does not assign a key that the model says it assigns.";
    KEY = "CF0105": "Two rows of a table have the same key.";
    EMPTY = "CF0201": "A column may be empty though every object is to have a value.";
    COMPARE = "CF0202": "The columns of a relation do not compare with the key that they lead to.";
    UNPROVED = "CF0203": "Whether a key tells the objects apart could not be found out.";
    UNDECLARED = "CF0301": "The database does not see to it that a key stays unique.";
    INDEX = "CF0302": "No index helps to find the objects that lead to another one.";
}
