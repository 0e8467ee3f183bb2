//! A table as JSON.

use caruso_metrics::Value;
use serde_json::{Map, Number, Value as Json, json};

use crate::{Row, Table, shown};

impl Table {
    /// One document: what the report is of, its columns with their formulas, rows and total. Times
    /// are whole seconds, shares per cent; null is where there is nothing to compute.
    pub fn json(&self) -> Json {
        let columns = self.columns.iter().map(|it| {
            json!({
                "id": it.id,
                "title": it.title,
                "figure": it.figure,
                "definition": it.definition,
                "unit": match it.unit { "s" => "seconds", "%" => "per cent", _ => "count" },
            })
        });
        let days = |(first, last): &(String, String)| json!({ "first": first, "last": last });
        json!({
            "report": self.report,
            "title": self.title,
            "days": days(&self.days),
            "compared_days": self.compared_days.as_ref().map(days),
            "zone": self.zone,
            "as_of": self.as_of,
            "interval": self.interval.name(),
            "by": self.by.iter().map(|it| it.name()).collect::<Vec<_>>(),
            "columns": columns.collect::<Vec<_>>(),
            "rows": self.rows.iter().map(|it| self.json_row(it)).collect::<Vec<_>>(),
            "total": self.json_row(&self.total),
        })
    }

    fn json_row(&self, row: &Row) -> Json {
        let groups = self.by.iter().zip(&row.groups);
        let groups: Map<String, Json> = groups
            .map(|(by, group)| {
                let id = (!group.id.is_empty()).then_some(&group.id);
                (by.name().to_owned(), json!({ "id": id, "title": group.title }))
            })
            .collect();
        let figures = |values: &[Value]| {
            let columns = self.columns.iter().zip(values);
            Json::Object(columns.map(|(it, value)| (it.id.clone(), figure(*value))).collect())
        };
        let mut document = json!({
            "interval": row.label,
            "groups": groups,
            "figures": figures(&row.values),
        });
        if self.compared_days.is_some() {
            document["compared"] = figures(&row.compared);
        }
        document
    }
}

fn figure(value: Value) -> Json {
    match value {
        Value::Nothing => Json::Null,
        Value::Count(count) => json!(count),
        Value::Millis(millis) => json!(shown::seconds(millis)),
        // the digits that are shown, as JSON has them
        Value::PerMille(_) => shown::number(value)
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map_or(Json::Null, Json::from),
    }
}
