//! What is said on the telephone that no script says: which keys there are.

use super::{Spoken, Vocabularies, recorded, vocabulary};

/// Sentences of a language. `{}` stands for what a key chooses, then for the key.
#[derive(Debug)]
struct Sentences {
    code: &'static str,
    yes: &'static str,
    no: &'static str,
    choice: &'static str,
    more: &'static str,
    date: &'static str,
    time: &'static str,
    point: &'static str,
    hash: &'static str,
    no_input: &'static str,
    no_match: &'static str,
}

static LANGUAGES: [Sentences; 4] = [
    Sentences {
        code: "en",
        yes: "For yes, press 1.",
        no: "For no, press 2.",
        choice: "For {}, press {}.",
        more: "For more, press 0.",
        date: "Type day and month with two digits each, then the year with four.",
        time: "Type hours and minutes with two digits each.",
        point: "The star key is the decimal point. End with the hash key.",
        hash: "End with the hash key.",
        no_input: "We did not hear a key.",
        no_match: "We did not understand that.",
    },
    Sentences {
        code: "nl",
        yes: "Voor ja, toets 1.",
        no: "Voor nee, toets 2.",
        choice: "Voor {}, toets {}.",
        more: "Voor meer, toets 0.",
        date: "Toets dag en maand met elk twee cijfers, dan het jaar met vier.",
        time: "Toets uren en minuten met elk twee cijfers.",
        point: "Het sterretje is de komma. Sluit af met een hekje.",
        hash: "Sluit af met een hekje.",
        no_input: "Wij hebben geen toets gehoord.",
        no_match: "Dat hebben wij niet begrepen.",
    },
    Sentences {
        code: "de",
        yes: "Für Ja drücken Sie die 1.",
        no: "Für Nein drücken Sie die 2.",
        choice: "Für {} drücken Sie die {}.",
        more: "Für mehr drücken Sie die 0.",
        date: "Geben Sie Tag und Monat mit je zwei Ziffern ein, dann das Jahr mit vier.",
        time: "Geben Sie Stunden und Minuten mit je zwei Ziffern ein.",
        point: "Die Sterntaste ist das Komma. Schließen Sie mit der Rautetaste ab.",
        hash: "Schließen Sie mit der Rautetaste ab.",
        no_input: "Wir haben keine Taste gehört.",
        no_match: "Das haben wir nicht verstanden.",
    },
    Sentences {
        code: "es",
        yes: "Para sí, pulse 1.",
        no: "Para no, pulse 2.",
        choice: "Para {}, pulse {}.",
        more: "Para más, pulse 0.",
        date: "Marque el día y el mes con dos cifras cada uno, y el año con cuatro.",
        time: "Marque las horas y los minutos con dos cifras cada uno.",
        point: "El asterisco es la coma. Termine con la tecla almohadilla.",
        hash: "Termine con la tecla almohadilla.",
        no_input: "No hemos oído ninguna tecla.",
        no_match: "No lo hemos entendido.",
    },
];

/// What can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stock {
    /// Key 1 is yes.
    Yes,
    /// Key 2 is no.
    No,
    /// There are more choices behind key 0.
    More,
    /// How a date is typed.
    Date,
    /// How a time of day is typed.
    Time,
    /// Which key is the decimal point, and which ends.
    Point,
    /// Which key ends.
    Hash,
    /// After silence.
    NoInput,
    /// After a wrong key.
    NoMatch,
}

impl Stock {
    /// The sentence and the language that it is in, which is English where that of the
    /// conversation is not known.
    pub(crate) fn text(self, language: &str) -> (&'static str, &'static str) {
        let it = sentences(language);
        let text = match self {
            Self::Yes => it.yes,
            Self::No => it.no,
            Self::More => it.more,
            Self::Date => it.date,
            Self::Time => it.time,
            Self::Point => it.point,
            Self::Hash => it.hash,
            Self::NoInput => it.no_input,
            Self::NoMatch => it.no_match,
        };
        (text, it.code)
    }

    /// The name under which it can be recorded.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Yes => "press-1-for-yes",
            Self::No => "press-2-for-no",
            Self::More => "press-0-for-more",
            Self::Date => "type-a-date",
            Self::Time => "type-a-time",
            Self::Point => "type-a-number",
            Self::Hash => "end-with-hash",
            Self::NoInput => "no-input",
            Self::NoMatch => "no-match",
        }
    }

    /// As it is heard: recorded, or as text.
    pub(crate) fn spoken(self, language: &str, all: &Vocabularies) -> Vec<Spoken> {
        let (text, code) = self.text(language);
        let names = [self.name().to_owned()];
        let of = |tag| recorded(vocabulary(all, tag), &names);
        let found = of(language).or_else(|| of(code));
        found.unwrap_or_else(|| vec![Spoken::Text(text.to_owned())])
    }
}

/// Which key chooses something.
pub(crate) fn choice_by(language: &str, label: &str, key: &str) -> Spoken {
    let sentence = sentences(language).choice;
    Spoken::Text(sentence.replacen("{}", label, 1).replacen("{}", key, 1))
}

fn sentences(language: &str) -> &'static Sentences {
    let code = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    LANGUAGES.iter().find(|it| it.code == code).unwrap_or(&LANGUAGES[0])
}
