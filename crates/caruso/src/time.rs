//! Moments on the wire, for people and for programs.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost_types::Timestamp as Wire;

/// As an ISO 8601 instant; nothing where there is none.
pub(crate) fn instant(moment: Option<Wire>) -> Option<String> {
    moment.and_then(parse).map(|moment| moment.to_string())
}

/// In this machine's zone, to the second; a dash where there is none.
pub(crate) fn local(moment: Option<Wire>) -> String {
    let moment = moment.and_then(parse).map(|moment| moment.to_zoned(TimeZone::system()));
    moment.map_or_else(|| "–".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn parse(moment: Wire) -> Option<Timestamp> {
    Timestamp::new(moment.seconds, moment.nanos).ok()
}
