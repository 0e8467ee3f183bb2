import { FieldError, Label, Radio, RadioGroup } from "react-aria-components";

export interface Option {
  id: string;
  title: string;
}

interface Properties {
  label: string;
  options: Option[];
  value: string;
  onChange: (id: string) => void;
  /** As a row of a table, the titles stand above it and are only told to screen readers. */
  look?: "list" | "segments" | "matrix";
  isLabelHidden?: boolean;
  problem?: string;
}

/** One of a few, all of them seen; arrow keys choose. */
export function ChoiceGroup(properties: Properties) {
  const { label, options, value, onChange, look = "list", problem = "" } = properties;
  return (
    <RadioGroup
      className={`choices ${look}`}
      value={value === "" ? null : value}
      onChange={onChange}
      isInvalid={problem !== ""}
      validationBehavior="aria"
      orientation={look === "list" ? "vertical" : "horizontal"}
    >
      <Label className={properties.isLabelHidden ? "unseen" : "label"}>{label}</Label>
      <div className="options">
        {options.map(({ id, title }) => (
          <Radio key={id} value={id} className="option">
            {look === "matrix" ? <span className="unseen">{title}</span> : title}
          </Radio>
        ))}
      </div>
      <FieldError className="problem">{problem}</FieldError>
    </RadioGroup>
  );
}
