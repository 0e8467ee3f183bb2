//! The same by hand-written SQL, in a process of its own without gRPC.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::civil::DateTime;
use rust_decimal::Decimal;
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::data::{Random, Updates};
use crate::load::{self, CALLERS, Caller, What};

pub(crate) const NAME: &str = "sql";

const POINT: &str = r#"
SELECT "MANDT", "KD NR", "NAME1", "SEG", "SPERRE", "ANLDAT", "KREDLIM", "BEMERK", "AENDZP", "VERS"
FROM "KDSTAMM" WHERE "MANDT" = $1 AND "KD NR" = $2 AND "SEG" <> 'V'"#;
const PAGE: &str = r#"
SELECT v."VTNR", v."TARIF", v."BEGDAT", v."ENDDAT", v."BETRAG", k."NAME1", k."SEG", k."SPERRE"
FROM "VERTR$KOPF" AS v LEFT JOIN "KDSTAMM" AS k
    ON k."MANDT" = v."MANDT" AND k."KD NR" = v."KD NR" AND k."SEG" <> 'V'
WHERE v."TARIF" = $1 AND v."STAT" <> 'X' ORDER BY v."BEGDAT" DESC, v."VTNR" LIMIT 50"#;
const UPDATE: &str = r#"
UPDATE "KDSTAMM" SET "BEMERK" = $1, "VERS" = "VERS" + 1
WHERE "MANDT" = $2 AND "KD NR" = $3 AND "VERS" = $4"#;

/// Answers each line `WHAT MILLISECONDS` with what came of it, until there are no more.
pub(crate) async fn serve(database: &str) -> anyhow::Result<()> {
    let mut callers = Vec::new();
    for number in 0..CALLERS {
        callers.push(Sql::connect(database, number).await?);
    }
    for line in std::io::stdin().lines() {
        let line = line?;
        let (what, length) = line.split_once(' ').context("two words")?;
        let what = What::of_word(what).context("something known")?;
        let length = Duration::from_millis(length.parse()?);
        let done = load::run(&mut callers, what, length).await?;
        println!("{} {} {} {}", done.requests, done.seconds, done.p50_ms, done.p99_ms);
    }
    Ok(())
}

struct Sql {
    client: Client,
    point: Statement,
    page: Statement,
    update: Statement,
    random: Random,
    updates: Updates,
}

impl Sql {
    async fn connect(database: &str, number: usize) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            point: client.prepare(POINT).await?,
            page: client.prepare(PAGE).await?,
            update: client.prepare(UPDATE).await?,
            client,
            random: Random::new(number),
            // behind those of the storage manager's callers
            updates: Updates::of(CALLERS + number),
        })
    }

    async fn point(&mut self) -> anyhow::Result<()> {
        let number = i32::try_from(self.random.customer())?;
        let row = self.client.query_opt(&self.point, &[&"100", &number]).await?;
        black_box(customer(&row.context("a customer")?)?);
        Ok(())
    }

    async fn page(&mut self) -> anyhow::Result<()> {
        let rows = self.client.query(&self.page, &[&self.random.tariff()]).await?;
        let rows = rows.iter().map(contract).collect::<Result<Vec<_>, _>>()?;
        ensure!(rows.len() == 50, "a page is 50 contracts");
        black_box(rows);
        Ok(())
    }

    async fn update(&mut self) -> anyhow::Result<()> {
        let (number, version) = self.updates.next();
        let (number, version) = (i32::try_from(number)?, i32::try_from(version)?);
        let remark = format!("Called again, {version}");
        let updated =
            self.client.execute(&self.update, &[&remark, &"100", &number, &version]).await?;
        ensure!(updated == 1, "somebody else changed {number}");
        Ok(())
    }
}

impl Caller for Sql {
    async fn ask(&mut self, what: What) -> anyhow::Result<()> {
        match what {
            What::Point => self.point().await,
            What::Page => self.page().await,
            What::Update => self.update().await,
            other => anyhow::bail!("there is no SQL for {}", other.word()),
        }
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read as an answer needs it, and looked at by nobody")]
struct Customer {
    client: String,
    number: i32,
    name: String,
    segment: String,
    is_blocked: bool,
    since: i32,
    credit_limit: Option<Decimal>,
    remark: Option<String>,
    changed_at: DateTime,
    version: i32,
}

fn customer(row: &Row) -> anyhow::Result<Customer> {
    Ok(Customer {
        client: row.try_get(0)?,
        number: row.try_get(1)?,
        name: row.try_get(2)?,
        segment: row.try_get(3)?,
        is_blocked: row.try_get::<_, &str>(4)? == "J",
        since: row.try_get(5)?,
        credit_limit: row.try_get(6)?,
        remark: row.try_get(7)?,
        changed_at: row.try_get(8)?,
        version: row.try_get(9)?,
    })
}

#[derive(Debug)]
#[expect(dead_code, reason = "as of a customer")]
struct Contract {
    number: i32,
    tariff: String,
    begins_on: i32,
    ends_on: i32,
    amount: Decimal,
    /// Name, segment, and whether blocked, of a customer who may be seen.
    customer: Option<(String, String, bool)>,
}

fn contract(row: &Row) -> anyhow::Result<Contract> {
    let customer = match row.try_get(5)? {
        Some(name) => Some((name, row.try_get(6)?, row.try_get::<_, &str>(7)? == "J")),
        None => None,
    };
    Ok(Contract {
        number: row.try_get(0)?,
        tariff: row.try_get(1)?,
        begins_on: row.try_get(2)?,
        ends_on: row.try_get(3)?,
        amount: row.try_get(4)?,
        customer,
    })
}
