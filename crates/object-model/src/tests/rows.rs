use std::io::Cursor;

use caruso_expression::Value;

use super::{sound, utilities};
use crate::row::{Record, Refusal, Row, Rows, RowsError, Start, refusals};

fn read(class: &str, text: &[u8]) -> Vec<(Record, Start)> {
    let model = utilities();
    let class = model.class(class).expect("the example has it");
    let mut rows = Rows::new(&model, class, Cursor::new(text)).expect("sound names");
    let mut read = Vec::new();
    while let Some(record) = rows.read().expect("it is read") {
        read.push((record, rows.start()));
    }
    read
}

fn said(refusals: &[Refusal]) -> Vec<String> {
    refusals.iter().map(|it| format!("{}: {}", it.name, it.reason)).collect()
}

#[test]
fn rows_have_lines_values_and_what_is_wrong_with_fields() {
    let text = b"number,name,is_life_support,notes\n1,\"Eva\nde Vries\",true,\n2,B,no,\xff\n3,C\n";
    let read = read("Customer", text);
    let lines: Vec<u64> = read.iter().map(|(record, _)| record.line).collect();
    assert_eq!(lines, [2, 4, 5]);
    let first = &read[0].0;
    assert_eq!(first.row["name"], Value::from("Eva\nde Vries"));
    assert_eq!(first.row.get("notes"), None);
    assert_eq!(first.refusals, []);
    assert_eq!(
        said(&read[1].0.refusals),
        ["is_life_support: this is not `true` or `false`", "notes: this is not UTF-8"]
    );
    assert_eq!(read[1].0.fields().last(), Some(b"\xff".as_slice()));
    assert_eq!(said(&read[2].0.refusals), [": it has 2 fields, not 4"]);
}

#[test]
fn reading_goes_on_where_it_ended() {
    let text = b"number,name\n1,\"Eva\nde Vries\"\n2,B\n3,C\n".as_slice();
    let all = read("Customer", text);
    let model = utilities();
    let class = model.class("Customer").expect("the example has it");
    for (index, (_, start)) in all.iter().enumerate() {
        let mut rows = Rows::new(&model, class, Cursor::new(text)).expect("sound names");
        rows.go_on(*start).expect("it is there");
        let next = rows.read().expect("it is read").map(|record| (record.line, record.row));
        let expected = all.get(index + 1).map(|(record, _)| (record.line, record.row.clone()));
        assert_eq!(next, expected);
    }
}

#[test]
fn names_that_cannot_be_given_are_told_together() {
    let model = utilities();
    let class = model.class("ContactPoint").expect("the example has it");
    let error = Rows::new(&model, class, Cursor::new(b"id,valu,kind,kind\n".as_slice()));
    let Err(RowsError::Columns(strange)) = error else { panic!("it was taken") };
    assert_eq!(
        strange,
        [
            "`ContactPoint` has no `id` to be given, known: `kind`, `value`, `customer`",
            "`ContactPoint` has no `valu` to be given, did you mean `value`?",
            "column `kind` stands twice, known: `id`, `value`, `customer`",
        ]
    );
}

#[test]
fn a_whole_object_lacks_nothing_and_breaks_no_constraint() {
    let model = sound(
        "<class id=\"c\" name=\"A\" table=\"T\" key=\"k\" revision=\"V\">\n\
         <attribute id=\"k\" name=\"k\" column=\"K\" type=\"int\" required=\"yes\"/>\n\
         <attribute id=\"n\" name=\"n\" column=\"N\" type=\"int\"/>\n\
         <constraint id=\"x\" name=\"small\" test=\"n lt 10\">\n\
         <message language=\"en\">Too large</message></constraint>\n\
         </class>",
    );
    let class = model.class("A").expect("it is there");
    let row = |list: &[(&str, i64)]| -> Row {
        list.iter().map(|(name, value)| ((*name).to_owned(), Value::Int(*value))).collect()
    };
    let refused =
        |list: &[(&str, i64)], known: &[Refusal]| said(&refusals(&model, class, &row(list), known));
    assert_eq!(refused(&[("n", 10)], &[]), ["k: a value is required"]);
    assert_eq!(refused(&[("k", 1), ("n", 10)], &[]), ["small: the constraint does not hold"]);
    assert_eq!(refused(&[("k", 1), ("n", 9)], &[]), [""; 0]);
    // of a row with a mistake nobody knows which values were meant
    let known = [Refusal::new("n", "this is not a whole number")];
    assert_eq!(refused(&[("k", 1)], &known), [""; 0]);
}
