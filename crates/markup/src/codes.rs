//! The stable codes of this crate's findings, with what they mean.

macro_rules! codes {
    ($($name:ident = $code:literal: $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: &str = $code;)*
        /// Every code with its meaning, in order.
        pub const ALL: &[(&str, &str)] = &[$(($code, $meaning)),*];
    };
}

codes! {
    NOT_UTF8 = "CM0001": "The file is not UTF-8 text, the only encoding that is read.";
    TOO_LARGE = "CM0002": "The file is larger than the reader's limit.";
    TOO_DEEP = "CM0003": "Elements are nested deeper than the reader's limit.";
    TOO_MANY = "CM0004": "There are more findings than one reading reports.";
    CHARACTER = "CM0005": "A character stands in the file that XML does not allow, such as NUL.";
    SYNTAX = "CM0101": "The file is not XML here: a tag, comment or section never ends.";
    END_TAG = "CM0102": "An element is not closed, or is closed without having been opened.";
    TAG = "CM0103": "A tag is malformed: a name, an equals sign, a quote or a space is wrong.";
    DUPLICATE_ATTRIBUTE = "CM0104": "An attribute is written twice in one tag.";
    REFERENCE = "CM0105": "A reference is malformed or undeclared; only lt, gt, amp, quot, apos \
        and character numbers exist.";
    OUTSIDE_ROOT = "CM0106": "Something stands outside the one element that holds the document.";
    NO_ROOT = "CM0107": "The file holds no element.";
    DECLARATION = "CM0108": "The XML declaration is malformed, misplaced or names another \
        encoding.";
    DOCTYPE = "CM0109": "The document type declaration is missing, malformed, or names another \
        DTD.";
    SUBSET = "CM0110": "An internal subset stands in the document type declaration; it is refused.";
    UNKNOWN_ELEMENT = "CM0201": "The DTD declares no element of this name.";
    NOT_ALLOWED = "CM0202": "The element is declared, but not allowed at this place.";
    INCOMPLETE = "CM0203": "The element ends before all the elements that it needs.";
    TEXT_NOT_ALLOWED = "CM0204": "Text stands in an element that holds elements only, or nothing.";
    WRONG_ROOT = "CM0205": "The document's element is not the one that the DTD is made for.";
    UNKNOWN_ATTRIBUTE = "CM0206": "The element has no attribute of this name.";
    MISSING_ATTRIBUTE = "CM0207": "An attribute that the DTD requires is missing.";
    WRONG_VALUE = "CM0208": "The attribute's value is not of the declared type or not listed.";
    DUPLICATE_ID = "CM0209": "Two elements of the file have the same id.";
    UNKNOWN_ID = "CM0210": "The attribute refers to an id that no element of the file has.";
    DTD_SYNTAX = "CM0301": "The DTD is malformed, or uses what this reader refuses.";
    DTD_DUPLICATE = "CM0302": "The DTD declares a name twice.";
    DTD_AMBIGUOUS = "CM0303": "A content model allows two readings of the same elements.";
    DTD_UNDECLARED = "CM0304": "The DTD uses a name that it does not declare.";
    DTD_LIMIT = "CM0305": "The DTD passes a limit of the reader.";
}
