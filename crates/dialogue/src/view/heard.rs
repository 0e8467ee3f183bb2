//! Texts of a step, and what is heard on the telephone beside them.

use caruso_expression::Value;

use super::{Choice, Presenter, Said};
use crate::keypad::Keyed;
use crate::script::{Channel, Prompt, Role, Step, StepKind};
use crate::spoken::{Spoken, Stock, choice_by};
use crate::texts::{Audience, Filled};
use crate::words::Format;

/// Choices that have keys by their place, 1 to 9, at a time.
pub(super) const MENU_KEYS: usize = 9;

impl Presenter<'_> {
    pub(crate) fn prompts(&self, step: &Step) -> Vec<Said> {
        let Audience { language, channel } = self.audience;
        let here = step.prompts.iter().filter(|it| it.is_for(channel));
        let vocabularies = &self.environment.script.vocabularies;
        let said = here.map(|Prompt { role, text, .. }| {
            let spoken = match channel {
                Channel::Ivr => text.spoken(&self.environment, language, vocabularies),
                _ => Vec::new(),
            };
            let Filled { text, language } = text.fill(&self.environment, self.audience);
            Said { role: *role, text, language: language.to_owned(), spoken }
        });
        let mut said: Vec<Said> = said.collect();
        if let StepKind::Ask(ask) = &step.kind
            && let Some(keypad) = ask.keypad.as_ref().filter(|_| channel == Channel::Ivr)
        {
            let hint = keypad.keyed.hint();
            said.extend(hint.map(|it| self.stock(Role::Say, it)));
            for (role, stock) in [(Role::NoInput, Stock::NoInput), (Role::NoMatch, Stock::NoMatch)]
            {
                if !said.iter().any(|it| it.role == role) {
                    said.push(self.stock(role, stock));
                }
            }
        }
        said
    }

    /// What no script says.
    fn stock(&self, role: Role, stock: Stock) -> Said {
        let (text, language) = stock.text(self.audience.language);
        let spoken = self.aloud(stock);
        Said { role, text: text.to_owned(), language: language.to_owned(), spoken }
    }

    pub(super) fn aloud(&self, stock: Stock) -> Vec<Spoken> {
        stock.spoken(self.audience.language, &self.environment.script.vocabularies)
    }

    /// Choices with keys by their place, or for yes and no.
    pub(super) fn keyed(&self, keyed: Keyed, mut choices: Vec<Choice>) -> Vec<Choice> {
        match keyed {
            Keyed::Menu => {
                for (place, choice) in choices.iter_mut().enumerate() {
                    let key = (place % MENU_KEYS + 1).to_string();
                    choice.spoken = vec![choice_by(self.audience.language, &choice.label, &key)];
                    choice.key = Some(key);
                }
                choices
            }
            Keyed::YesNo => [(true, Stock::Yes, "1"), (false, Stock::No, "2")]
                .map(|(value, stock, key)| Choice {
                    value: value.to_string(),
                    label: self.words().of(&Value::Bool(value), Format::Long),
                    also: Vec::new(),
                    key: Some(key.to_owned()),
                    spoken: self.aloud(stock),
                })
                .into(),
            _ => choices,
        }
    }
}
