import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
} from "react-aria-components";
import type { Option } from "./ChoiceGroup";

interface Properties {
  label: string;
  options: Option[];
  value: string;
  onChange: (id: string) => void;
}

/** One of several in a list that opens. */
export function Pick({ label, options, value, onChange }: Properties) {
  return (
    <Select
      className="field"
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
    >
      <Label className="label">{label}</Label>
      <Button className="input pick">
        <SelectValue className="text" />
        <span aria-hidden="true" className="arrow" />
      </Button>
      <Popover className="popover">
        <ListBox className="menu" items={options}>
          {({ id, title }) => (
            <ListBoxItem id={id} className="entry" textValue={title}>
              {title}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
