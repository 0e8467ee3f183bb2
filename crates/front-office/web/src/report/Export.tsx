import { desk } from "../app/api";
import { useCommand } from "../app/command";
import { Menu } from "../kit";
import { en } from "../messages";
import type { Asked } from "./query";
import { titlesOf } from "./query";

const FORMATS = ["csv", "xlsx", "pdf", "json"];

/** The report as a file, with what is on the screen. */
export function Export({ asked }: { asked: Asked }) {
  const { isPending, problem, run } = useCommand();
  const save = (format: string) =>
    run(async () => {
      const of = { query: asked, format };
      const { file } = await desk.exportReport({ of }, { timeoutMs: 22_000 });
      if (file) keep(file.fileName, file.mediaType, file.content);
    });
  return (
    <>
      {problem ? <span className="problem">{problem}</span> : null}
      <Menu
        label={en.report.export}
        entries={titlesOf(FORMATS, en.report.formats)}
        onChoose={(format) => void save(format)}
        isDisabled={isPending}
      >
        {en.report.export}
      </Menu>
    </>
  );
}

function keep(name: string, type: string, content: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([new Uint8Array(content)], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
