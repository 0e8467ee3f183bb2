//! Types and stored forms, as the model writes them.

use caruso_object_model::{Attribute, AttributeType, Clock, Digits, EpochUnit, Form};

/// For example `date stored="yyyymmdd"`.
pub(super) fn of(attribute: &Attribute) -> String {
    let mut text = attribute.ty.word().to_owned();
    match &attribute.ty {
        AttributeType::Decimal(decimals) => text += &format!(" decimals=\"{decimals}\""),
        AttributeType::Money { decimals, currency } => {
            text += &format!(" decimals=\"{decimals}\"");
            if let Some(currency) = currency {
                text += &format!(" currency=\"{currency}\"");
            }
        }
        AttributeType::Text(Some(length)) => text += &format!(" length=\"{length}\""),
        AttributeType::Choice(list) => text += &format!(" enum=\"{}\"", list.choice.name),
        _ => {}
    }
    if let Some(stored) = word(&attribute.stored.form) {
        text += &format!(" stored=\"{stored}\"");
    }
    if let Some(second) = &attribute.second
        && let Some(stored) = word(&second.stored.form)
    {
        text += &format!(" time-stored=\"{stored}\"");
    }
    text
}

/// How a form is written; nothing where it is that of the column.
fn word(form: &Form) -> Option<String> {
    Some(match form {
        Form::Native | Form::Time(Clock::Native) => return None,
        Form::Flags { yes, no } => format!("{yes}/{no}"),
        Form::Padded(digits) => format!("padded:{digits}"),
        Form::Digits(Digits::Yyyymmdd) => "yyyymmdd".to_owned(),
        Form::Digits(Digits::Ddmmyyyy) => "ddmmyyyy".to_owned(),
        Form::Digits(Digits::Yymmdd { pivot }) => format!("yymmdd:{pivot}"),
        Form::Digits(Digits::Yyyymmddhhmmss) => "yyyymmddhhmmss".to_owned(),
        Form::JulianDay => "julian".to_owned(),
        Form::Epoch(EpochUnit::Seconds) => "epoch-seconds".to_owned(),
        Form::Epoch(EpochUnit::Milliseconds) => "epoch-milliseconds".to_owned(),
        Form::Time(Clock::Hhmmss) => "hhmmss".to_owned(),
        Form::Time(Clock::Hhmm) => "hhmm".to_owned(),
        Form::Time(Clock::Colon) => "hh:mm".to_owned(),
        Form::Money(form) => form.to_string(),
    })
}
