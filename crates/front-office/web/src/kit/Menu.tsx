import type { ReactNode } from "react";
import {
  Menu as AriaMenu,
  Button,
  Header,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from "react-aria-components";

export interface MenuEntry {
  id: string;
  title: string;
  keys?: string;
  mark?: ReactNode;
}

interface Properties {
  /** What the menu is about; read before what the button shows. */
  label: string;
  /** What the button shows. */
  children: ReactNode;
  heading?: string;
  entries: MenuEntry[];
  onChoose: (id: string) => void;
  isOpen?: boolean;
  onOpenChange?: (isOpen: boolean) => void;
  isDisabled?: boolean;
  keys?: string;
}

export function Menu(properties: Properties) {
  const { label, children, heading, entries, onChoose, isOpen, onOpenChange } = properties;
  const control = isOpen === undefined ? {} : { isOpen };
  return (
    <MenuTrigger {...control} {...(onOpenChange ? { onOpenChange } : {})}>
      <Button
        className="button plain normal opener"
        aria-keyshortcuts={properties.keys}
        isDisabled={properties.isDisabled ?? false}
      >
        <span className="unseen">{label}: </span>
        {children}
        <span aria-hidden="true" className="arrow" />
      </Button>
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="menu" onAction={(key) => onChoose(String(key))} autoFocus="first">
          <MenuSection aria-label={label}>
            {heading ? <Header className="heading">{heading}</Header> : null}
            {entries.map(({ id, title, keys, mark }) => (
              <MenuItem key={id} id={id} className="entry" textValue={title}>
                {mark}
                <span className="text">{title}</span>
                {keys ? <kbd className="keys">{keys}</kbd> : null}
              </MenuItem>
            ))}
          </MenuSection>
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
