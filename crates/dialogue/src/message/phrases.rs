//! What is said in messages that no script says, and words that customers reply with.

use crate::special::Special;
use crate::words::point_of;

/// Of a language. In texts, `{…}` stands for what the name says.
#[derive(Debug)]
pub(super) struct Phrases {
    code: &'static str,
    /// Words for yes, without accents, the first being the one that is told.
    pub(super) yes: &'static [&'static str],
    pub(super) no: &'static [&'static str],
    /// Words with which a question is passed.
    pub(super) skip: &'static [&'static str],
    /// Words that stand between things, or before a time of day.
    pub(super) between: &'static [&'static str],
    /// Special answers as a customer gives them, in the order of [`Special::ALL`].
    pub(super) specials: [&'static str; 3],
    pub(super) today: &'static str,
    pub(super) tomorrow: &'static str,
    pub(super) not_understood: &'static str,
    pub(super) ambiguous: &'static str,
    pub(super) choose: &'static str,
    pub(super) choose_some: &'static str,
    pub(super) rank: &'static str,
    pub(super) yes_or_no: &'static str,
    pub(super) date: &'static str,
    pub(super) month_as_word: &'static str,
    pub(super) time: &'static str,
    pub(super) instant: &'static str,
    pub(super) number: &'static str,
    /// With `{min}` and `{max}`; with the one; with the other.
    pub(super) bounds: [&'static str; 3],
    pub(super) phone: &'static str,
    pub(super) email: &'static str,
    pub(super) iban: &'static str,
    pub(super) digits: &'static str,
    pub(super) too_long: &'static str,
    pub(super) skip_by: &'static str,
    pub(super) or_say: &'static str,
    pub(super) confirm: &'static str,
    /// The reason for which a doubted answer is kept.
    pub(super) confirmed: &'static str,
    pub(super) waiting: &'static str,
    pub(super) given_up: &'static str,
}

impl Phrases {
    pub(super) fn special(&self, special: Special) -> &'static str {
        let place = Special::ALL.iter().position(|it| *it == special);
        place.and_then(|it| self.specials.get(it)).copied().unwrap_or_default()
    }

    /// What stands before decimals.
    pub(super) fn point(&self) -> &'static str {
        if point_of(self.code) == ',' { "," } else { "." }
    }

    /// Of a language as BCP 47 has it; English for one that is not known.
    pub(super) fn of(language: &str) -> &'static Self {
        let code = language.split('-').next().unwrap_or_default();
        let known = ALL.iter().find(|it| it.code.eq_ignore_ascii_case(code));
        known.unwrap_or(&ALL[0])
    }
}

