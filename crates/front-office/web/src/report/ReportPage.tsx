import { useCallback, useState } from "react";
import { desk } from "../app/api";
import { useLoad } from "../app/load";
import { useShortcut } from "../app/shortcuts";
import type { ListReportsResponse, ReportTable } from "../gen/caruso/monitor/v1/monitor_pb";
import { Button, Empty, Notice, Pick, TextField } from "../kit";
import { en } from "../messages";
import { Behind } from "./Behind";
import { Chart } from "./Chart";
import { Export } from "./Export";
import { dayAfter, daysBetween, isDay } from "./day";
import { type Asked, chosen, groupings, INTERVALS, STANDARD, type Shown, titlesOf } from "./query";
import { Table } from "./Table";

/** Any report of the application: which one, which days, told apart by what. */
export function ReportPage() {
  const fetchList = useCallback(
    async (signal: AbortSignal) =>
      (await desk.listReports({}, { signal, timeoutMs: 4_000 })).reports,
    [],
  );
  const list = useLoad(fetchList);
  const [asked, setAsked] = useState<Asked>({ report: STANDARD });
  const fetchTable = useCallback(
    async (signal: AbortSignal) =>
      (await desk.runReport({ query: asked }, { signal, timeoutMs: 12_000 })).table,
    [asked],
  );
  const { answer: table, isLoading, problem, again } = useLoad(fetchTable);
  const [behind, setBehind] = useState<Shown>();
  const first = asked.first ?? table?.first ?? "";
  const last = asked.last ?? (asked.first ? asked.first : (table?.last ?? ""));
  const go = (way: number) => {
    if (!isDay(first) || !isDay(last)) return;
    const days = way * (daysBetween(first, last) + 1);
    setAsked({ ...asked, first: dayAfter(first, days), last: dayAfter(last, days) });
  };
  useShortcut("[", en.report.previous, () => go(-1));
  useShortcut("]", en.report.next, () => go(1));
  const change = (part: Partial<Asked>) => setAsked({ ...asked, ...part });
  return (
    <div className="page report" aria-busy={isLoading}>
      <header className="headline">
        <h1>{table?.title ?? en.report.title}</h1>
        <span className="space" />
        {table ? <Export asked={asked} /> : null}
      </header>
      <div className="controls">
        {list.answer ? (
          <Pick
            label={en.report.which}
            options={list.answer.reports}
            value={asked.report}
            onChange={(report) => setAsked(chosen(asked, report))}
          />
        ) : null}
        <Days first={first} last={last} onChange={change} />
        <div className="steps">
          <Button onPress={() => go(-1)} label={en.report.previous} keys="[">
            ‹
          </Button>
          <Button
            onPress={() => {
              const { first: _first, last: _last, ...rest } = asked;
              setAsked(rest);
            }}
          >
            {en.report.own}
          </Button>
          <Button onPress={() => go(1)} label={en.report.next} keys="]">
            ›
          </Button>
        </div>
      </div>
      {list.answer && table ? (
        <Choices list={list.answer} table={table} asked={asked} onChange={change} />
      ) : null}
      {problem || list.problem ? (
        <Notice tone="bad" title={problem || list.problem}>
          <Button
            onPress={() => {
              list.again();
              again();
            }}
          >
            {en.retry}
          </Button>
        </Notice>
      ) : null}
      {table && !problem ? <Report table={table} onBehind={setBehind} /> : null}
      {behind ? (
        <Behind asked={asked} shown={behind} onClose={() => setBehind(undefined)} />
      ) : null}
    </div>
  );
}

interface DaysProperties {
  first: string;
  last: string;
  onChange: (part: Partial<Asked>) => void;
}

/** Half a typed date changes nothing; a day after the last one, or before the first, moves that. */
function Days({ first, last, onChange }: DaysProperties) {
  return (
    <>
      <TextField
        label={en.report.first}
        type="date"
        value={first}
        onChange={(day) => isDay(day) && onChange({ first: day, last: last < day ? day : last })}
      />
      <TextField
        label={en.report.last}
        type="date"
        value={last}
        onChange={(day) => isDay(day) && onChange({ first: first > day ? day : first, last: day })}
      />
    </>
  );
}

interface ChoicesProperties {
  list: ListReportsResponse;
  table: ReportTable;
  asked: Asked;
  onChange: (part: Partial<Asked>) => void;
}

/** What can be chosen of this report; what is chosen is told by its table. */
function Choices({ list, table, asked, onChange }: ChoicesProperties) {
  const report = list.reports.find(({ id }) => id === table.report);
  const dimensions = report?.dimensions ?? [];
  const by = table.by.join(" ") || "none";
  const options = groupings(dimensions, by);
  return (
    <div className="controls">
      <Pick
        label={en.report.interval}
        options={titlesOf(INTERVALS, en.report.intervals)}
        value={table.interval}
        onChange={(interval) => onChange({ interval })}
      />
      <Pick
        label={en.report.by}
        options={options.map((id) => ({ id, title: en.report.byTitle(id) }))}
        value={by}
        onChange={(next) => onChange({ by: next })}
      />
      <Pick
        label={en.report.compare}
        options={titlesOf(["none", "previous", "week"], en.report.compares)}
        value={table.compare}
        onChange={(compare) => onChange({ compare })}
      />
      {dimensions.includes("queue") ? (
        <Pick
          label={en.report.queue}
          options={[{ id: "*", title: en.report.allQueues }, ...list.queues]}
          value={asked.queues?.[0] ?? "*"}
          onChange={(queue) => onChange({ queues: queue === "*" ? [] : [queue] })}
        />
      ) : null}
      {table.serviceLevel ? (
        <Pick
          label={en.report.serviceLevel}
          options={list.serviceLevels.map(({ id }) => ({ id, title: id }))}
          value={table.serviceLevel}
          onChange={(serviceLevel) => onChange({ serviceLevel })}
        />
      ) : null}
    </div>
  );
}

function Report({ table, onBehind }: { table: ReportTable; onBehind: (shown: Shown) => void }) {
  return (
    <>
      <Chart table={table} />
      <section className="pane card" aria-label={table.title}>
        {table.rows.length === 0 ? (
          <Empty title={en.report.none} detail={en.report.noneDetail} />
        ) : (
          <Table table={table} onBehind={onBehind} />
        )}
      </section>
      <p className="hint">{table.caption}</p>
      <section aria-label={en.report.formulas}>
        <h2>{en.report.formulas}</h2>
        <dl className="formulas">
          {table.columns.map(({ id, title, definition }) => (
            <div key={id}>
              <dt>{title}</dt>
              <dd>{definition}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
