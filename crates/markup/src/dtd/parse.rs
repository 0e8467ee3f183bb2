//! The parser of DTDs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{AttributeDeclaration, AttributeType, Content, DefaultValue, ElementDeclaration};
use crate::automaton::{Automaton, Particle, Refusal};
use crate::codes;
use crate::finding::{Finding, Findings};
use crate::location::{Origin, Source};
use crate::nearest::suggest;
use crate::parameter_entities;
use crate::scan::{Cursor, is_name_char, is_name_token};

/// Parses a whole DTD; what is wrong goes to `findings`.
pub(crate) fn parse(
    source: &Arc<Source>,
    findings: &mut Findings,
) -> BTreeMap<String, ElementDeclaration> {
    if source.text().len() > crate::MAX_DTD_BYTES {
        let message = format!("the DTD is larger than {} bytes", crate::MAX_DTD_BYTES);
        findings.push(Finding::new(codes::DTD_LIMIT, &source.locate(0), message));
        return BTreeMap::new();
    }
    let (text, origin) = parameter_entities::expand(source, findings);
    let cursor = Cursor::new(&text);
    let mut parser = Parser {
        cursor,
        origin,
        findings,
        elements: BTreeMap::new(),
        attributes: Vec::new(),
        uses: Vec::new(),
    };
    parser.declarations();
    parser.join();
    parser.elements
}

/// What is wrong with a declaration, and at which byte.
struct Fault {
    at: usize,
    code: &'static str,
    message: String,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    origin: Origin,
    findings: &'a mut Findings,
    elements: BTreeMap<String, ElementDeclaration>,
    /// Attributes with the element they are declared for and where that stands.
    attributes: Vec<(String, usize, AttributeDeclaration)>,
    /// Names in content models and where they stand.
    uses: Vec<(String, usize)>,
}

impl<'a> Parser<'a> {
    fn declarations(&mut self) {
        if self.cursor.take("<?xml") {
            self.cursor.take_until("?>");
        }
        loop {
            self.cursor.take_space();
            if self.cursor.is_at_end() {
                return;
            }
            if let Err(fault) = self.declaration() {
                self.report(fault.at, fault.code, fault.message, None);
                if self.cursor.take_until(">").is_none() {
                    return;
                }
            }
        }
    }

    fn declaration(&mut self) -> Result<(), Fault> {
        if self.cursor.take("<!--") {
            let end = self.cursor.take_until("-->");
            return end.map(drop).ok_or_else(|| self.fault("the comment never ends"));
        }
        if self.cursor.take("<!ELEMENT") {
            return self.element();
        }
        if self.cursor.take("<!ATTLIST") {
            return self.attribute_list();
        }
        Err(self.fault("expected `<!ELEMENT`, `<!ATTLIST`, `<!ENTITY %` or a comment"))
    }

    fn element(&mut self) -> Result<(), Fault> {
        self.space()?;
        let at = self.cursor.at();
        let name = self.name("the element's name")?;
        self.space()?;
        let model_at = self.cursor.at();
        let rest = self.cursor.rest();
        let content = self.content()?;
        let model = tidy(&rest[..self.cursor.at() - model_at]);
        self.cursor.take_space();
        self.expect(">")?;
        let declaration = ElementDeclaration { content, model, attributes: Vec::new() };
        if self.elements.insert(name.clone(), declaration).is_some() {
            let message = format!("element `{name}` is declared twice");
            self.report(at, codes::DTD_DUPLICATE, message, None);
        }
        Ok(())
    }

    fn content(&mut self) -> Result<Content, Fault> {
        if self.cursor.take("EMPTY") {
            return Ok(Content::Empty);
        }
        let at = self.cursor.at();
        if !self.cursor.take("(") {
            return Err(self.fault("expected `EMPTY` or a content model in parentheses"));
        }
        self.cursor.take_space();
        if self.cursor.take("#PCDATA") {
            return self.mixed();
        }
        let model = self.group(1)?;
        let fault = |code, message| Fault { at, code, message };
        Automaton::new(&model).map(Content::Elements).map_err(|refusal| match refusal {
            Refusal::Ambiguous(name) => fault(
                codes::DTD_AMBIGUOUS,
                format!("the content model is not deterministic: two places could take `{name}`"),
            ),
            Refusal::TooLarge => fault(
                codes::DTD_LIMIT,
                format!("more than {} names in one model", crate::MAX_MODEL_POSITIONS),
            ),
        })
    }

