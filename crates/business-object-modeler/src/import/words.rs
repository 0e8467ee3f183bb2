//! Names that can be read and written, made of the names that a database has.
//!
//! A name is cut into words of ASCII letters and digits: at every other character, and where a
//! small letter is followed by a capital. `VERTR$KOPF` has two words, `Kontakt Hist` and
//! `kontaktHist` too; `KLANTNR` is one, since nothing tells where it would be cut.

use std::collections::BTreeSet;

use caruso_expression::Kind;

/// Words of a table name that say only that it is one.
const EMPTY_WORDS: [&str; 3] = ["tbl", "tab", "table"];

/// Tables that must begin alike before their beginning says nothing.
const FEWEST_PREFIXED: usize = 5;

/// The words of a name, as they are written there; none where it has no letter or digit that
/// could be written in ASCII.
pub(crate) fn words(name: &str) -> Vec<String> {
    split(name, letters)
}

/// The words of a name with its own letters, for people.
pub(crate) fn own_words(name: &str) -> Vec<String> {
    split(name, |character| if character.is_alphanumeric() { character.into() } else { "".into() })
}

fn split(name: &str, letters: impl Fn(char) -> String) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = name.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        let is_small = |it: char| it.is_lowercase() || it.is_ascii_digit();
        let is_hump = character.is_uppercase()
            && (is_small(before)
                || before.is_uppercase() && characters.peek().is_some_and(|it| it.is_lowercase()));
        let letters = letters(character);
        if is_hump || letters.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push_str(&letters);
        before = character;
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The words without those at their beginning that say only that it is a table.
pub(crate) fn of_table(mut words: Vec<String>) -> Vec<String> {
    let is_empty = |word: &String| EMPTY_WORDS.contains(&word.to_ascii_lowercase().as_str());
    if words.len() > 1 && words.first().is_some_and(is_empty) {
        words.remove(0);
    }
    words
}

/// The word, in small letters, with which the names of all tables begin, where there are some and
/// none says nothing else: what a program puts before its own.
pub(crate) fn common_prefix<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut common: Option<String> = None;
    let mut count = 0;
    for name in names {
        let words = words(name);
        let [first, _, ..] = words.as_slice() else { return None };
        let first = first.to_ascii_lowercase();
        if common.get_or_insert_with(|| first.clone()) != &first {
            return None;
        }
        count += 1;
    }
    common.filter(|_| count >= FEWEST_PREFIXED)
}

/// The words without this one at their beginning.
pub(crate) fn without(prefix: Option<&str>, mut words: Vec<String>) -> Vec<String> {
    let begins = |word: &String| prefix.is_some_and(|it| word.eq_ignore_ascii_case(it));
    if words.len() > 1 && words.first().is_some_and(begins) {
        words.remove(0);
    }
    words
}

/// A character in ASCII letters and digits; empty where it separates words.
fn letters(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        return character.to_string();
    }
    let small = character.to_lowercase().next().unwrap_or(character);
    let letters = match small {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' | 'ø' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'å' => "aa",
        'þ' => "th",
        'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    };
    if character.is_uppercase() { letters.to_uppercase() } else { letters.to_owned() }
}

/// `KontaktHist`; `Table` of no words.
pub(crate) fn class_name(words: &[String]) -> String {
    let name: String = words.iter().map(|word| capitalized(word)).collect();
    let is_digit = name.starts_with(|first: char| first.is_ascii_digit());
    expressible(&if is_digit { format!("N{name}") } else { name }, "Table")
}

/// `kontakt_hist`; `fallback` of no words.
pub(crate) fn member_name(words: &[String], fallback: &str) -> String {
    expressible(&words.join("_").to_ascii_lowercase(), fallback)
}

/// `Kontakt hist`.
pub(crate) fn label(words: &[String]) -> String {
    let text = words.join(" ").to_lowercase();
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or(text)
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters.map(|it| it.to_ascii_lowercase())).collect()
}

