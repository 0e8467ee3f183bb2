import { useState } from "react";
import { desk as client } from "../app/api";
import { isCall } from "../app/channel";
import { useCommand } from "../app/command";
import { fieldsOf, summaryOf, wordsOf } from "../app/format";
import type { CurrentContact } from "../gen/caruso/contact/v1/contact_pb";
import type { Customer, RelatedObjects, WatchDeskResponse } from "../gen/caruso/desk/v1/desk_pb";
import type { Attribute, Object$ } from "../gen/caruso/storage/v1/storage_manager_pb";
import { Button, Empty, Facts } from "../kit";
import { en } from "../messages";

interface Properties {
  desk: WatchDeskResponse;
  contact: CurrentContact;
}

/** Who calls: a record, a choice among several, or nobody known. */
export function CustomerPane({ desk, contact }: Properties) {
  const { customers, customerKey, late } = desk;
  const [isChoosing, setChoosing] = useState(false);
  if (customers.length === 0) {
    if (late.includes("customers")) return <Empty title={en.customer.late} />;
    const nobody = isCall(contact.channel) ? en.customer.withheld : en.customer.unknown;
    const title = contact.callingNumber === "" ? nobody : en.customer.none;
    return <Empty title={title} detail={en.customer.noneDetail} />;
  }
  const only = customers.length === 1 ? customers[0] : undefined;
  const chosen = only ?? customers.find(({ object }) => object?.key === customerKey);
  if (!chosen || isChoosing) {
    const onDone = () => setChoosing(false);
    return <ChooseCustomer customers={customers} contactId={contact.contactId} onDone={onDone} />;
  }
  return (
    <>
      <CustomerCard customer={chosen} isRelatedLate={late.includes("related")} />
      {only ? null : (
        <Button look="quiet" onPress={() => setChoosing(true)}>
          {en.customer.other}
        </Button>
      )}
    </>
  );
}

interface Choosing {
  customers: Customer[];
  contactId: string;
  onDone: () => void;
}

function ChooseCustomer({ customers, contactId, onDone }: Choosing) {
  const command = useCommand();
  const choose = async (customerKey: string) => {
    const request = { contactId, customerKey };
    if (await command.run(() => client.chooseCustomer(request, { timeoutMs: 3_000 }))) onDone();
  };
  return (
    <div className="card">
      <h2>{en.customer.several}</h2>
      {command.problem ? <p className="problem">{command.problem}</p> : null}
      <ul className="candidates">
        {customers.map(({ title, object, attributes }) => (
          <li key={object?.key}>
            <div>
              <strong>{title}</strong>
              {object ? (
                <Line attributes={attributes} object={object} count={3} known={title} />
              ) : null}
            </div>
            <Button
              label={`${en.customer.choose}: ${title}`}
              isPending={command.isPending}
              onPress={() => void choose(object?.key ?? "")}
            >
              {en.customer.choose}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function CustomerCard({ customer, isRelatedLate }: { customer: Customer; isRelatedLate: boolean }) {
  const { object, title, attributes, related } = customer;
  if (!object) return null;
  const fields = fieldsOf(attributes, object).filter(([, text]) => text !== title);
  const empty = related.filter(({ objects }) => objects.length === 0).map(labelOf);
  return (
    <>
      <div className="card record">
        <h2 className="who">{title}</h2>
        <Facts facts={fields} />
      </div>
      {related.map((each) =>
        each.objects.length === 0 ? null : <Related key={each.class} related={each} />,
      )}
      {isRelatedLate ? <p className="hint">{en.customer.relatedLate}</p> : null}
      {empty.length > 0 ? (
        <p className="hint">{en.customer.nothingOf(empty.join(", "))}</p>
      ) : null}
    </>
  );
}

function labelOf(related: RelatedObjects): string {
  return related.label || wordsOf(related.class);
}

const FIRST = 3;

function Related({ related }: { related: RelatedObjects }) {
  const [isWhole, setWhole] = useState(false);
  const { attributes, objects } = related;
  const shown = isWhole ? objects : objects.slice(0, FIRST);
  return (
    <section className="card related">
      <h3>{en.customer.related(labelOf(related), objects.length)}</h3>
      {shown.map((object) => (
        <details key={object.key}>
          <summary>
            <Line attributes={attributes} object={object} count={4} />
          </summary>
          <Facts facts={fieldsOf(attributes, object)} />
        </details>
      ))}
      {objects.length > FIRST ? (
        <Button look="quiet" size="small" onPress={() => setWhole(!isWhole)}>
          {isWhole ? en.customer.showLess : en.customer.showAll(objects.length)}
        </Button>
      ) : null}
    </section>
  );
}

interface LineProperties {
  attributes: Attribute[];
  object: Object$;
  /** How many values at most. */
  count: number;
  /** What is said beside it already. */
  known?: string;
}

/** What says most about an object, in a line that breaks like text. */
function Line({ attributes, object, count, known }: LineProperties) {
  const fields = summaryOf(attributes, object).filter(([, text]) => text !== known);
  const [first, ...others] = fields.slice(0, count);
  return (
    <span className="line">
      <span className={known ? "" : "first"}>{first?.[1] ?? object.key}</span>
      {others.map(([label, text]) => (
        <span key={label}>
          {" "}
          <span className="further" title={label}>
            {text}
          </span>
        </span>
      ))}
    </span>
  );
}
