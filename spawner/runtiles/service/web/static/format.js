// Numbers as people read them.

/** 1234567 -> "1.2 MB": the decimal units that container tools show. */
export function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** 16 GiB of memory, as machines are described. */
export function memory(count) {
  const gib = count / 2 ** 30;
  return gib >= 1 ? `${Number(gib.toFixed(1))} GiB` : `${Math.round(count / 2 ** 20)} MiB`;
}

/** 3700 -> "1 h 1 min"; the two largest units are enough. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** "5 minutes ago" for a time in the past, ISO 8601. */
export function ago(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  const steps = [[60, "minute"], [3600, "hour"], [86400, "day"]];
  const step = steps.filter(([size]) => seconds >= size).pop();
  if (!step) return "just now";
  const count = Math.floor(seconds / step[0]);
  return `${count} ${step[1]}${count === 1 ? "" : "s"} ago`;
}

/** The moment in the reader's own time: "16:05" for today, "12 Mar, 16:05" for another day. */
export function moment(iso) {
  const then = new Date(iso);
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === new Date().toDateString()) return time;
  return `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

/** How sentences of the service name a moment: `17:40 UTC`, `3 Mar 17:40 UTC`, ISO 8601. */
const HOUR = /(?:(\d{1,2}) ([A-Z][a-z]{2}) )?(\d\d):(\d\d) UTC/g;
const ISO = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;
const DAY_MS = 86_400_000;

/** A sentence of the service with this reader's hours in the place of UTC's: of each the one nearest to `near`. */
export function localTimes(text, near = Date.now()) {
  const hour = (found, day, month, hours, minutes) => {
    if (!month) {
      const at = near - (near % DAY_MS) + 60_000 * (60 * Number(hours) + Number(minutes));
      return moment(at + DAY_MS * Math.round((near - at) / DAY_MS));
    }
    const year = new Date(near).getUTCFullYear();
    const possible = [year - 1, year, year + 1].map((each) => Date.parse(`${day} ${month} ${each} ${hours}:${minutes} UTC`));
    const [first] = possible.filter(Number.isFinite).sort((a, b) => Math.abs(a - near) - Math.abs(b - near));
    return first === undefined ? found : moment(first);
  };
  return text.replace(HOUR, hour).replace(ISO, (iso) => moment(iso));
}

/** Date and time in full, for a tooltip. */
export function exactly(iso) {
  return new Date(iso).toLocaleString();
}

export function count(number, thing) {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** An image as people write it: without the default registry, which a local image never came from. */
export function familiar(image) {
  return String(image || "").replace(/^docker\.io\/(library\/)?/, "");
}
