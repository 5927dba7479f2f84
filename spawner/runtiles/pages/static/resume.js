// Where a page offers to start a runtime that is paused, it offers to resume it. Who is paused only the
// service knows; while it does not answer, there is Start.
window.runtiles.resume = (() => {
  "use strict";
  const { apiPath, errorText, hub, service } = window.runtiles;

  /** The person's paused runtimes by the Hub's name of the server; null when nobody can say. */
  async function asked(url, user) {
    if (!url || user !== hub.user) return null;
    try {
      const response = await service.call(url, user, "GET", "runtimes");
      if (!response || !response.ok) return null;
      const found = (await response.json()).filter(({ actions }) => actions.includes("resume"));
      return new Map(found.map((runtime) => [runtime.name === "default" ? "" : runtime.name, runtime]));
    } catch {
      return null;
    }
  }

  /** As `asked`; none when nobody can say. */
  const paused = async (url, user) => (await asked(url, user)) || new Map();

  /** Resumes and goes to the pending page. Throws with what to tell the person. */
  async function go(url, user, server) {
    let response = null;
    try {
      response = await service.call(url, user, "POST", `runtimes/${apiPath(server || "default")}/resume`, {});
    } catch {
      throw new Error("The service does not answer.");
    }
    if (!response) throw new Error("Your session may have ended. Load the page again and sign in.");
    if (!response.ok) throw new Error(await errorText(response));
    location.assign(`${hub.base_url}spawn-pending/${apiPath(user)}${server ? `/${apiPath(server)}` : ""}`);
  }

  /** Makes a button resume; `say` is given what goes on. */
  function arm(button, say, url, user, server) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      say("Resuming…");
      try {
        await go(url, user, server);
      } catch (error) {
        say(error.message);
        button.disabled = false;
      }
    });
  }

  return { arm, asked, paused };
})();