    /// After `(#PCDATA`.
    fn mixed(&mut self) -> Result<Content, Fault> {
        let mut names = BTreeSet::new();
        loop {
            self.cursor.take_space();
            if self.cursor.take(")") {
                break;
            }
            self.expect("|")?;
            self.cursor.take_space();
            let at = self.cursor.at();
            let name = self.used_name()?;
            if !names.insert(name.clone()) {
                let message = format!("`{name}` stands twice in the content model");
                self.report(at, codes::DTD_DUPLICATE, message, None);
            }
        }
        if !self.cursor.take("*") && !names.is_empty() {
            return Err(self.fault("expected `*` after a mixed content model"));
        }
        Ok(Content::Mixed(names))
    }

    /// After `(` and white space.
    fn group(&mut self, depth: usize) -> Result<Particle, Fault> {
        if depth > crate::MAX_MODEL_DEPTH {
            let fault = self.fault("the content model is nested too deep");
            return Err(Fault { code: codes::DTD_LIMIT, ..fault });
        }
        let mut parts = vec![self.particle(depth)?];
        let mut separator = None;
        loop {
            self.cursor.take_space();
            if self.cursor.take(")") {
                break;
            }
            let found = self.cursor.peek().filter(|c| matches!(c, ',' | '|'));
            if found.is_none() || separator.is_some() && separator != found {
                return Err(self.fault("expected `)`, or the same of `,` and `|` throughout"));
            }
            separator = found;
            self.cursor.skip();
            self.cursor.take_space();
            parts.push(self.particle(depth)?);
        }
        let group = match separator {
            Some('|') => Particle::Choice(parts),
            _ => Particle::Sequence(parts),
        };
        Ok(self.repeated(group))
    }

    fn particle(&mut self, depth: usize) -> Result<Particle, Fault> {
        if self.cursor.take("(") {
            self.cursor.take_space();
            return self.group(depth + 1);
        }
        let name = Particle::Name(self.used_name()?);
        Ok(self.repeated(name))
    }

    fn repeated(&mut self, inner: Particle) -> Particle {
        let (is_optional, is_many) = match self.cursor.peek() {
            Some('?') => (true, false),
            Some('*') => (true, true),
            Some('+') => (false, true),
            _ => return inner,
        };
        self.cursor.skip();
        Particle::Repeated { inner: Box::new(inner), is_optional, is_many }
    }

    fn used_name(&mut self) -> Result<String, Fault> {
        let at = self.cursor.at();
        let name = self.name("an element's name")?;
        self.uses.push((name.clone(), at));
        Ok(name)
    }

    fn attribute_list(&mut self) -> Result<(), Fault> {
        self.space()?;
        let at = self.cursor.at();
        let element = self.name("the element's name")?;
        loop {
            let has_space = self.cursor.take_space();
            if self.cursor.take(">") {
                return Ok(());
            }
            if !has_space {
                return Err(self.fault("expected white space or `>`"));
            }
            let attribute = self.attribute()?;
            self.attributes.push((element.clone(), at, attribute));
        }
    }

    fn attribute(&mut self) -> Result<AttributeDeclaration, Fault> {
        let name = self.name("an attribute's name")?;
        self.space()?;
        let kind = self.attribute_type()?;
        self.space()?;
        let default = self.default_value(&kind)?;
        Ok(AttributeDeclaration { name, kind, default })
    }

    fn attribute_type(&mut self) -> Result<AttributeType, Fault> {
        if self.cursor.take("(") {
            return self.enumeration();
        }
        let start = self.cursor;
        let kind = match self.cursor.take_name() {
            "CDATA" => AttributeType::Cdata,
            "ID" => AttributeType::Id,
            "IDREF" => AttributeType::Idref,
            "NMTOKEN" => AttributeType::NameToken,
            "NMTOKENS" => AttributeType::NameTokens,
            _ => {
                self.cursor = start;
                let known = "`CDATA`, `ID`, `IDREF`, `NMTOKEN`, `NMTOKENS` or an enumeration";
                return Err(self.fault(&format!("expected {known}")));
            }
        };
        Ok(kind)
    }