/// The name, changed as little as lets expressions use it.
fn expressible(name: &str, fallback: &str) -> String {
    let is_fine = |name: &str| {
        caruso_expression::parse(name).is_ok_and(|it| matches!(it.root().kind, Kind::Name(_)))
    };
    let digit = name.starts_with(|first: char| first.is_ascii_digit());
    let name = match (name, digit) {
        ("", _) => fallback.to_owned(),
        (_, true) => format!("n{name}"),
        _ => name.to_owned(),
    };
    if is_fine(&name) { name } else { format!("{name}_") }
}

/// A name that is not among those taken, capitals aside; it is among them then. Others get a
/// number behind `separator`.
pub(crate) fn new_name(name: &str, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}{separator}{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| taken.insert(name.to_ascii_lowercase()));
    free.expect("there are more numbers than names")
}

/// Plural nouns of English whose ending alone does not tell that they are plural.
const PLURALS: &[&str] = &[
    "accounts",
    "alarms",
    "alerts",
    "articles",
    "assets",
    "attributes",
    "banks",
    "books",
    "brands",
    "cards",
    "carts",
    "cases",
    "catalogs",
    "checks",
    "codes",
    "colors",
    "colours",
    "comments",
    "costs",
    "dates",
    "days",
    "deals",
    "devices",
    "domains",
    "employees",
    "events",
    "fees",
    "fields",
    "files",
    "folders",
    "forms",
    "goods",
    "graphs",
    "grids",
    "groups",
    "hooks",
    "hosts",
    "hours",
    "images",
    "invoices",
    "items",
    "jobs",
    "keys",
    "leads",
    "licenses",
    "lines",
    "links",
    "lists",
    "loans",
    "logs",
    "mails",
    "managers",
    "maps",
    "members",
    "messages",
    "meters",
    "names",
    "networks",
    "notes",
    "numbers",
    "offices",
    "pages",
    "parts",
    "periods",
    "permissions",
    "persons",
    "phones",
    "plans",
    "points",
    "posts",
    "prices",
    "principals",
    "products",
    "profiles",
    "projects",
    "queues",
    "quotes",
    "rates",
    "readings",
    "records",
    "reports",
    "resources",
    "responses",
    "returns",
    "rights",
    "roles",
    "rooms",
    "rows",
    "rules",
    "sales",
    "schedules",
    "scripts",
    "services",
    "shops",
    "sites",
    "skills",
    "stages",
    "states",
    "steps",
    "stores",
    "streets",
    "surveys",
    "tables",
    "tags",
    "tariffs",
    "tasks",
    "teams",
    "templates",
    "tests",
    "texts",
    "tickets",
    "times",
    "titles",
    "tokens",
    "topics",
    "tours",
    "towns",
    "triggers",
    "types",
    "units",
    "values",
    "vehicles",
    "views",
    "visits",
    "votes",
    "weeks",
    "widgets",
    "wishlists",
    "years",
    "zones",
];
/// Endings of English plurals; no other plural of the languages around here ends like them.
const ENDINGS: &[&str] = &[
    "mers", "liers", "lers", "ders", "yers", "users", "sers", "thers", "ters", "vers", "ners",
    "tors", "dors", "sors", "ions", "ments", "ings", "ages", "acts", "ents", "ects", "ants",
];

/// The words with the last one in the singular, where it obviously is an English plural.
pub(crate) fn singular(words: &[String]) -> Vec<String> {
    let Some((last, rest)) = words.split_last() else { return Vec::new() };
    let small = last.to_ascii_lowercase();
    let without = |count: usize| last[..last.len() - count].to_owned();
    let upper = last.chars().all(|it| !it.is_ascii_lowercase());
    let one = if small == "people" {
        "person".to_owned()
    } else if small.ends_with("ies") && small.len() > 5 && small != "series" {
        without(3) + if upper { "Y" } else { "y" }
    } else if ["sses", "ches", "shes", "xes", "atuses"].iter().any(|it| small.ends_with(it)) {
        without(2)
    } else if PLURALS.contains(&small.as_str()) || ENDINGS.iter().any(|it| small.ends_with(it)) {
        without(1)
    } else {
        last.clone()
    };
    rest.iter().cloned().chain([one]).collect()
}

