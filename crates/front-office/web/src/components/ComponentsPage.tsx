import { useCallback, useEffect } from "react";
import { desk } from "../app/api";
import { useLoad } from "../app/load";
import { type Component, ComponentState } from "../gen/caruso/registry/v1/registry_pb";
import { Mark, Notice, type Tone } from "../kit";
import { en } from "../messages";
import { type Calls, callsByInstance, inOrder } from "./calls";

/** Milliseconds after which the list is fetched again. */
const AGAIN = 3_000;

const TONES: Record<ComponentState, Tone> = {
  [ComponentState.UNSPECIFIED]: "off",
  [ComponentState.SERVING]: "good",
  [ComponentState.DEGRADED]: "busy",
  [ComponentState.SUSPECT]: "bad",
  [ComponentState.DRAINING]: "work",
  [ComponentState.STANDBY]: "off",
};

/** The directory of the running system, as `caruso services` has it. */
export function ComponentsPage() {
  const fetchComponents = useCallback(
    (signal: AbortSignal) => desk.listComponents({}, { signal, timeoutMs: 5_000 }),
    [],
  );
  const { answer, problem, again } = useLoad(fetchComponents);
  useEffect(() => {
    const timer = window.setInterval(again, AGAIN);
    return () => window.clearInterval(timer);
  }, [again]);
  const components = inOrder(answer?.components ?? []);
  const calls = callsByInstance(components);
  return (
    <div className="page components">
      <header className="headline">
        <h1>{en.components.title}</h1>
        <span className="hint">{en.components.hint}</span>
      </header>
      {problem ? <Notice tone="bad" title={problem} /> : null}
      {answer?.isDevelopment ? (
        <Notice tone="work" title={en.components.development}>
          {en.components.developmentDetail}
        </Notice>
      ) : null}
      {answer ? (
        <section className="pane card" aria-label={en.components.title}>
          <div className="scroll">
            <table>
              <Head />
              <tbody>
                {components.map((component) => (
                  <Row
                    key={component.instance}
                    component={component}
                    calls={calls.get(component.instance)}
                    release={answer.releaseDigest}
                  />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ) : (
        <p className="loading">{en.loading}</p>
      )}
    </div>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">{en.components.component}</th>
        <th scope="col">{en.components.state}</th>
        <th scope="col">{en.components.version}</th>
        <th scope="col">{en.components.release}</th>
        <th scope="col">{en.components.offers}</th>
        <th scope="col" className="figure">
          {en.components.calls}
        </th>
        <th scope="col" className="figure">
          {en.components.failed}
        </th>
        <th scope="col" className="figure">
          {en.components.mean}
        </th>
      </tr>
    </thead>
  );
}

interface RowProperties {
  component: Component;
  calls: Calls | undefined;
  /** Digest of the release in force. */
  release: string;
}

function Row({ component, calls, release }: RowProperties) {
  const { state, version, offers, releaseRefusals } = component;
  return (
    <tr>
      <th scope="row">{component.component}</th>
      <td>
        <span className="state">
          <Mark tone={TONES[state]} />
          {en.components.states[state]}
        </span>
      </td>
      <td>{version}</td>
      <td>
        {releaseOf(component, release)}
        {releaseRefusals.map((refusal) => (
          <small key={refusal}>{refusal}</small>
        ))}
      </td>
      <td>
        {offers.length === 0 ? <small>{en.components.nothing}</small> : null}
        <ul className="offers">
          {offers.map((offer) => (
            <li key={offer.id}>
              {offer.interface}
              {offer.level > 0 ? <small> {en.components.level(offer.level)}</small> : null}
              {offer.finding ? <p className="problem">{offer.finding}</p> : null}
            </li>
          ))}
        </ul>
      </td>
      <td className="figure">{calls?.calls ?? en.none}</td>
      <td className="figure">{calls?.failures ?? en.none}</td>
      <td className="figure">{calls ? en.components.milliseconds(calls.mean) : en.none}</td>
    </tr>
  );
}

function releaseOf({ releaseDigest, releaseRefusals }: Component, current: string): string {
  if (releaseRefusals.length > 0) return en.components.refused;
  if (releaseDigest === "") return en.none;
  return releaseDigest === current ? en.components.applied : en.components.older;
}
