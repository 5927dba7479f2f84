// Reads an address with a token in it, as people paste it into VS Code, and does with it what VS Code does:
// the settings are those of its Jupyter extension (baseUrl, wsUrl, token, appendToken).
// Prints a JSON object as its last line (the library has words of its own before). Its address comes on standard input: an argument would be seen by everybody.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(`${process.env.NODE_FOLDER}/`));
const { KernelManager, KernelSpecManager, ServerConnection } = require("@jupyterlab/services");

const address = new URL(readFileSync(0, "utf8").trim());
const token = address.searchParams.get("token");
const baseUrl = `${address.origin}${address.pathname}`;
const serverSettings = ServerConnection.makeSettings({
  baseUrl,
  appUrl: "",
  wsUrl: baseUrl.replace(/^http/, "ws"),
  token,
  appendToken: true,
});

const specs = new KernelSpecManager({ serverSettings });
await specs.ready;
if (!specs.specs) throw new Error("The server refuses the address.");
const kernels = new KernelManager({ serverSettings });
await kernels.ready;
const kernel = await kernels.startNew({ name: specs.specs.default });

async function run(code) {
  const outputs = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = (message) => {
    const { content, header } = message;
    if (header.msg_type === "stream") outputs.push(content.text);
    if (header.msg_type === "execute_result") outputs.push(content.data["text/plain"]);
    if (header.msg_type === "error") outputs.push(content.ename);
    if (content.text === "begun\n") kernel.interrupt();
  };
  const reply = await future.done;
  return { status: reply.content.status, outputs };
}

const result = {
  kernelspecs: Object.keys(specs.specs.kernelspecs),
  sum: await run("print('hello'); 6 * 7"),
  interrupted: await run("import time; print('begun', flush=True); time.sleep(600)"),
  after: await run("'alive'"),
};
await kernel.shutdown();
await kernels.refreshRunning();
result.left = [...kernels.running()].filter((model) => model.id === kernel.id).length;
kernels.dispose();
specs.dispose();
console.log(JSON.stringify(result));
process.exit(0);
