//! What the pages say that no script says.

use caruso_api::script::v1::SpecialAnswer;
use serde::Serialize;

use crate::language::primary;

/// Of a language. In texts, `{…}` stands for what the name says.
#[derive(Debug, Serialize)]
pub(crate) struct Phrases {
    /// The language by its own name.
    pub(crate) name: &'static str,
    /// Sign before decimals.
    pub(crate) point: &'static str,
    /// Special answers, in the order of the protocol.
    pub(crate) specials: [&'static str; 3],
    /// With `{min}` and `{max}`; with the one; with the other.
    pub(crate) bounds: [&'static str; 3],
    pub(crate) code: &'static str,
    /// What the list of scripts is called.
    pub(crate) company_pages: &'static str,
    /// Where nothing is published.
    pub(crate) nothing: &'static str,
    pub(crate) start: &'static str,
    pub(crate) start_lead: &'static str,
    /// Beside the links to other languages.
    pub(crate) language: &'static str,
    pub(crate) continue_: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) or_: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    /// Of a choice that is ranked; `{label}` is its name.
    pub(crate) rank: &'static str,
    pub(crate) your_answers: &'static str,
    /// `{question}` is what was asked.
    pub(crate) change: &'static str,
    /// In place of an answer that was left out.
    pub(crate) unanswered: &'static str,
    pub(crate) changing: &'static str,
    pub(crate) leave: &'static str,
    pub(crate) undone: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) problem: &'static str,
    pub(crate) needed: &'static str,
    pub(crate) choose: &'static str,
    /// With `{min}` and `{max}`.
    pub(crate) choose_some: &'static str,
    pub(crate) ranks: &'static str,
    pub(crate) date: &'static str,
    pub(crate) time: &'static str,
    pub(crate) instant: &'static str,
    /// With `{bounds}`.
    pub(crate) number: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) email: &'static str,
    pub(crate) iban: &'static str,
    /// With `{count}`, which is a number or two with a dash.
    pub(crate) digits: &'static str,
    /// With `{max}`.
    pub(crate) too_long: &'static str,
    pub(crate) doubt: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) reason: &'static str,
    /// The reason for which an answer is kept that the customer confirmed without one.
    pub(crate) confirmed: &'static str,
    pub(crate) late: &'static str,
    pub(crate) locked: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) look_again: &'static str,
    /// With `{until}`, a day and a time.
    pub(crate) paused: &'static str,
    pub(crate) later: &'static str,
    pub(crate) later_text: &'static str,
    pub(crate) close: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) handed_off: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) home: &'static str,
    pub(crate) missing: &'static str,
    pub(crate) missing_text: &'static str,
    pub(crate) expired: &'static str,
    pub(crate) expired_text: &'static str,
    pub(crate) too_many: &'static str,
    pub(crate) too_many_text: &'static str,
    pub(crate) away: &'static str,
    pub(crate) away_text: &'static str,
}

impl Phrases {
    /// Of a language as BCP 47 has it; English for one that is not known.
    pub(crate) fn of(language: &str) -> &'static Self {
        let known = ALL.iter().find(|it| it.code.eq_ignore_ascii_case(primary(language)));
        known.unwrap_or(&ALL[0])
    }

    /// What a language calls itself; its tag where it is not known.
    pub(crate) fn name_of(language: &str) -> &str {
        let known = ALL.iter().find(|it| it.code.eq_ignore_ascii_case(language));
        known.map_or(language, |it| it.name)
    }

    /// A special answer as customers give it.
    pub(crate) fn special(&self, special: SpecialAnswer) -> &'static str {
        let [dont_know, refused, not_applicable] = self.specials;
        match special {
            SpecialAnswer::Unspecified => "",
            SpecialAnswer::DontKnow => dont_know,
            SpecialAnswer::Refused => refused,
            SpecialAnswer::NotApplicable => not_applicable,
        }
    }
}

