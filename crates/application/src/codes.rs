//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    MISSING_FILE = "CP0101": "A file that every application needs is not there.";
    MISPLACED_FILE = "CP0102": "A file stands where nothing of its kind is looked for.";
    DUPLICATE = "CP0103": "Two files or elements declare the same name.";
    NAME_OF_FILE = "CP0104": "A dialogue script's name is not that of its file.";
    UNKNOWN_ZONE = "CP0201": "The time zone is not one of the IANA database.";
    UNKNOWN_FILE = "CP0202": "The file that is named does not exist in the application.";
    UNKNOWN_CLASS = "CP0203": "The class is not one of the model.";
    UNKNOWN_ATTRIBUTE = "CP0204": "The class has no attribute or relation of this name.";
    WRONG_TYPE = "CP0205": "The attribute does not hold what is to be kept in it.";
    UNKNOWN_WRAPPER = "CP0206": "Classes are held by a wrapper that the application does not \
        declare.";
    HELD_BY_WRAPPER = "CP0207": "What is to be kept would be objects that a wrapper holds.";
    UNSPOKEN_LANGUAGE = "CP0208": "A number says a language that the script which answers has not.";
    WEB_PATH = "CP0209": "The path of a page on the web cannot be one.";
    WEB_SCRIPT = "CP0210": "A script is published on the web that nobody could start there.";
    OVERLAID_SCRIPT = "CP0211": "An overlay is for a script that there is not.";
    SCRIPT_CHANNEL = "CP0212": "A script is named for a place at which it does not run.";
    OPERATION_OF_FILE = "CP0213": "Operations are declared of a wrapper whose file says them.";
}
