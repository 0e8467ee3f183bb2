//! E-mails that a script sends.

use caruso_expression::Type;
use caruso_markup::Element;

use super::Compiler;
use super::names::Names;
use crate::email::TO;
use crate::script::{ActionKind, Assignment};

impl Compiler<'_> {
    /// What an e-mail says, and to whom it goes.
    pub(super) fn email(
        &mut self,
        email: &Element,
        names: &Names<'_>,
    ) -> Option<(ActionKind, Vec<Assignment>)> {
        let subject = self.text(email.child("subject")?, names);
        let paragraphs = email.children_named("p").map(|it| self.text(it, names)).collect();
        let formula = self.formula(email.attribute(TO)?, names, Some(&Type::Text))?;
        let to = Assignment { name: TO.to_owned(), ty: Type::Text, formula };
        Some((ActionKind::Email { subject, paragraphs }, vec![to]))
    }
}
