//! The header `grpc-timeout`: at most eight digits and a unit.

use std::time::Duration;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

const NAME: HeaderName = HeaderName::from_static("grpc-timeout");

/// The time the caller gives, from the headers of a request.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(NAME)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

/// Tells the server the time that is left, in milliseconds (up to 27 hours).
pub(crate) fn write(headers: &mut HeaderMap, left: Duration) {
    let milliseconds = left.as_millis().clamp(1, 99_999_999);
    let value = HeaderValue::from_str(&format!("{milliseconds}m"));
    headers.insert(NAME, value.expect("digits and a letter make a header value"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_outs_are_read_as_the_grpc_specification_writes_them() {
        let read_text = |text: &str| {
            let value = HeaderValue::from_str(text).expect("a header value");
            read(&HeaderMap::from_iter([(NAME, value)]))
        };
        assert_eq!(read_text("1H"), Some(Duration::from_secs(3600)));
        assert_eq!(read_text("2M"), Some(Duration::from_secs(120)));
        assert_eq!(read_text("99999999n"), Some(Duration::from_nanos(99_999_999)));
        for wrong in ["", "5", "m", "-5m", "123456789m", "5x"] {
            assert_eq!(read_text(wrong), None, "{wrong}");
        }
        let mut headers = HeaderMap::new();
        write(&mut headers, Duration::from_millis(1500));
        assert_eq!(read(&headers), Some(Duration::from_millis(1500)));
    }
}
