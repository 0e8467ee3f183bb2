import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button";

interface Properties {
  title: string;
  closeLabel: string;
  isOpen: boolean;
  onClose: () => void;
  /** What is in it takes the focus; else the button that closes it does. */
  hasOwnFocus?: boolean;
  children: ReactNode;
}

export function Dialog(properties: Properties) {
  const { title, closeLabel, isOpen, onClose, hasOwnFocus = false, children } = properties;
  return (
    <ModalOverlay
      className="veil"
      isOpen={isOpen}
      onOpenChange={(open) => open || onClose()}
      isDismissable
    >
      <Modal className="modal">
        <AriaDialog className="dialog">
          <Heading slot="title">{title}</Heading>
          {children}
          <div className="row end">
            <Button onPress={onClose} isFocusedFirst={!hasOwnFocus}>
              {closeLabel}
            </Button>
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
