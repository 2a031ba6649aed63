// Shows what this very server answers: its own head of this page, and what loading the page took.
(function () {
  "use strict";

  if (!location.protocol.startsWith("http") || !window.fetch)
    return;

  const show = (id, text) => { document.getElementById(id).textContent = text; };
  const titled = (name) => name === "etag" ? "ETag" : name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase());

  function line(parent, name, value) {
    const key = document.createElement("em");
    key.textContent = name;
    parent.append(key, value + "\n");
  }

  async function wire() {
    const reply = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
    const box = document.getElementById("wire");
    box.replaceChildren();
    line(box, "HEAD ", location.pathname + " HTTP/1.1");
    line(box, "Host: ", location.host);
    box.append("\n");
    line(box, "HTTP/1.1 ", reply.status + " " + reply.statusText);
    for (const [name, value] of reply.headers)
      line(box, titled(name) + ": ", value);
  }

  function facts() {
    const page = performance.getEntriesByType("navigation")[0];
    if (!page)
      return;
    const all = [page, ...performance.getEntriesByType("resource")];
    const bytes = all.reduce((sum, entry) => sum + entry.transferSize, 0);
    show("requests", all.length);
    show("received", bytes ? (bytes / 1000).toFixed(1) + " kB" : "cached");
    show("first-byte", (page.responseStart - page.requestStart).toFixed(1) + " ms");
    document.getElementById("facts").hidden = false;
  }

  wire().catch(() => {});
  if (document.readyState === "complete")
    facts();
  else
    addEventListener("load", facts);
})();
