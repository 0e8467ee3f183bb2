//! `<!DOCTYPE name SYSTEM "…/some.dtd">`: the only form that is accepted.

use crate::codes;
use crate::scan::Cursor;

/// What a document says about its type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Doctype<'a> {
    /// Name of the document's element.
    pub(crate) root: &'a str,
}

/// What is wrong, and at which byte of the declaration.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Parses a whole declaration, `<!DOCTYPE` to `>`. Of the system identifier only the file name
/// matters; the file it names is never opened.
pub(crate) fn parse<'a>(raw: &'a str, dtd_name: &str) -> Result<Doctype<'a>, Fault> {
    let mut cursor = Cursor::new(raw);
    let fault = |cursor: &Cursor<'_>, code, message: &str| Fault {
        at: cursor.at(),
        code,
        message: message.to_owned(),
        hint: Some(format!("write `<!DOCTYPE … SYSTEM \"{dtd_name}\">`")),
    };
    let starts = cursor.take("<!DOCTYPE") && cursor.take_space();
    let root = cursor.take_name();
    if !starts || root.is_empty() {
        return Err(fault(&cursor, codes::DOCTYPE, "expected `<!DOCTYPE` and a name"));
    }
    cursor.take_space();
    if cursor.rest().starts_with('[') {
        return Err(fault(&cursor, codes::SUBSET, "an internal subset is not allowed"));
    }
    if !cursor.take("SYSTEM") || !cursor.take_space() {
        return Err(fault(&cursor, codes::DOCTYPE, "expected `SYSTEM` and the name of the DTD"));
    }
    let before = cursor;
    let Some((_, system)) = cursor.take_quoted() else {
        return Err(fault(&cursor, codes::DOCTYPE, "expected the name of the DTD in quotes"));
    };
    if system.rsplit(['/', '\\']).next() != Some(dtd_name) {
        let message = format!("the document names another DTD, `{system}`");
        return Err(fault(&before, codes::DOCTYPE, &message));
    }
    cursor.take_space();
    if cursor.rest().starts_with('[') {
        return Err(fault(&cursor, codes::SUBSET, "an internal subset is not allowed"));
    }
    if !cursor.take(">") {
        return Err(fault(&cursor, codes::DOCTYPE, "expected `>`"));
    }
    Ok(Doctype { root })
}
