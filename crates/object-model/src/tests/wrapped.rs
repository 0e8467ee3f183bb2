//! Classes that a wrapper holds.

use super::file;
use crate::{Data, KeySource, Model, Revision, codes};

const CUSTOMERS: &str = "<class id=\"c\" name=\"Customer\" table=\"K\" key=\"a b\">\
    <attribute id=\"ca\" name=\"a\" column=\"A\" type=\"int\" required=\"yes\"/>\
    <attribute id=\"cb\" name=\"b\" column=\"B\" type=\"text\" required=\"yes\"/>\
    <to-many id=\"ci\" name=\"invoices\" class=\"Invoice\" inverse=\"customer\"/></class>";

fn invoices(attributes: &str, members: &str) -> String {
    format!(
        "<!DOCTYPE business-objects SYSTEM \"business-objects.dtd\">\n\
         <business-objects wrapper=\"billing\" country=\"NL\">\n\
         <class id=\"i\" name=\"Invoice\" key=\"number\" {attributes}>\n\
         <attribute id=\"in\" name=\"number\" type=\"text\" required=\"yes\"/>\n\
         <attribute id=\"ip\" name=\"amount\" type=\"decimal\" decimals=\"2\"/>\n\
         {members}</class></business-objects>"
    )
}

const CUSTOMER: &str = "<to-one id=\"ic\" name=\"customer\" class=\"Customer\"/>";

fn read(invoices: &str) -> (Model, Vec<String>) {
    let customers = file(CUSTOMERS);
    let files = [("billing.xml", invoices.as_bytes()), ("crm.xml", customers.as_bytes())];
    let (model, findings) = Model::read(files);
    let shown =
        |it: crate::Finding| format!("{}:{} {} {}", it.line, it.column, it.code, it.message);
    (model, findings.into_iter().map(shown).collect())
}

#[test]
fn a_class_behind_a_wrapper_has_what_others_have_and_no_table_of_its_own() {
    let members = format!("{CUSTOMER}<index attributes=\"customer\"/><rule action=\"read\"/>");
    let (model, findings) = read(&invoices("", &members));
    assert_eq!(findings, [""; 0]);
    let invoice = model.class("Invoice").expect("it is sound");
    assert_eq!(invoice.wrapper.as_deref(), Some("billing"));
    assert_eq!(invoice.revision, Revision::Content);
    assert_eq!(invoice.searches().collect::<Vec<_>>(), ["customer"]);
    assert_eq!((invoice.to_one()[0].columns.len(), invoice.rules().len()), (2, 1));
    let customer = model.class("Customer").expect("it is sound");
    assert_eq!((customer.to_many().len(), customer.wrapper.is_none()), (1, true));
    assert_eq!(model.neighbour(invoice, &invoice.to_one()[0]).map(|it| &it.name), None);
}

#[test]
fn a_system_behind_a_wrapper_may_be_written_to_and_number_what_is_new() {
    let (model, findings) = read(&invoices("writable=\"yes\" key-source=\"assigned\"", CUSTOMER));
    assert_eq!(findings, [""; 0]);
    let invoice = model.class("Invoice").expect("it is sound");
    assert_eq!((invoice.is_writable, invoice.key_source), (true, KeySource::Assigned));
    let (model, _) = read(&invoices("", CUSTOMER));
    assert!(!model.class("Invoice").expect("it is sound").is_writable);
}

#[test]
fn what_only_databases_have_is_found_at_its_place() {
    let cases = [
        ("table=\"T\"", "", "CB0307 only a database has `table`"),
        ("revision=\"V\"", "", "CB0307 only a database has `revision`"),
        (
            "key-source=\"assigned\"",
            "",
            "CB0307 nobody makes objects of a class that is not `writable`",
        ),
        ("extends=\"Customer\"", "", "CB0307 only a database has `extends`"),
        (
            "",
            "<attribute id=\"x\" name=\"x\" type=\"text\" search=\"phone\"/>",
            "CB0307 only a database has `search`",
        ),
        (
            "",
            "<to-one id=\"x\" name=\"x\" class=\"Invoice\" column=\"X\"/>",
            "CB0307 only a database has `column`",
        ),
        ("", "<unique name=\"u\" attributes=\"amount\"/>", "CB0307 nothing keeps objects `unique`"),
        (
            "",
            "<index attributes=\"number amount\"/>",
            "CB0307 a wrapper is asked by each attribute for itself",
        ),
        ("", "<index attributes=\"amount\"/>", "CB0307 no wrapper is asked by decimals"),
    ];
    for (attributes, members, expected) in cases {
        let (model, findings) = read(&invoices(attributes, members));
        assert!(findings.iter().any(|it| it.ends_with(expected)), "{expected}: {findings:?}");
        assert!(model.class("Invoice").is_none(), "{expected}");
    }
}

#[test]
fn nothing_of_a_database_is_built_on_what_a_wrapper_holds() {
    let kind = file("<class id=\"k\" name=\"Kind\" extends=\"Invoice\" where=\"true\"/>");
    let (of_kind, text) = (invoices("", ""), "`Invoice` has no kinds");
    let files = [("billing.xml", of_kind.as_bytes()), ("kind.xml", kind.as_bytes())];
    let (model, findings) = Model::read(files);
    assert!(findings.iter().any(|it| it.message == text), "{findings:?}");
    assert!(model.class("Kind").is_none());

    let both = invoices("", "").replace("wrapper=", "database=\"crm\" wrapper=");
    assert!(read(&both).1[0].ends_with("CB0307 only a database has `database`"));

    let rolled =
        CUSTOMERS.replace("<to-many", "<roll-up id=\"cr\" name=\"open\" of=\"invoices\"/><to-many");
    let (billing, crm) = (invoices("", CUSTOMER), file(&rolled));
    let files = [("billing.xml", billing.as_bytes()), ("crm.xml", crm.as_bytes())];
    let codes: Vec<_> = Model::read(files).1.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [codes::WRAPPED]);
}

#[test]
fn no_data_are_brought_along_for_a_wrapper() {
    let (model, _) = read(&invoices("", CUSTOMER));
    let data = Data::read(&model, [("Invoice.csv", b"number\n1\n".as_slice())]);
    let findings = data.expect_err("no database takes them");
    assert_eq!(findings[0].code, codes::DATA_FILE);
    assert!(findings[0].message.contains("held by wrapper `billing`"));
}
