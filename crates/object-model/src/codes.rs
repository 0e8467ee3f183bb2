//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    DUPLICATE_NAME = "CB0101": "Two classes, enumerations, types, values, or members or \
        constraints of one class have the same name.";
    DUPLICATE_ID = "CB0102": "Two classes, attributes, relations or constraints have the same id.";
    DUPLICATE_COLUMN = "CB0103": "Two members of one class are held by the same column.";
    DUPLICATE_TABLE = "CB0104": "Two classes are held by the same table of one database.";
    DUPLICATE_STORED = "CB0105": "Two values of an enumeration are stored the same way.";
    NAME = "CB0106": "The name cannot be written in an expression.";
    UNKNOWN_CLASS = "CB0201": "A relation leads to a class that no file declares.";
    UNKNOWN_INVERSE = "CB0202": "The inverse of a relation is not one that leads back here, or \
        what leads on from the class between does not.";
    UNKNOWN_ENUM = "CB0203": "A choice names an enumeration that no file declares.";
    UNKNOWN_KEY = "CB0204": "The key is not made of required attributes of its class that can tell \
        objects apart.";
    OTHER_DATABASE = "CB0205": "A class between is in another database than the class that it \
        leads on to.";
    KEY_COLUMNS = "CB0206": "A relation does not have one column for each part of the key that it \
        leads to, or says half of what tells its kind.";
    REVISION = "CB0207": "The revision of a class is told twice, or by what is no attribute of it.";
    TYPE = "CB0208": "An attribute has no type, or a type that is named is unknown or builds on \
        itself.";
    MEMBERS = "CB0209": "What is unique, indexed or part of a rule is no such attribute or \
        relation of its class, or is named twice.";
    MAPPING = "CB0210": "A mapping is of what no file declares, or of what is mapped already.";
    UNMAPPED = "CB0211": "Nothing says where a class, an attribute or a relation is stored.";
    CHANGED_AT = "CB0212": "What is to say when an object was last changed is no date or instant \
        of its class.";
    DERIVED = "CB0213": "A derived attribute is made of what there is not, or is nothing that an \
        attribute can hold.";
    KIND = "CB0214": "What a class says of the class that it is a kind of does not hold, or \
        nothing tells its objects apart.";
    EXTENSION = "CB0215": "What is added to is declared by no file.";
    ABSTRACT = "CB0216": "An abstract class says what only a class with a table has, or one of its \
        kinds does not say where it holds all that it has.";
    UNFIT_OPTION = "CB0301": "An attribute has an option that its type does not have, or lacks one \
        that its type needs, or the option's value means nothing.";
    SEARCH = "CB0302": "The search of an attribute is incomplete, or its relation is unknown.";
    UNKNOWN_COUNTRY = "CB0303": "Telephone numbers of this country are not known.";
    UNKNOWN_ZONE = "CB0304": "A time zone is not known.";
    CONSTRAINT = "CB0305": "The test of a constraint looks into other objects.";
    RULE = "CB0306": "A rule has an action that there is not, or takes `user` for what it is not.";
    WRAPPED = "CB0307": "A class that a wrapper holds says what only a database has, or is counted \
        on for what a wrapper does not do.";
    DATA_FILE = "CB0401": "The file of data is not CSV, or its name is not that of a class.";
    DATA_COLUMN = "CB0402": "A column of a file of data is no attribute or relation to one of the \
        class, stands twice, or is missing though every object needs it.";
    DATA_VALUE = "CB0403": "A value of a file of data is not of the attribute's type, or breaks \
        another rule of the model.";
    DATA_KEY = "CB0404": "Two rows have the same key or the same of what is unique, or a relation \
        leads to an object that no file has.";
}
