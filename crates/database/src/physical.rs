//! What a column holds, in words that all engines share.

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Physical {
    /// True or false: PostgreSQL `boolean`, MariaDB `tinyint(1)`, SQLite `BOOLEAN`.
    Bool,
    /// A whole number.
    Int {
        /// 8, 16, 24, 32 or 64. SQLite has only 64.
        bits: u8,
        /// Without negative numbers (MariaDB).
        is_unsigned: bool,
    },
    /// An exact decimal; PostgreSQL's `numeric` need not say how long.
    Decimal {
        /// All digits.
        precision: Option<u32>,
        /// Those behind the point.
        scale: Option<u32>,
    },
    /// A binary floating point number of 64 bits.
    Float,
    /// One of 32 bits: PostgreSQL `real`, MariaDB `float`.
    Single,
    /// Text.
    Text {
        /// The most characters, where the column says.
        length: Option<u32>,
        /// `CHAR(n)`: blanks at the end mean nothing.
        is_padded: bool,
        /// How two texts compare.
        collation: Collation,
    },
    /// A value of an enumeration type of the database (PostgreSQL; MariaDB `enum`), held as text.
    Enum {
        /// Its quoted name, where casts need it (PostgreSQL).
        name: Option<String>,
        /// The values it has.
        values: Vec<String>,
    },
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A date with a time of day, of an unsaid zone: `timestamp`, MariaDB `datetime`.
    DateTime,
    /// A point in time: `timestamptz`, MariaDB `timestamp`.
    Instant,
    /// A UUID.
    Uuid,
    /// JSON.
    Json,
    /// Bytes.
    Bytes,
    /// Something else; the declared type says what.
    Other,
}

/// How two texts of a column compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collation {
    /// By code points: equal texts are the same texts. (PostgreSQL `C`, MariaDB `…_nopad_bin`,
    /// SQLite `BINARY`.)
    Exact,
    /// Equal only when the same, but ordered as a language does (PostgreSQL).
    Sorted,
    /// Texts that differ may be equal: capitals, accents or blanks at the end (MariaDB, SQLite
    /// `NOCASE`).
    Loose,
}