    fn enumeration(&mut self) -> Result<AttributeType, Fault> {
        let mut tokens: Vec<String> = Vec::new();
        loop {
            self.cursor.take_space();
            let token = self.cursor.take_while(is_name_char);
            if token.is_empty() || tokens.iter().any(|it| it == token) {
                return Err(self.fault("expected a name token that is not listed yet"));
            }
            tokens.push(token.to_owned());
            self.cursor.take_space();
            if self.cursor.take(")") {
                return Ok(AttributeType::Enumeration(tokens));
            }
            self.expect("|")?;
        }
    }

    fn default_value(&mut self, kind: &AttributeType) -> Result<DefaultValue, Fault> {
        if self.cursor.take("#REQUIRED") {
            return Ok(DefaultValue::Required);
        }
        if self.cursor.take("#IMPLIED") {
            return Ok(DefaultValue::Implied);
        }
        let is_fixed = self.cursor.take("#FIXED");
        if is_fixed {
            self.space()?;
        }
        let at = self.cursor.at();
        let Some((_, value)) = self.cursor.take_quoted() else {
            return Err(self.fault("expected `#REQUIRED`, `#IMPLIED` or a value in quotes"));
        };
        let fits = match kind {
            AttributeType::Cdata => !value.contains(['&', '<', '\n', '\r', '\t']),
            AttributeType::Id | AttributeType::Idref | AttributeType::NameTokens => false,
            AttributeType::NameToken => is_name_token(value),
            AttributeType::Enumeration(tokens) => tokens.iter().any(|it| it == value),
        };
        if !fits {
            let message = format!("`{value}` cannot be the default of this type");
            return Err(Fault { at, code: codes::DTD_SYNTAX, message });
        }
        let value = value.to_owned();
        Ok(if is_fixed { DefaultValue::Fixed(value) } else { DefaultValue::Value(value) })
    }

    /// Gives the elements their attributes and looks for names that are not declared, unless
    /// a declaration was lost to a fault.
    fn join(&mut self) {
        if !self.findings.is_empty() {
            return;
        }
        for (element, at, attribute) in std::mem::take(&mut self.attributes) {
            let Some(declaration) = self.elements.get_mut(&element) else {
                let message = format!("element `{element}` has attributes but no declaration");
                self.report_undeclared(&element, at, message);
                continue;
            };
            let others = &declaration.attributes;
            let is_id = attribute.kind == AttributeType::Id;
            let message = if others.iter().any(|it| it.name == attribute.name) {
                format!("attribute `{}` of `{element}` is declared twice", attribute.name)
            } else if is_id && others.iter().any(|it| it.kind == AttributeType::Id) {
                format!("`{element}` has two attributes of type ID")
            } else {
                declaration.attributes.push(attribute);
                continue;
            };
            self.report(at, codes::DTD_DUPLICATE, message, None);
        }
        for (name, at) in std::mem::take(&mut self.uses) {
            if !self.elements.contains_key(&name) {
                let message = format!("element `{name}` is used but not declared");
                self.report_undeclared(&name, at, message);
            }
        }
    }

    fn report_undeclared(&mut self, name: &str, at: usize, message: String) {
        let hint = suggest(name, self.elements.keys().map(String::as_str));
        self.report(at, codes::DTD_UNDECLARED, message, hint);
    }

    fn name(&mut self, what: &str) -> Result<String, Fault> {
        match self.cursor.take_name() {
            "" => Err(self.fault(&format!("expected {what}"))),
            name => Ok(name.to_owned()),
        }
    }

    fn space(&mut self) -> Result<(), Fault> {
        if self.cursor.take_space() { Ok(()) } else { Err(self.fault("expected white space")) }
    }

    fn expect(&mut self, expected: &str) -> Result<(), Fault> {
        if self.cursor.take(expected) {
            return Ok(());
        }
        Err(self.fault(&format!("expected `{expected}`")))
    }

    fn fault(&self, message: &str) -> Fault {
        Fault { at: self.cursor.at(), code: codes::DTD_SYNTAX, message: message.to_owned() }
    }

    fn report(&mut self, at: usize, code: &'static str, message: String, hint: Option<String>) {
        let location = self.origin.locate(at);
        self.findings.push(Finding::new(code, &location, message).with_suggestion(hint));
    }
}

/// A content model for reading: no white space but a blank after commas and around bars.
fn tidy(model: &str) -> String {
    let dense: String = model.split_whitespace().collect();
    dense.replace(',', ", ").replace('|', " | ")
}
