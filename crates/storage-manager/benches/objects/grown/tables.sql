-- A database that has grown for thirty years: codes, flags of a letter, days as digits, names that
-- must be quoted. Every fiftieth customer is a vip.
CREATE TABLE "KDSTAMM" (
    "MANDT" char(3) NOT NULL,
    "KD NR" integer NOT NULL,
    "NAME1" varchar(60) NOT NULL,
    "SEG" char(1) NOT NULL,
    "SPERRE" char(1) NOT NULL,
    "ANLDAT" integer NOT NULL,
    "KREDLIM" numeric(12, 2),
    "BEMERK" text,
    "AENDZP" timestamp NOT NULL,
    "VERS" integer NOT NULL,
    PRIMARY KEY ("MANDT", "KD NR")
);
INSERT INTO "KDSTAMM"
SELECT '100', n, 'Customer number ' || n,
       CASE WHEN n % 50 = 0 THEN 'V' WHEN n % 3 = 0 THEN 'G' ELSE 'P' END,
       CASE WHEN n % 17 = 0 THEN 'J' ELSE 'N' END,
       (1994 + n % 31) * 10000 + (1 + n % 12) * 100 + 1 + n % 28,
       (n % 5000) * 10.5, 'Called about bill ' || n * 7 || ', calls again',
       timestamp '2020-01-01' + n * interval '17 minutes', 1
FROM generate_series(1, 100000) AS n;

CREATE TABLE "VERTR$KOPF" (
    "VTNR" integer PRIMARY KEY,
    "TARIF" char(4) NOT NULL,
    "BEGDAT" integer NOT NULL,
    "ENDDAT" integer NOT NULL,
    "BETRAG" numeric(12, 2) NOT NULL,
    "STAT" char(1) NOT NULL,
    "MANDT" char(3) NOT NULL,
    "KD NR" integer NOT NULL,
    "VERS" integer NOT NULL
);
INSERT INTO "VERTR$KOPF"
SELECT n, 'T' || lpad((1 + n / 7 % 40)::text, 3, '0'),
       (2000 + n % 25) * 10000 + (1 + n % 12) * 100 + 1 + n % 28,
       CASE WHEN n % 4 = 0 THEN 20300101 ELSE 99991231 END,
       (n % 9000) * 0.75, CASE WHEN n % 90 = 0 THEN 'X' ELSE 'A' END,
       '100', 1 + n * 7919::bigint % 100000, 1
FROM generate_series(1, 300000) AS n;
ALTER TABLE "VERTR$KOPF"
    ADD FOREIGN KEY ("MANDT", "KD NR") REFERENCES "KDSTAMM" ("MANDT", "KD NR");
CREATE INDEX ON "VERTR$KOPF" ("TARIF", "BEGDAT" DESC);
CREATE INDEX ON "VERTR$KOPF" ("MANDT", "KD NR");

-- Two telephone numbers a customer, each written as whoever typed it liked.
CREATE TABLE "KONTAKT" (
    "LFDNR" integer PRIMARY KEY,
    "NUMMER" varchar(40) NOT NULL,
    "MANDT" char(3) NOT NULL,
    "KD NR" integer NOT NULL
);
INSERT INTO "KONTAKT"
SELECT n,
       CASE n % 5
           WHEN 0 THEN '0151/' || 10000000 + n
           WHEN 1 THEN '+49 151 ' || 10000000 + n
           WHEN 2 THEN '0049151' || 10000000 + n
           WHEN 3 THEN '(0151) ' || overlay((10000000 + n)::text placing ' ' from 5 for 0)
           ELSE '0151-' || 10000000 + n
       END,
       '100', (n + 1) / 2
FROM generate_series(1, 200000) AS n;
ALTER TABLE "KONTAKT"
    ADD FOREIGN KEY ("MANDT", "KD NR") REFERENCES "KDSTAMM" ("MANDT", "KD NR");
CREATE INDEX ON "KONTAKT" ("MANDT", "KD NR");
