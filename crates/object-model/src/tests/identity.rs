//! Keys, revisions, schemas and the columns of relations.

use proptest::prelude::*;

use super::{class, file, member_mistakes, mistakes, sound};
use crate::key::{join, split};
use crate::{Model, Revision};

/// A class whose key is a choice, a date and a text, and one that leads there and shares a column.
pub(super) const COMPOSITE: &str = r#"
<enum name="kind"><value name="gas" stored="G"/><value name="power" stored="E"/></enum>
<class id="c" name="Point" table="PUNT" key="kind since code" revision-of="changed_at k"
    writable="yes">
  <attribute id="c1" name="k" column="X" type="int"/>
  <attribute id="c2" name="code" column="CODE" type="text" required="yes"/>
  <attribute id="c3" name="kind" column="SRT" type="choice" enum="kind" required="yes"/>
  <attribute id="c4" name="since" column="VAN" type="date" stored="yyyymmdd" required="yes"/>
  <attribute id="c5" name="changed_at" column="GEWIJZIGD" type="instant"/>
</class>
<class id="d" name="Reading" table="STAND" key="kind number">
  <attribute id="d1" name="kind" column="SRT" type="choice" enum="kind" required="yes"/>
  <attribute id="d2" name="number" column="NR" type="int" required="yes"/>
  <attribute id="d3" name="code" column="CODE" type="text"/>
  <to-one id="dr1" name="point" class="Point">
    <column name="srt"/><column name="VAN"/><column name="CODE"/>
  </to-one>
  <to-one id="dr2" name="earlier" class="Reading">
    <column name="SRT"/><column name="VORIG"/>
  </to-one>
</class>"#;

#[test]
fn a_key_takes_several_attributes_in_the_order_that_is_said() {
    let model = sound(COMPOSITE);
    let point = model.class("Point").expect("it is there");
    let names: Vec<&str> = point.keys().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["kind", "since", "code"]);
    assert_eq!((point.keys().len(), point.single_key().is_none()), (3, true));
    assert!(point.is_key("code") && !point.is_key("k") && !point.is_key("nothing"));
    let relation = &model.class("Reading").expect("it is there").to_one()[0];
    assert_eq!(relation.columns, ["srt", "VAN", "CODE"]);
    assert_eq!(model.target(relation).map(|target| target.name.as_str()), Some("Point"));
}

#[test]
fn a_key_that_cannot_tell_objects_apart_is_found_at_its_place() {
    let keys = |key: &str| mistakes(&class("", FURTHER).replace("key=\"k\"", key));
    let hint = "(a key is a required text, int, date or choice)";
    let table = [
        ("key=\"k  kk\"", "3:42 CB0204 there is no attribute `kk` (did you mean `k`?)".to_owned()),
        ("key=\"k d k\"", "3:43 CB0204 `k` stands twice".to_owned()),
        ("key=\"d f\"", format!("3:41 CB0204 `f` cannot be the key {hint}")),
        ("key=\"k o\"", format!("3:41 CB0204 `o` cannot be the key {hint}")),
    ];
    for (key, expected) in table {
        assert_eq!(keys(key), [expected], "{key}");
    }
    let hint = "(an assigned key is one required int)";
    for key in ["k l", "d"] {
        let expected = format!("3:39 CB0204 the database cannot assign `{key}` {hint}");
        assert_eq!(keys(&format!("key=\"{key}\" key-source=\"assigned\"")), [expected]);
    }
    assert_eq!(keys("key=\"k\" key-source=\"assigned\""), [""; 0]);
}

const FURTHER: &str = "\
    <attribute id=\"d\" name=\"d\" column=\"D\" type=\"date\" required=\"yes\"/>\n\
    <attribute id=\"f\" name=\"f\" column=\"F\" type=\"bool\" required=\"yes\"/>\n\
    <attribute id=\"l\" name=\"l\" column=\"L\" type=\"int\" required=\"yes\"/>\n\
    <attribute id=\"o\" name=\"o\" column=\"O\" type=\"int\"/>";

#[test]
fn an_unsound_key_attribute_is_no_second_mistake() {
    let unsound = class("", "").replace("type=\"int\"", "type=\"int\" stored=\"padded:19\"");
    let found = mistakes(&unsound);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("4:"), "{found:?}");
}