/// The words with the last one in the plural, as English has it. What ends like a plural of some
/// language stays as it is.
pub(crate) fn plural(words: &[String]) -> Vec<String> {
    let Some((last, rest)) = words.split_last() else { return Vec::new() };
    let small = last.to_ascii_lowercase();
    let vowel = |it: Option<char>| it.is_some_and(|it| "aeiou".contains(it));
    let many = if small.ends_with('y') && !vowel(small.chars().rev().nth(1)) {
        format!("{}ies", &small[..small.len() - 1])
    } else if small.ends_with('s') && !small.ends_with("ss") {
        small
    } else if ["s", "x", "z", "ch", "sh"].iter().any(|it| small.ends_with(it)) {
        format!("{small}es")
    } else {
        format!("{small}s")
    };
    rest.iter().cloned().chain([many]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(name: &str) -> String {
        class_name(&singular(&of_table(words(name))))
    }

    fn member(name: &str) -> String {
        member_name(&words(name), "column")
    }

    #[test]
    fn odd_names_become_names_that_can_be_read() {
        let classes = [
            ("KLANT", "Klant"),
            ("VERTR$KOPF", "VertrKopf"),
            ("Kontakt Hist", "KontaktHist"),
            ("tbl_customers", "Customer"),
            ("customerOrders", "CustomerOrder"),
            ("COMPANIES", "Company"),
            ("addresses", "Address"),
            ("TeamMembers", "TeamMember"),
            ("HAUS", "Haus"),
            ("ADRES", "Adres"),
            ("news", "News"),
            ("Status", "Status"),
            ("2nd", "N2nd"),
            ("客户", "Table"),
        ];
        for (name, wanted) in classes {
            assert_eq!(class(name), wanted, "{name}");
        }
        let members = [
            ("KD NR", "kd_nr"),
            ("Geändert", "geaendert"),
            ("STRASSE/NR.", "strasse_nr"),
            ("V#", "v"),
            ("in", "in_"),
            ("NOT", "not_"),
            ("true", "true_"),
            ("HTTPServerName", "http_server_name"),
            ("1st", "n1st"),
            ("#", "column"),
        ];
        for (name, wanted) in members {
            assert_eq!(member(name), wanted, "{name}");
        }
        assert_eq!(label(&words("LAST_CHANGED_AT")), "Last changed at");
    }

    #[test]
    fn what_all_tables_begin_with_says_nothing() {
        let tables = ["shop_orders", "Shop_items", "shop_users", "shopTags", "shop_user_tags"];
        assert_eq!(common_prefix(tables.into_iter()).as_deref(), Some("shop"));
        assert_eq!(common_prefix(tables.into_iter().take(4)), None, "too few");
        assert_eq!(common_prefix(tables.into_iter().chain(["shops"])), None);
        assert_eq!(common_prefix(tables.into_iter().chain(["news_items"])), None);
        assert_eq!(without(Some("shop"), words("Shop_items")), ["items"]);
        assert_eq!(without(Some("shop"), words("shop")), ["shop"]);
    }

    #[test]
    fn plurals_are_those_of_english() {
        for (one, many) in [("company", "companies"), ("Day", "days"), ("box", "boxes")] {
            assert_eq!(plural(&words(one)), words(many));
        }
    }

    #[test]
    fn names_that_are_taken_get_a_number() {
        let mut taken = BTreeSet::new();
        let names = ["name", "NAME", "name", "name_2"].map(|it| new_name(it, "_", &mut taken));
        assert_eq!(names, ["name", "NAME_2", "name_3", "name_2_2"]);
    }
}