const ALL: [Phrases; 4] = [
    Phrases {
        name: "English",
        point: ".",
        specials: ["I don’t know", "I would rather not say", "It does not apply to me"],
        bounds: [" from {min} to {max}", " of at least {min}", " of at most {max}"],
        code: "en",
        company_pages: "What would you like to do?",
        nothing: "Nothing can be done here at the moment.",
        start: "Start",
        start_lead: "You answer step by step. You can go back to every answer, and \
             continue later on any device.",
        language: "Language",
        continue_: "Continue",
        skip: "Skip this question",
        or_: "Or:",
        optional: "(optional)",
        yes: "Yes",
        no: "No",
        rank: "Place of “{label}”",
        your_answers: "Your answers",
        change: "Change: {question}",
        unanswered: "not answered",
        changing: "You are changing an earlier answer.",
        leave: "Leave it as it was",
        undone: "If the answer changes, this is taken back:",
        kept: "This stays as it is, whatever you answer:",
        problem: "There is a problem",
        needed: "Please answer the question.",
        choose: "Please choose one of the answers.",
        choose_some: "Please choose {min} to {max} of the answers.",
        ranks: "Please give each place once, 1 being the most important.",
        date: "Please enter a date.",
        time: "Please enter a time, such as 14:30.",
        instant: "Please enter a date and a time.",
        number: "Please enter a number{bounds}.",
        phone: "Please enter a telephone number.",
        email: "Please enter an e-mail address, such as name@example.org.",
        iban: "Please enter an IBAN; a digit or letter of this one is wrong.",
        digits: "Please enter {count} digits.",
        too_long: "Please use at most {max} characters.",
        doubt: "Please look at your answer once more",
        confirm: "It is right as it stands",
        reason: "Why, if you want to say so (optional)",
        confirmed: "The customer said that it is right.",
        late: "That page was out of date, so its answer was not taken. This is where you are now.",
        locked: "That answer can no longer be changed.",
        waiting: "One moment, please.",
        look_again: "Look again",
        paused: "This goes on by itself on {until}. You can come back by the link below.",
        later: "Continue later",
        later_text: "This link leads back to here, on any device, until a day after you started. \
             Whoever has it can read and change your answers, so keep it to yourself.",
        close: "You can close this page now.",
        ended: "Thank you, that was all.",
        handed_off: "This cannot be finished here. Please contact us in another way.",
        cancelled: "This conversation was broken off. You can start anew.",
        home: "To the start page",
        missing: "There is no such page",
        missing_text: "The link is wrong or incomplete. Check that you have all of it, or start \
             anew.",
        expired: "This link is no longer valid",
        expired_text: "A conversation can be continued until a day after it was started. Please \
             start anew.",
        too_many: "That was very often",
        too_many_text: "From your connection, this was called very often. Please try again in an \
             hour.",
        away: "We are not available just now",
        away_text: "Nothing of what you sent before is lost. Please try again in a moment.",
    },
    Phrases {
        name: "Deutsch",
        point: ",",
        specials: ["Weiß ich nicht", "Möchte ich nicht sagen", "Trifft auf mich nicht zu"],
        bounds: [" von {min} bis {max}", " ab {min}", " bis {max}"],
        code: "de",
        company_pages: "Was möchten Sie tun?",
        nothing: "Hier lässt sich gerade nichts erledigen.",
        start: "Beginnen",
        start_lead: "Sie antworten Schritt für Schritt. Sie können zu jeder Antwort \
             zurück und später auf jedem Gerät weitermachen.",
        language: "Sprache",
        continue_: "Weiter",
        skip: "Diese Frage auslassen",
        or_: "Oder:",
        optional: "(freiwillig)",
        yes: "Ja",
        no: "Nein",
        rank: "Platz von „{label}“",
        your_answers: "Ihre Antworten",
        change: "Ändern: {question}",
        unanswered: "nicht beantwortet",
        changing: "Sie ändern eine frühere Antwort.",
        leave: "So lassen, wie es war",
        undone: "Wenn sich die Antwort ändert, wird zurückgenommen:",
        kept: "Das bleibt, wie es ist, was Sie auch antworten:",
        problem: "Etwas stimmt nicht",
        needed: "Bitte beantworten Sie die Frage.",
        choose: "Bitte wählen Sie eine der Antworten.",
        choose_some: "Bitte wählen Sie {min} bis {max} der Antworten.",
        ranks: "Bitte vergeben Sie jeden Platz einmal; 1 ist das Wichtigste.",
        date: "Bitte geben Sie ein Datum ein.",
        time: "Bitte geben Sie eine Uhrzeit ein, etwa 14:30.",
        instant: "Bitte geben Sie Datum und Uhrzeit ein.",
        number: "Bitte geben Sie eine Zahl{bounds} ein.",
        phone: "Bitte geben Sie eine Telefonnummer ein.",
        email: "Bitte geben Sie eine E-Mail-Adresse ein, etwa name@example.org.",
        iban: "Bitte geben Sie eine IBAN ein; in dieser stimmt eine Ziffer oder ein Buchstabe \
             nicht.",
        digits: "Bitte geben Sie {count} Ziffern ein.",
        too_long: "Bitte schreiben Sie höchstens {max} Zeichen.",
        doubt: "Bitte sehen Sie Ihre Antwort noch einmal an",
        confirm: "Es stimmt so",
        reason: "Warum, wenn Sie es sagen möchten (freiwillig)",
        confirmed: "Der Kunde sagt, dass es stimmt.",
        late: "Diese Seite war veraltet, ihre Antwort wurde nicht übernommen. Hier sind Sie jetzt.",
        locked: "Diese Antwort lässt sich nicht mehr ändern.",
        waiting: "Einen Moment, bitte.",
        look_again: "Noch einmal nachsehen",
        paused: "Am {until} geht es von selbst weiter. Der Link unten führt Sie hierher zurück.",
        later: "Später weitermachen",
        later_text: "Dieser Link führt wieder hierher, auf jedem Gerät, bis einen Tag nach dem \
             Beginn. Wer ihn hat, kann Ihre Antworten lesen und ändern; behalten Sie ihn für \
             sich.",
        close: "Sie können diese Seite nun schließen.",
        ended: "Vielen Dank, das war alles.",
        handed_off: "Das lässt sich hier nicht abschließen. Bitte melden Sie sich auf anderem \
             Weg bei uns.",
        cancelled: "Dieses Gespräch wurde abgebrochen. Sie können neu beginnen.",
        home: "Zur Startseite",
        missing: "Diese Seite gibt es nicht",
        missing_text: "Der Link ist falsch oder unvollständig. Prüfen Sie, ob er ganz ist, oder \
             beginnen Sie neu.",
        expired: "Dieser Link gilt nicht mehr",
        expired_text: "Ein Gespräch lässt sich bis einen Tag nach seinem Beginn fortsetzen. \
             Bitte beginnen Sie neu.",
        too_many: "Das war sehr oft",
        too_many_text: "Von Ihrem Anschluss wurde dies sehr oft aufgerufen. Bitte versuchen Sie \
             es in einer Stunde wieder.",
        away: "Wir sind gerade nicht erreichbar",
        away_text: "Was Sie vorher gesendet haben, ist nicht verloren. Bitte versuchen Sie es \
             gleich noch einmal.",
    },
    Phrases {
        name: "Nederlands",
        point: ",",
        specials: ["Weet ik niet", "Zeg ik liever niet", "Is op mij niet van toepassing"],
        bounds: [" van {min} tot en met {max}", " vanaf {min}", " tot en met {max}"],
        code: "nl",
        company_pages: "Wat wilt u doen?",
        nothing: "Hier kan op dit moment niets worden geregeld.",
        start: "Beginnen",
        start_lead: "U antwoordt stap voor stap. U kunt naar elk antwoord terug, en later \
             op elk apparaat verdergaan.",
        language: "Taal",
        continue_: "Verder",
        skip: "Deze vraag overslaan",
        or_: "Of:",
        optional: "(niet verplicht)",
        yes: "Ja",
        no: "Nee",
        rank: "Plaats van “{label}”",
        your_answers: "Uw antwoorden",
        change: "Wijzigen: {question}",
        unanswered: "niet beantwoord",
        changing: "U wijzigt een eerder antwoord.",
        leave: "Laten zoals het was",
        undone: "Als het antwoord verandert, wordt dit teruggedraaid:",
        kept: "Dit blijft zoals het is, wat u ook antwoordt:",
        problem: "Er klopt iets niet",
        needed: "Beantwoord de vraag, alstublieft.",
        choose: "Kies een van de antwoorden.",
        choose_some: "Kies {min} tot {max} van de antwoorden.",
        ranks: "Geef elke plaats één keer; 1 is het belangrijkste.",
        date: "Vul een datum in.",
        time: "Vul een tijd in, zoals 14:30.",
        instant: "Vul een datum en een tijd in.",
        number: "Vul een getal in{bounds}.",
        phone: "Vul een telefoonnummer in.",
        email: "Vul een e-mailadres in, zoals naam@example.org.",
        iban: "Vul een IBAN in; in deze klopt een cijfer of letter niet.",
        digits: "Vul {count} cijfers in.",
        too_long: "Schrijf hoogstens {max} tekens.",
        doubt: "Kijk nog eens naar uw antwoord",
        confirm: "Het klopt zo",
        reason: "Waarom, als u dat wilt zeggen (niet verplicht)",
        confirmed: "De klant zegt dat het klopt.",
        late: "Die pagina was verouderd, het antwoord is niet overgenomen. Hier bent u nu.",
        locked: "Dat antwoord kan niet meer worden gewijzigd.",
        waiting: "Een ogenblik, alstublieft.",
        look_again: "Nog eens kijken",
        paused: "Op {until} gaat dit vanzelf verder. Met de link hieronder komt u hier terug.",
        later: "Later verdergaan",
        later_text: "Deze link brengt u hier terug, op elk apparaat, tot een dag na het begin. \
             Wie hem heeft, kan uw antwoorden lezen en wijzigen; houd hem voor uzelf.",
        close: "U kunt deze pagina nu sluiten.",
        ended: "Dank u, dat was alles.",
        handed_off: "Dit kan hier niet worden afgerond. Neem op een andere manier contact met \
             ons op.",
        cancelled: "Dit gesprek is afgebroken. U kunt opnieuw beginnen.",
        home: "Naar de startpagina",
        missing: "Deze pagina bestaat niet",
        missing_text: "De link is fout of niet volledig. Kijk of u hem helemaal hebt, of begin \
             opnieuw.",
        expired: "Deze link is niet meer geldig",
        expired_text: "Een gesprek kan tot een dag na het begin worden voortgezet. Begin \
             opnieuw, alstublieft.",
        too_many: "Dat was heel vaak",
        too_many_text: "Vanaf uw verbinding is dit heel vaak opgevraagd. Probeer het over een \
             uur nog eens.",
        away: "Wij zijn even niet bereikbaar",
        away_text: "Wat u eerder hebt verstuurd, is niet verloren. Probeer het zo nog eens.",
    },
    Phrases {
        name: "Español",
        point: ",",
        specials: ["No lo sé", "Prefiero no decirlo", "No se aplica a mi caso"],
        bounds: [" de {min} a {max}", " de al menos {min}", " de como máximo {max}"],
        code: "es",
        company_pages: "¿Qué desea hacer?",
        nothing: "En este momento no se puede gestionar nada aquí.",
        start: "Empezar",
        start_lead: "Responde paso a paso. Puede volver a cualquier respuesta y \
             seguir más tarde en cualquier dispositivo.",
        language: "Idioma",
        continue_: "Continuar",
        skip: "Saltar esta pregunta",
        or_: "O bien:",
        optional: "(opcional)",
        yes: "Sí",
        no: "No",
        rank: "Puesto de «{label}»",
        your_answers: "Sus respuestas",
        change: "Cambiar: {question}",
        unanswered: "sin respuesta",
        changing: "Está cambiando una respuesta anterior.",
        leave: "Dejarla como estaba",
        undone: "Si la respuesta cambia, se anula:",
        kept: "Esto queda como está, responda lo que responda:",
        problem: "Hay un problema",
        needed: "Responda a la pregunta, por favor.",
        choose: "Elija una de las respuestas.",
        choose_some: "Elija de {min} a {max} de las respuestas.",
        ranks: "Dé cada puesto una sola vez; 1 es lo más importante.",
        date: "Introduzca una fecha.",
        time: "Introduzca una hora, como 14:30.",
        instant: "Introduzca una fecha y una hora.",
        number: "Introduzca un número{bounds}.",
        phone: "Introduzca un número de teléfono.",
        email: "Introduzca una dirección de correo, como nombre@example.org.",
        iban: "Introduzca un IBAN; en este hay una cifra o letra equivocada.",
        digits: "Introduzca {count} cifras.",
        too_long: "Escriba como máximo {max} caracteres.",
        doubt: "Mire su respuesta una vez más",
        confirm: "Es correcta así",
        reason: "Por qué, si quiere decirlo (opcional)",
        confirmed: "El cliente dice que es correcto.",
        late: "Esa página estaba anticuada y su respuesta no se ha tomado. Ahora está aquí.",
        locked: "Esa respuesta ya no se puede cambiar.",
        waiting: "Un momento, por favor.",
        look_again: "Mirar de nuevo",
        paused: "Esto sigue por sí solo el {until}. Con el enlace de abajo puede volver aquí.",
        later: "Seguir más tarde",
        later_text: "Este enlace vuelve aquí, en cualquier dispositivo, hasta un día después de \
             empezar. Quien lo tenga puede leer y cambiar sus respuestas; no lo comparta.",
        close: "Ya puede cerrar esta página.",
        ended: "Gracias, eso era todo.",
        handed_off: "Esto no se puede terminar aquí. Póngase en contacto con nosotros de otra \
             manera.",
        cancelled: "Esta conversación se ha interrumpido. Puede empezar de nuevo.",
        home: "A la página de inicio",
        missing: "Esta página no existe",
        missing_text: "El enlace es incorrecto o está incompleto. Compruebe que lo tiene entero \
             o empiece de nuevo.",
        expired: "Este enlace ya no es válido",
        expired_text: "Una conversación se puede continuar hasta un día después de empezarla. \
             Empiece de nuevo, por favor.",
        too_many: "Han sido muchas veces",
        too_many_text: "Desde su conexión se ha llamado a esto muchas veces. Vuelva a intentarlo \
             dentro de una hora.",
        away: "Ahora no estamos disponibles",
        away_text: "Nada de lo que envió antes se ha perdido. Vuelva a intentarlo en un momento.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_all_of_it_with_the_same_places() {
        let all: Vec<serde_json::Value> =
            ALL.iter().map(|it| serde_json::to_value(it).expect("texts")).collect();
        let english = all[0].as_object().expect("an object");
        for other in &all[1..] {
            for (name, text) in other.as_object().expect("an object") {
                let places = |text: &serde_json::Value| text.to_string().matches('{').count();
                assert_eq!(places(text), places(&english[name]), "{name}: {text}");
                assert_ne!(text.as_str(), Some(""), "{name}");
            }
        }
        assert_eq!(Phrases::of("de-AT").code, "de");
        assert_eq!((Phrases::of("fr").code, Phrases::name_of("fr")), ("en", "fr"));
    }
}
