//! Texts in the languages and for the channels that a script has them for.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Values;
use jiff::tz::TimeZone;

use crate::languages::{is_same, ranges};
use crate::script::Channel;
use crate::spoken::{Spoken, Vocabularies};
use crate::template::{Piece, Template};
use crate::words::Words;

/// Who is spoken to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audience<'a> {
    /// As BCP 47 has it.
    pub(crate) language: &'a str,
    pub(crate) channel: Channel,
}

/// For whom a text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) language: String,
    /// Nothing for any.
    pub(crate) channel: Option<Channel>,
}

/// A text: in the script's own language and for any channel, and whatever it is beside that.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    own: Variant,
    others: Vec<Variant>,
}

/// A text as it is for some.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) meant: Meant,
    pub(crate) template: Template,
    /// Ids of the recorded prompts that are played in place of it: one, or where it holds values,
    /// one for each text between them. None where nobody recorded it.
    pub(crate) recordings: Vec<String>,
}

/// A text with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled<'t> {
    pub(crate) text: String,
    /// In which it is, which is not what was wanted where a translation is missing.
    pub(crate) language: &'t str,
}

/// The place of that among several which suits the audience best; nothing where the text itself
/// does. The language counts more than the channel: first what is in the language and for the
/// channel, then in the language; each also for what is left of the tag without its last subtags;
/// then what is for the channel in the script's `own` language.
pub(crate) fn chosen<'m>(
    all: impl Iterator<Item = &'m Meant> + Clone,
    own: &str,
    audience: Audience<'_>,
) -> Option<usize> {
    let place = |language: &str, channel: Option<Channel>| {
        let is_it = |it: &Meant| is_same(&it.language, language) && it.channel == channel;
        all.clone().position(is_it)
    };
    for language in ranges(audience.language) {
        let found = place(language, Some(audience.channel)).or_else(|| place(language, None));
        if found.is_some() {
            return found;
        }
        if is_same(language, own) {
            return None;
        }
    }
    place(own, Some(audience.channel))
}

impl Text {
    pub(crate) fn new(own: Variant, others: Vec<Variant>) -> Self {
        Self { own, others }
    }

    /// A word that is the same for all.
    pub(crate) fn word(language: &str, zone: &TimeZone, word: &str) -> Self {
        let language = language.to_owned();
        let words = Words::new(&language, zone.clone());
        let pieces = vec![Piece::Text(word.to_owned())];
        let template = Template { pieces, words, language: language.clone() };
        let meant = Meant { language, channel: None };
        Self::new(Variant { meant, template, recordings: Vec::new() }, Vec::new())
    }

    /// As it is for an audience. On the telephone, where the text itself is recorded, what is not
    /// is for nobody.
    fn of(&self, audience: Audience<'_>) -> &Variant {
        let is_heard =
            |it: &&Variant| audience.channel != Channel::Ivr || !it.recordings.is_empty();
        let needs_sound = !self.own.recordings.is_empty();
        let others = self.others.iter().filter(|it| !needs_sound || is_heard(it));
        let place = chosen(others.clone().map(|it| &it.meant), &self.own.meant.language, audience);
        place.and_then(|place| others.clone().nth(place)).unwrap_or(&self.own)
    }

    pub(crate) fn fill(&self, values: &dyn Values, audience: Audience<'_>) -> Filled<'_> {
        let variant = self.of(audience);
        Filled {
            text: variant.template.fill(values, audience.channel),
            language: &variant.meant.language,
        }
    }

    /// As it is heard on the telephone.
    pub(crate) fn spoken(
        &self,
        values: &dyn Values,
        language: &str,
        vocabularies: &Vocabularies,
    ) -> Vec<Spoken> {
        let Variant { template, recordings, .. } =
            self.of(Audience { language, channel: Channel::Ivr });
        template.spoken(values, recordings, vocabularies)
    }

    /// What may be heard on the telephone, and whether that is recorded.
    pub(crate) fn heard(&self) -> impl Iterator<Item = (&Template, bool)> {
        let needs_sound = !self.own.recordings.is_empty();
        let all = std::iter::once(&self.own).chain(&self.others);
        let heard = all.filter(move |it| {
            let is_meant = it.meant.channel.is_none_or(|it| it == Channel::Ivr);
            is_meant && !(needs_sound && it.recordings.is_empty())
        });
        heard.map(|it| (&it.template, !it.recordings.is_empty()))
    }

    /// What it is, for the telephone, in any of its languages, where nobody recorded it and no
    /// value stands in it: the language, and the text.
    pub(crate) fn unrecorded(&self) -> impl Iterator<Item = (&str, String)> {
        let fixed = self.heard().filter(|(it, is_recorded)| !is_recorded && !it.has_values());
        fixed.map(|(it, _)| (it.language.as_str(), it.fill(&BTreeMap::new(), Channel::Ivr)))
    }

    /// One without values.
    pub(crate) fn plain(&self, audience: Audience<'_>) -> String {
        self.fill(&BTreeMap::new(), audience).text
    }

    /// The names whose values stand in it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        let variants = std::iter::once(&self.own).chain(&self.others);
        variants.flat_map(|it| it.template.names())
    }

    pub(crate) fn reads(&self) -> BTreeSet<String> {
        self.names().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Languages and channels of a text, `-` for any channel; the audience; what is chosen.
    const CHOICES: &[(&[&str], &str, &str)] = &[
        (&["nl ivr", "nl -", "en ivr"], "nl ivr", "nl ivr"),
        (&["nl ivr", "nl -", "en ivr"], "nl agent", "nl -"),
        (&["nl ivr", "en ivr"], "nl agent", "own"),
        (&["nl -", "en ivr"], "nl ivr", "nl -"),
        (&["de -", "en ivr"], "nl ivr", "en ivr"),
        (&["de -"], "nl ivr", "own"),
        (&[], "nl ivr", "own"),
        // the own language is one like others
        (&["nl -", "en ivr"], "en ivr", "en ivr"),
        (&["nl -", "en ivr"], "en agent", "own"),
        (&["nl -", "en-GB -"], "en-GB agent", "en-GB -"),
        (&["en ivr"], "en-GB ivr", "en ivr"),
        // a wider language, after all that the narrower one has
        (&["nl -"], "nl-BE agent", "nl -"),
        (&["nl ivr", "nl-BE -"], "nl-BE ivr", "nl-BE -"),
        (&["nl ivr", "nl-BE agent"], "NL-be ivr", "nl ivr"),
        // but no narrower one: which of them would be a guess
        (&["nl-BE -"], "nl agent", "own"),
    ];

    fn meant(text: &str) -> Meant {
        let (language, channel) = text.split_once(' ').expect("two words");
        Meant { language: language.to_owned(), channel: Channel::of(channel) }
    }

    #[test]
    fn the_text_that_suits_best_is_chosen() {
        for (all, audience, expected) in CHOICES {
            let known: Vec<Meant> = all.iter().map(|it| meant(it)).collect();
            let Meant { language, channel } = meant(audience);
            let channel = channel.expect("somebody is somewhere");
            let place = chosen(known.iter(), "en", Audience { language: &language, channel });
            let said = place.map_or("own", |place| all[place]);
            assert_eq!(said, *expected, "{all:?} for {audience}");
        }
    }
}
