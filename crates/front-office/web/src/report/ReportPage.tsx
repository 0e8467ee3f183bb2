import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useCallback, useState } from "react";
import { desk } from "../app/api";
import { clockText, durationSeconds, shareText } from "../app/format";
import { useLoad } from "../app/load";
import { useShortcut } from "../app/shortcuts";
import type { ReportIncomingCallsResponse } from "../gen/caruso/desk/v1/desk_pb";
import type { IncomingCallsRow } from "../gen/caruso/monitor/v1/monitor_pb";
import { Button, ChoiceGroup, Empty, Notice, TextField } from "../kit";
import { en } from "../messages";
import { dayAfter, hourText, isDay } from "./day";
import { rowsWithCalls, totalsOf } from "./totals";

const WHOLE = "whole";
const HOURLY = "hourly";

export function ReportPage() {
  const [day, setDay] = useState("");
  const [rows, setRows] = useState(WHOLE);
  const isByHour = rows === HOURLY;
  const fetchReport = useCallback(
    (signal: AbortSignal) =>
      desk.reportIncomingCalls({ day, isByHour }, { signal, timeoutMs: 12_000 }),
    [day, isByHour],
  );
  const { answer, isLoading, problem, again } = useLoad(fetchReport);
  const shown = day || answer?.day || "";
  const go = (days: number) => shown && setDay(dayAfter(shown, days));
  useShortcut("[", en.report.previous, () => go(-1));
  useShortcut("]", en.report.next, () => go(1));
  return (
    <div className="page report" aria-busy={isLoading}>
      <header className="headline">
        <h1>{en.report.title}</h1>
      </header>
      <div className="controls">
        <Button onPress={() => go(-1)} label={en.report.previous} keys="[">
          ‹
        </Button>
        <TextField
          label={en.report.day}
          isLabelHidden
          type="date"
          value={shown}
          onChange={(next) => isDay(next) && setDay(next)}
        />
        <Button onPress={() => go(1)} label={en.report.next} keys="]">
          ›
        </Button>
        <Button onPress={() => (day ? setDay("") : again())}>{en.report.today}</Button>
        <span className="space" />
        <ChoiceGroup
          label={en.report.grouping}
          isLabelHidden
          look="segments"
          options={[
            { id: WHOLE, title: en.report.whole },
            { id: HOURLY, title: en.report.hourly },
          ]}
          value={rows}
          onChange={setRows}
        />
      </div>
      {problem ? (
        <Notice tone="bad" title={problem}>
          <Button onPress={again}>{en.retry}</Button>
        </Notice>
      ) : null}
      {answer && !problem ? <Report answer={answer} /> : null}
    </div>
  );
}

function Report({ answer }: { answer: ReportIncomingCallsResponse }) {
  const { report, zone } = answer;
  const all = report?.rows ?? [];
  const isByHour = new Set(all.map(({ intervalStart }) => intervalStart?.seconds)).size > 1;
  const rows = isByHour ? rowsWithCalls(all) : all;
  const threshold = durationSeconds(report?.serviceLevelThreshold) ?? 0;
  return (
    <>
      <section className="pane card" aria-label={en.report.title}>
        {totalsOf(all).offered === 0 ? (
          <Empty title={en.report.none} />
        ) : (
          <Table rows={rows} isByHour={isByHour} zone={zone} />
        )}
      </section>
      <p className="hint">
        {en.report.meaning(threshold)} {en.report.zone(zone)}
      </p>
    </>
  );
}

interface TableProperties {
  rows: IncomingCallsRow[];
  isByHour: boolean;
  zone: string;
}

const FIGURES = [
  en.report.offered,
  en.report.answered,
  en.report.abandoned,
  en.report.flowedOut,
  en.report.stillWaiting,
  en.report.serviceLevel,
  en.report.speed,
  en.report.longest,
  en.report.promises,
  en.report.handle,
  en.report.hold,
  en.report.consult,
];

function Table({ rows, isByHour, zone }: TableProperties) {
  const totals = totalsOf(rows);
  return (
    <div className="scroll">
      <table>
        <thead>
          <tr>
            {isByHour ? <th scope="col">{en.report.interval}</th> : null}
            <th scope="col">{en.report.queue}</th>
            {FIGURES.map((title) => (
              <th key={title} scope="col" className="figure">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.intervalStart?.seconds} ${row.queue}`} row={row}>
              {isByHour ? (
                <td>{row.intervalStart ? hourText(timestampMs(row.intervalStart), zone) : ""}</td>
              ) : null}
            </Row>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={isByHour ? 2 : 1}>
              {en.report.total}
            </th>
            <td className="figure">{totals.offered}</td>
            <td className="figure">{totals.answered}</td>
            <td className="figure">{totals.abandoned}</td>
            <td className="figure">{totals.flowedOut}</td>
            <td className="figure">{totals.stillWaiting}</td>
            <td colSpan={7} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Row({ row, children }: { row: IncomingCallsRow; children: React.ReactNode }) {
  const time = (seconds: number | undefined) =>
    seconds === undefined ? en.none : clockText(Math.round(seconds));
  return (
    <tr>
      {children}
      <th scope="row">{row.queueTitle || row.queue}</th>
      <td className="figure">{row.offered}</td>
      <td className="figure">{row.answered}</td>
      <td className="figure">{row.abandoned}</td>
      <td className="figure">{row.flowedOut}</td>
      <td className="figure">{row.stillWaiting}</td>
      <td className="figure">{shareText(row.serviceLevelBasisPoints) || en.none}</td>
      <td className="figure">{time(durationSeconds(row.averageSpeedOfAnswer))}</td>
      <td className="figure">{time(durationSeconds(row.longestWait))}</td>
      <td className="figure">{shareText(row.promisesKeptBasisPoints) || en.none}</td>
      <td className="figure">{time(durationSeconds(row.averageHandleTime))}</td>
      <td className="figure">{time(durationSeconds(row.averageHoldTime))}</td>
      <td className="figure">{time(durationSeconds(row.averageConsultTime))}</td>
    </tr>
  );
}
