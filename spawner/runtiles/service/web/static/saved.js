// What a snapshot holds, in one line; asked for once.
import { get, path } from "./api.js";
import { count } from "./format.js";
import { amount } from "./holdings.js";

const known = new Map();

async function describe(id) {
  try {
    const { variables, size, lost } = await get(path`/snapshots/${id}`);
    return `${amount(variables, size)} saved${lost ? `; ${count(lost, "thing")} could not be` : ""}`;
  } catch {
    // The runtime says that it is paused; how big the snapshot is can wait for another look.
    known.delete(id);
    return "";
  }
}

/** "12 variables, 1.2 GB saved"; empty when it cannot be found out. */
export function savedText(id) {
  if (!known.has(id)) known.set(id, describe(id));
  return known.get(id);
}
