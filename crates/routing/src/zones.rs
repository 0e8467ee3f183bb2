//! In which time zones a telephone number may be, by its calling code.

/// Calling codes with the zones of the country: all of them, where there are several, so that a
/// rule about hours holds wherever in it somebody is. Mobile numbers are taken to be at home. A
/// code that is not here is not known. Source: ITU-T E.164, assigned codes; IANA `zone.tab`.
const ZONES: [(&str, &[&str]); 34] = [
    ("+1", &["America/St_Johns", "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"]),
    ("+27", &["Africa/Johannesburg"]),
    ("+30", &["Europe/Athens"]),
    ("+31", &["Europe/Amsterdam"]),
    ("+32", &["Europe/Brussels"]),
    ("+33", &["Europe/Paris"]),
    ("+34", &["Europe/Madrid", "Atlantic/Canary"]),
    ("+351", &["Europe/Lisbon", "Atlantic/Azores"]),
    ("+352", &["Europe/Luxembourg"]),
    ("+353", &["Europe/Dublin"]),
    ("+354", &["Atlantic/Reykjavik"]),
    ("+356", &["Europe/Malta"]),
    ("+357", &["Asia/Nicosia"]),
    ("+358", &["Europe/Helsinki"]),
    ("+359", &["Europe/Sofia"]),
    ("+36", &["Europe/Budapest"]),
    ("+370", &["Europe/Vilnius"]),
    ("+371", &["Europe/Riga"]),
    ("+372", &["Europe/Tallinn"]),
    ("+385", &["Europe/Zagreb"]),
    ("+386", &["Europe/Ljubljana"]),
    ("+39", &["Europe/Rome"]),
    ("+40", &["Europe/Bucharest"]),
    ("+41", &["Europe/Zurich"]),
    ("+420", &["Europe/Prague"]),
    ("+421", &["Europe/Bratislava"]),
    ("+43", &["Europe/Vienna"]),
    ("+44", &["Europe/London"]),
    ("+45", &["Europe/Copenhagen"]),
    ("+46", &["Europe/Stockholm"]),
    ("+47", &["Europe/Oslo"]),
    ("+48", &["Europe/Warsaw"]),
    ("+49", &["Europe/Berlin"]),
    ("+81", &["Asia/Tokyo"]),
];

/// The zones of an E.164 number with its plus; none where they are not known. No calling code is
/// the beginning of another.
pub(crate) fn of_number(number: &str) -> &'static [&'static str] {
    let known = ZONES.iter().find(|(code, _)| number.starts_with(code));
    known.map_or(&[], |(_, zones)| zones)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_one_and_no_code_begins_another() {
        for (code, zones) in ZONES {
            assert!(zones.iter().all(|it| jiff::tz::TimeZone::get(it).is_ok()), "{code}");
            let longer = ZONES.iter().filter(|(other, _)| other.starts_with(code)).count();
            assert_eq!(longer, 1, "{code}");
        }
        assert_eq!(of_number("+358401234567"), ["Europe/Helsinki"]);
        assert!(of_number("+8861234567").is_empty());
    }
}
