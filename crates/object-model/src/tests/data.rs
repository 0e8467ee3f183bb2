use caruso_expression::Value;

use super::utilities;
use crate::Data;

macro_rules! example {
    ($($class:literal),*) => {
        [$((
            concat!("data/", $class, ".csv"),
            include_bytes!(concat!("../../../../examples/utilities/data/", $class, ".csv"))
                .as_slice(),
        )),*]
    };
}

fn mistakes(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(name, text)| (*name, text.as_bytes()));
    match Data::read(&utilities(), files) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_example_brings_some_hundred_sound_customers() {
    let files =
        example!("Customer", "ContactPoint", "Connection", "Meter", "FaultReport", "Interaction");
    let data = Data::read(&utilities(), files).expect("the example is sound");
    assert!(data.rows("Customer").len() >= 300);
    assert_eq!(data.rows("Customer")[0]["name"], Value::from("Eva de Vries"));
    assert_eq!(data.rows("Customer")[0].get("notes"), None);
    assert_eq!(data.rows("Move"), []);
}

#[test]
fn mistakes_in_data_name_file_and_line() {
    assert_eq!(
        mistakes(&[("data/Custmer.csv", "")]),
        ["data/Custmer.csv:1:1: there is no class `Custmer`\n    did you mean `Customer`?"]
    );
    assert_eq!(
        mistakes(&[("Meter.csv", "number,conection,installed_on,is_smart\n")]),
        [
            "Meter.csv:1:1: `Meter` has no `conection` to be given\n    did you mean `connection`?",
            "Meter.csv:1:1: column `connection` is missing, every `Meter` needs it",
        ]
    );
    let customers = "number,name,segment,language,is_life_support\n\
                     1,Eva,household,nl,false\n\
                     1,Bram,hosehold,nl,no\n\
                     ,Chris,household,nl,false\n";
    assert_eq!(
        mistakes(&[("Customer.csv", customers)]),
        [
            "Customer.csv:3:1: `is_life_support`: this is not `true` or `false`",
            "Customer.csv:3:1: `segment`: it is one of: household, business",
            "Customer.csv:3:1: two rows have the same `number`",
            "Customer.csv:4:1: `number`: a value is required",
        ]
    );
    assert_eq!(
        mistakes(&[("ContactPoint.csv", "customer,kind,value\n1,phone,x,y\n")]),
        ["ContactPoint.csv:2:1: the row cannot be read\n    \
         CSV in UTF-8, commas between the fields, as many fields as in the first row"]
    );
    assert_eq!(
        mistakes(&[("ContactPoint.csv", "customer,kind,value\n7,phone,x\n")]),
        ["ContactPoint.csv:2:1: no file has the `Customer` that this row leads to"]
    );
    assert_eq!(mistakes(&[("ContactPoint.csv", "id,customer,kind,value\n")]).len(), 1);
}