#[test]
fn a_revision_is_a_column_or_attributes_or_all_that_is_read() {
    let model = sound(COMPOSITE);
    let revision = |name: &str| model.class(name).map(|class| class.revision.clone());
    assert_eq!(revision("Point"), Some(Revision::Attributes(vec![4, 0])));
    assert_eq!(revision("Reading"), Some(Revision::Content));
    let is_writable = |name: &str| model.class(name).map(|class| class.is_writable);
    assert_eq!((is_writable("Point"), is_writable("Reading")), (Some(true), Some(false)));
    assert_eq!(
        mistakes(&class("revision-of=\"k\"", "")),
        ["3:68 CB0207 a class has `revision` or `revision-of`, not both"]
    );
    let of = |names: &str| {
        mistakes(&class("", "").replace("revision=\"V\"", &format!("revision-of=\"{names}\"")))
    };
    assert_eq!(of("k kk"), ["3:57 CB0207 there is no attribute `kk` (did you mean `k`?)"]);
    assert_eq!(of("k k"), ["3:57 CB0207 `k` stands twice"]);
}

#[test]
fn a_relation_has_one_column_for_each_part_of_the_key() {
    let one = COMPOSITE.replace("<column name=\"VAN\"/>", "");
    assert_eq!(
        mistakes(&one),
        ["17:40 CB0206 the key of `Point` takes 3 columns, not 2 \
          (name a column for each of: kind, since, code)"]
    );
    assert_eq!(
        member_mistakes("<to-one id=\"r\" name=\"r\" class=\"A\"/>"),
        ["5:1 CB0211 relation `r` is mapped to no column \
          (say it here, or in a file of `business-objects-mapping`)"]
    );
    let both = "<to-one id=\"r\" name=\"r\" class=\"A\" column=\"R\"><column name=\"S\"/>\
                </to-one>\n\
                <to-many id=\"s\" name=\"s\" class=\"A\" inverse=\"r\"/>";
    assert_eq!(
        member_mistakes(both),
        ["5:43 CB0206 the columns are named in two ways \
          (take the attribute for one column, or elements for several)"]
    );
}

#[test]
fn relations_share_columns_but_not_with_the_revision_nor_within_themselves() {
    let shared = "<attribute id=\"a\" name=\"a\" column=\"R\" type=\"int\"/>\n\
                  <to-one id=\"r\" name=\"r\" class=\"A\" column=\"R\"/>\n\
                  <to-one id=\"s\" name=\"s\" class=\"A\"><column name=\"r\"/></to-one>";
    assert_eq!(member_mistakes(shared), [""; 0]);
    assert_eq!(
        member_mistakes("<to-one id=\"r\" name=\"r\" class=\"A\" column=\"v\"/>"),
        ["5:43 CB0103 column `v` is used twice"]
    );
    let twice = COMPOSITE.replace("<column name=\"VAN\"/>", "<column name=\"SRT\"/>");
    assert_eq!(mistakes(&twice), ["18:39 CB0103 column `SRT` is used twice"]);
}

#[test]
fn a_schema_is_that_of_the_file_unless_the_class_says_another() {
    let other = |schema: &str, letter: &str| {
        let named = class(schema, "").replace("name=\"A\"", &format!("name=\"{letter}\""));
        named.replace("id=\"", &format!("id=\"{letter}"))
    };
    let classes = [other("", "A"), other("schema=\"old\"", "B"), other("schema=\"\"", "C")];
    let text = file(&classes.concat()).replace("country=", "schema=\"own\" country=");
    let (model, findings) = Model::read([("m.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    let schemas: Vec<_> = model.classes().map(|class| class.schema.as_deref()).collect();
    assert_eq!(schemas, [Some("own"), Some("old"), None]);
    let twice = [other("schema=\"x\"", "A"), other("schema=\"X\"", "B")].concat();
    let found = mistakes(&twice);
    assert!(found.len() == 1 && found[0].ends_with("CB0104 table `T` is used twice"), "{found:?}");
}

#[test]
fn what_is_no_key_of_so_many_parts_is_not_split() {
    for (text, parts) in
        [("a", 2), ("a,b,c", 2), (r"a\,b", 2), (r"a,b\", 2), (r"a,\b", 2), ("a", 0)]
    {
        assert_eq!(split(text, parts), None, "{text} {parts}");
    }
    assert_eq!(split(",", 2), Some(vec![String::new(), String::new()]));
}

proptest! {
    #[test]
    fn a_joined_key_splits_into_its_parts(
        parts in prop::collection::vec(r"[a-c,\\ é]{0,6}", 0..5),
    ) {
        prop_assert_eq!(split(&join(&parts), parts.len()), Some(parts));
    }

    #[test]
    fn a_single_part_is_the_key(part in r"[a-c,\\]{0,9}") {
        prop_assert_eq!(join(std::slice::from_ref(&part)), part.as_str());
        prop_assert_eq!(split(&part, 1), Some(vec![part]));
    }

    #[test]
    fn a_key_has_one_text(text in r"[ab,\\]{0,9}", parts in 1_usize..5) {
        if let Some(found) = split(&text, parts) {
            prop_assert_eq!(join(&found), text);
        }
    }
}
