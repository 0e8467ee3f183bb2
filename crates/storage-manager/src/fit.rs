//! Whether a class fits its table in the live database, column by column; all that does not fit is
//! said at once.

use caruso_database::{Catalog, Codec, Column as Live, Table, TableKind, TableName};
use caruso_object_model::{AttributeType, Class, KeySource, Stored};
use sea_orm::DbBackend;

use crate::database::tables_of;
use crate::plan::Column;

/// A class beside its table.
pub(crate) struct Fit<'a> {
    pub(crate) backend: DbBackend,
    class: &'a Class,
    /// The table of the class, then those that hold further parts of its objects.
    tables: Vec<Option<&'a Table>>,
    findings: Vec<String>,
}

impl<'a> Fit<'a> {
    pub(crate) fn new(backend: DbBackend, class: &'a Class, catalog: &'a Catalog) -> Self {
        let mut fit = Self { backend, class, tables: Vec::new(), findings: Vec::new() };
        for name in tables_of(class) {
            let table = find(catalog, &name, backend);
            if table.is_none() {
                fit.say(&format!("there is no table `{name}`"));
            }
            fit.tables.push(table);
        }
        if let Some(table) = fit.table() {
            fit.assigned(table);
        }
        fit
    }

    pub(crate) fn findings(self) -> Vec<String> {
        self.findings
    }

    /// True as long as everything was found and fits.
    pub(crate) fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    pub(crate) fn table(&self) -> Option<&'a Table> {
        self.tables.first().copied().flatten()
    }

    pub(crate) fn kind(&self) -> TableKind {
        self.table().map_or(TableKind::Table, |table| table.kind)
    }

    fn say(&mut self, what: &str) {
        self.findings.push(format!("class `{}`: {what}", self.class.name));
    }

    /// The live column of this name in one of the tables.
    fn live(&mut self, part: usize, name: &str) -> Option<&'a Live> {
        let table = self.tables.get(part).copied().flatten()?;
        let column = table.column(name);
        if column.is_none() {
            let known = table.columns.iter().map(|column| column.name.as_str());
            let nearest = caruso_markup::nearest(name, known);
            let hint = nearest.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            self.say(&format!("`{}` has no column `{name}`{hint}", table.name));
        }
        column
    }

    /// A column that holds values of a type, in one of the tables.
    pub(crate) fn column(
        &mut self,
        part: usize,
        name: &str,
        ty: &AttributeType,
        stored: &Stored,
    ) -> Option<Column> {
        let live = self.live(part, name)?;
        match Codec::resolve(self.backend, ty, stored, &live.physical, &live.declared) {
            Ok(codec) => {
                let is_nullable = live.is_nullable || !stored.missing.is_empty();
                let stored = live.name.clone();
                // a name that no column of the other tables has
                let name =
                    if part == 0 { stored.clone() } else { format!("caruso_{part}_{stored}") };
                Some(Column { name, stored, part, codec, is_nullable })
            }
            Err(unfit) => {
                self.say(&format!("column `{name}`: {unfit}"));
                None
            }
        }
    }

    /// The column that counts changes.
    pub(crate) fn counter(&mut self, name: &str) -> Option<Codec> {
        self.column(0, name, &AttributeType::Int, &Stored::default()).map(|column| column.codec)
    }

    /// An assigned key is one that the database does assign.
    fn assigned(&mut self, table: &Table) {
        let is_wrapped = self.class.wrapper.is_some();
        if is_wrapped || self.class.key_source != KeySource::Assigned {
            return;
        }
        for key in self.class.keys() {
            if table.column(&key.column).is_some_and(|column| !column.is_assigned) {
                self.say(&format!("column `{}`: the database does not assign it", key.column));
            }
        }
    }
}

/// The table of this name.
fn find<'a>(catalog: &'a Catalog, name: &TableName, backend: DbBackend) -> Option<&'a Table> {
    catalog.table(name).or_else(|| {
        // capitals tell tables apart only where two differ by them alone
        let is_it = |table: &&Table| {
            table.name.schema == name.schema && table.name.name.eq_ignore_ascii_case(&name.name)
        };
        catalog.tables.iter().find(is_it).filter(|_| backend == DbBackend::Sqlite)
    })
}