const ALL: [Phrases; 4] = [
    Phrases {
        code: "en",
        yes: &["yes", "y", "yeah", "yep", "ok", "okay", "sure", "yes please"],
        no: &["no", "n", "nope", "no thanks", "no thank you"],
        skip: &["skip", "pass", "next"],
        between: &["and", "at"],
        specials: ["don't know", "rather not say", "does not apply"],
        today: "today",
        tomorrow: "tomorrow",
        not_understood: "Sorry, we did not understand that.",
        ambiguous: "Sorry, that fits more than one: {labels}.",
        choose: "Please reply with a number from 1 to {max}.",
        choose_some: "Please reply with the numbers of {min} to {max} of them, such as 1 2.",
        rank: "Please reply with the numbers in order of importance, such as 2 1.",
        yes_or_no: "Please reply yes or no.",
        date: "Please reply with a date, such as 1 December 2026.",
        month_as_word: "Please write the month as a word, such as 1 December 2026.",
        time: "Please reply with a time, such as 14:30.",
        instant: "Please reply with a date and a time, such as 1 December 2026 14:30.",
        number: "Please reply with a number{bounds}.",
        bounds: [" from {min} to {max}", " of at least {min}", " of at most {max}"],
        phone: "Please reply with a telephone number.",
        email: "Please reply with an e-mail address.",
        iban: "Please reply with an IBAN.",
        digits: "Please reply with digits.",
        too_long: "Please reply in at most {max} characters.",
        skip_by: "Reply “{word}” to leave this out.",
        or_say: "Or reply: {labels}.",
        confirm: "Reply yes if it is right all the same, or answer again.",
        confirmed: "The customer said that it is right.",
        waiting: "One moment, please.",
        given_up: "Sorry, we could not understand your replies. This conversation ends here.",
    },
    Phrases {
        code: "de",
        yes: &["ja", "j", "jawohl", "jo", "ok", "okay", "gerne", "ja bitte"],
        no: &["nein", "n", "ne", "nee", "nein danke"],
        skip: &["weiter", "uberspringen", "keine"],
        between: &["und", "um"],
        specials: ["weiß nicht", "möchte ich nicht sagen", "trifft nicht zu"],
        today: "heute",
        tomorrow: "morgen",
        not_understood: "Das haben wir leider nicht verstanden.",
        ambiguous: "Das passt leider zu mehreren: {labels}.",
        choose: "Bitte antworten Sie mit einer Zahl von 1 bis {max}.",
        choose_some: "Bitte antworten Sie mit den Zahlen von {min} bis {max} davon, etwa 1 2.",
        rank: "Bitte antworten Sie mit den Zahlen nach ihrer Wichtigkeit, etwa 2 1.",
        yes_or_no: "Bitte antworten Sie mit Ja oder Nein.",
        date: "Bitte antworten Sie mit einem Datum, etwa 1. Dezember 2026.",
        month_as_word: "Bitte schreiben Sie den Monat als Wort, etwa 1. Dezember 2026.",
        time: "Bitte antworten Sie mit einer Uhrzeit, etwa 14:30.",
        instant: "Bitte antworten Sie mit Datum und Uhrzeit, etwa 1. Dezember 2026 14:30.",
        number: "Bitte antworten Sie mit einer Zahl{bounds}.",
        bounds: [" von {min} bis {max}", " ab {min}", " bis {max}"],
        phone: "Bitte antworten Sie mit einer Telefonnummer.",
        email: "Bitte antworten Sie mit einer E-Mail-Adresse.",
        iban: "Bitte antworten Sie mit einer IBAN.",
        digits: "Bitte antworten Sie mit Ziffern.",
        too_long: "Bitte antworten Sie mit höchstens {max} Zeichen.",
        skip_by: "Antworten Sie „{word}“, um dies auszulassen.",
        or_say: "Oder antworten Sie: {labels}.",
        confirm: "Antworten Sie mit Ja, wenn es trotzdem stimmt, oder antworten Sie neu.",
        confirmed: "Der Kunde sagt, dass es stimmt.",
        waiting: "Einen Moment, bitte.",
        given_up: "Wir konnten Ihre Antworten leider nicht verstehen. Dieses Gespräch endet hier.",
    },
    Phrases {
        code: "nl",
        yes: &["ja", "j", "jawel", "ok", "oke", "graag", "ja graag"],
        no: &["nee", "n", "neen", "nee bedankt", "nee dank u"],
        skip: &["overslaan", "verder", "geen"],
        between: &["en", "om"],
        specials: ["weet ik niet", "zeg ik liever niet", "niet van toepassing"],
        today: "vandaag",
        tomorrow: "morgen",
        not_understood: "Dat hebben wij helaas niet begrepen.",
        ambiguous: "Dat past helaas bij meer dan één: {labels}.",
        choose: "Antwoord met een getal van 1 tot en met {max}.",
        choose_some: "Antwoord met de getallen van {min} tot {max} ervan, zoals 1 2.",
        rank: "Antwoord met de getallen op volgorde van belang, zoals 2 1.",
        yes_or_no: "Antwoord met ja of nee.",
        date: "Antwoord met een datum, zoals 1 december 2026.",
        month_as_word: "Schrijf de maand als woord, zoals 1 december 2026.",
        time: "Antwoord met een tijd, zoals 14:30.",
        instant: "Antwoord met een datum en een tijd, zoals 1 december 2026 14:30.",
        number: "Antwoord met een getal{bounds}.",
        bounds: [" van {min} tot en met {max}", " vanaf {min}", " tot en met {max}"],
        phone: "Antwoord met een telefoonnummer.",
        email: "Antwoord met een e-mailadres.",
        iban: "Antwoord met een IBAN.",
        digits: "Antwoord met cijfers.",
        too_long: "Antwoord in hoogstens {max} tekens.",
        skip_by: "Antwoord “{word}” om dit over te slaan.",
        or_say: "Of antwoord: {labels}.",
        confirm: "Antwoord ja als het toch klopt, of geef een ander antwoord.",
        confirmed: "De klant zegt dat het klopt.",
        waiting: "Een ogenblik alstublieft.",
        given_up: "Wij konden uw antwoorden helaas niet begrijpen. Dit gesprek eindigt hier.",
    },
    Phrases {
        code: "es",
        yes: &["si", "s", "claro", "vale", "ok", "de acuerdo", "si por favor"],
        no: &["no", "n", "no gracias"],
        skip: &["omitir", "saltar", "siguiente"],
        between: &["y", "e", "a las", "a la"],
        specials: ["no lo sé", "prefiero no decirlo", "no procede"],
        today: "hoy",
        tomorrow: "manana",
        not_understood: "Lo sentimos, no lo hemos entendido.",
        ambiguous: "Lo sentimos, eso encaja con más de una opción: {labels}.",
        choose: "Responda con un número del 1 al {max}.",
        choose_some: "Responda con los números de {min} a {max} opciones, por ejemplo 1 2.",
        rank: "Responda con los números por orden de importancia, por ejemplo 2 1.",
        yes_or_no: "Responda sí o no.",
        date: "Responda con una fecha, por ejemplo 1 de diciembre de 2026.",
        month_as_word: "Escriba el mes en letras, por ejemplo 1 de diciembre de 2026.",
        time: "Responda con una hora, por ejemplo 14:30.",
        instant: "Responda con una fecha y una hora, por ejemplo 1 de diciembre de 2026 14:30.",
        number: "Responda con un número{bounds}.",
        bounds: [" de {min} a {max}", " a partir de {min}", " hasta {max}"],
        phone: "Responda con un número de teléfono.",
        email: "Responda con una dirección de correo electrónico.",
        iban: "Responda con un IBAN.",
        digits: "Responda con cifras.",
        too_long: "Responda en un máximo de {max} caracteres.",
        skip_by: "Responda «{word}» para omitir esta pregunta.",
        or_say: "O responda: {labels}.",
        confirm: "Responda sí si aun así es correcto, o responda de nuevo.",
        confirmed: "El cliente dice que es correcto.",
        waiting: "Un momento, por favor.",
        given_up: "Lo sentimos, no hemos entendido sus respuestas. La conversación termina aquí.",
    },
];
