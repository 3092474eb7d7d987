// Draws the OpenAPI document of this service. No library, nothing from elsewhere; every text is set as text.
"use strict";

const el = (name, attributes = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((it) => it !== undefined && it !== null));
  return node;
};

let doc;
const resolve = (it) => {
  for (let i = 0; it && it.$ref && i < 20; i++) {
    it = it.$ref.slice(2).split("/").reduce((at, key) => at?.[key.replace(/~1/g, "/").replace(/~0/g, "~")], doc);
  }
  return it ?? {};
};
const nameOf = (schema) => schema?.$ref?.split("/").pop();

// The type of a schema in a few words.
function typeOf(schema) {
  if (!schema) return "anything";
  if (schema.$ref) return nameOf(schema);
  const many = schema.oneOf ?? schema.anyOf;
  if (many) return many.map(typeOf).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((it) => JSON.stringify(it)).join(", ");
  const types = [schema.type ?? "anything"].flat();
  return types.map((type) => {
    if (type === "array") return `list of ${typeOf(schema.items)}`;
    return schema.format && type !== "null" ? `${type} (${schema.format})` : type;
  }).join(" or ");
}

// The rules of a schema in a few words.
function rulesOf(schema) {
  const words = {
    minLength: "at least # characters", maxLength: "at most # characters", pattern: "like #",
    minimum: "at least #", maximum: "at most #", exclusiveMinimum: "more than #", exclusiveMaximum: "less than #",
    minItems: "at least # items", maxItems: "at most # items", uniqueItems: "no item twice", default: "default #",
  };
  return Object.entries(words)
    .filter(([key]) => schema?.[key] !== undefined)
    .map(([key, text]) => text.replace("#", typeof schema[key] === "string" ? schema[key] : JSON.stringify(schema[key])))
    .join(", ");
}

// The fields of a schema as a table; named schemas inside unfold where they stand.
function fields(schema, seen = []) {
  const name = nameOf(schema);
  const it = resolve(schema);
  const inner = it.type === "array" ? it.items : (it.oneOf ?? it.anyOf ?? it.allOf);
  if (!it.properties) {
    if (it.type === "array" && inner) return el("div", {}, el("p", {}, `List of ${typeOf(inner)}`), fields(inner, seen));
    if (Array.isArray(inner)) return el("div", {}, ...inner.map((branch) => el("div", {}, el("p", {}, typeOf(branch)), fields(branch, seen))));
    return el("p", {}, el("code", {}, typeOf(it)), " ", rulesOf(it));
  }
  const required = it.required ?? [];
  const rows = Object.entries(it.properties).map(([key, value]) => {
    const target = value.$ref ? value : value.items?.$ref ? value.items : (value.anyOf ?? []).find((branch) => branch.$ref);
    const unfold = target && !seen.includes(nameOf(target)) && resolve(target).properties;
    return el("tr", {},
      el("td", { class: required.includes(key) ? "must" : undefined }, el("code", {}, key)),
      el("td", {}, el("code", {}, typeOf(value))),
      el("td", {}, [value.description ?? (value.$ref ? resolve(value).description : undefined), rulesOf(value)].filter(Boolean).join("; "),
        unfold ? el("details", {}, el("summary", {}, nameOf(target)), el("div", {}, fields(target, [...seen, name]))) : undefined));
  });
  return el("table", {}, el("tbody", {}, ...rows));
}

// A value that fits a schema, to begin with.
function example(schema, depth = 0) {
  const it = resolve(schema);
  if (it.examples?.length) return it.examples[0];
  if (it.example !== undefined) return it.example;
  if (it.default !== undefined && it.default !== null) return it.default;
  if (it.const !== undefined) return it.const;
  if (it.enum) return it.enum[0];
  const branch = (it.oneOf ?? it.anyOf ?? it.allOf)?.[0];
  if (branch && !it.properties) return example(branch, depth + 1);
  const type = [it.type].flat()[0];
  if (type === "object" || it.properties) {
    if (depth > 6) return {};
    const required = it.required ?? Object.keys(it.properties ?? {});
    return Object.fromEntries(required.map((key) => [key, example(it.properties?.[key], depth + 1)]));
  }
  if (type === "array") return depth > 6 || !it.minItems ? [] : [example(it.items, depth + 1)];
  if (type === "integer" || type === "number") return Math.max(it.minimum ?? 0, 0);
  if (type === "boolean") return false;
  if (type === "null") return null;
  const formats = { uuid: "01890a5d-ac96-774b-bcce-b302099a8057", "date-time": "2026-01-31T12:00:00Z", date: "2026-01-31", email: "name@example.org" };
  return formats[it.format] ?? "text".padEnd(it.minLength ?? 0, "x").slice(0, it.maxLength ?? 80);
}

// A form that sends the request to this very service.
function tryIt(path, method, operation, parameters) {
  const inputs = parameters.map((it) => {
    const input = el("input", { name: it.name, placeholder: typeOf(it.schema), "aria-label": `${it.name} in ${it.in}` });
    return [it, input];
  });
  const [media, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = media && el("textarea", { "aria-label": "body", spellcheck: "false" });
  if (body) body.value = content.schema ? JSON.stringify(example(content.schema), null, 2) : "";
  const result = el("div", { "aria-live": "polite" });
  const send = async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    const headers = {};
    for (const [it, input] of inputs) {
      if (it.in === "path") url = url.replace(`{${it.name}}`, encodeURIComponent(input.value));
      else if (input.value === "") continue;
      else if (it.in === "query" && it.explode && it.schema.type === "array") input.value.split(",").forEach((one) => query.append(it.name, one));
      else if (it.in === "query") query.set(it.name, input.value);
      else headers[it.name] = input.value;
    }
    if (media) headers["Content-Type"] = media;
    if (query.size) url += `?${query}`;
    const began = performance.now();
    try {
      const response = await fetch(url, { method: method.toUpperCase(), headers, body: body?.value });
      let text = await response.text();
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
      const shown = ["content-type", "location", "link", "x-request-id"].filter((it) => response.headers.has(it));
      result.replaceChildren(
        el("p", {}, el("span", { class: "status" }, `${response.status}`), ` in ${Math.round(performance.now() - began)} ms`),
        el("pre", {}, `${shown.map((it) => `${it}: ${response.headers.get(it)}\n`).join("")}\n${text}`));
    } catch (error) {
      result.replaceChildren(el("p", {}, `The request did not get through: ${error.message}`));
    }
  };
  const rows = inputs.map(([it, input]) => el("tr", {}, el("td", {}, el("code", {}, it.name)), el("td", {}, input)));
  return el("details", {}, el("summary", {}, "Try it"), el("div", {},
    el("form", { onsubmit: send },
      rows.length ? el("table", {}, el("tbody", {}, ...rows)) : undefined, body,
      el("p", {}, el("button", { type: "submit" }, `Send ${method.toUpperCase()}`))), result));
}

function operationOf(path, method, operation) {
  const parameters = (operation.parameters ?? []).map(resolve);
  const parts = [];
  if (operation.description) parts.push(...operation.description.split("\n\n").map((text) => el("p", {}, text)));
  if (parameters.length) {
    parts.push(el("h3", {}, "Parameters"), el("table", {}, el("tbody", {}, ...parameters.map((it) => el("tr", {},
      el("td", { class: it.required ? "must" : undefined }, el("code", {}, it.name)),
      el("td", {}, it.in),
      el("td", {}, el("code", {}, typeOf(it.schema))),
      el("td", {}, [it.description, rulesOf(resolve(it.schema))].filter(Boolean).join("; ")))))));
  }
  for (const [media, content] of Object.entries(operation.requestBody?.content ?? {})) {
    parts.push(el("h3", {}, `Body: ${nameOf(content.schema) ?? ""} `, el("code", {}, media)));
    if (content.schema) parts.push(fields(content.schema));
  }
  parts.push(el("h3", {}, "Answers"));
  for (const [status, answer] of Object.entries(operation.responses)) {
    const it = resolve(answer);
    const [media, content] = Object.entries(it.content ?? {})[0] ?? [];
    const line = [el("span", { class: "status" }, status === "default" ? "other" : status), el("span", { class: "about" }, it.description ?? "")];
    const headers = Object.entries(it.headers ?? {}).map(([name, header]) => el("p", {}, el("code", {}, name), ` ${header.description ?? ""}`));
    parts.push(content?.schema
      ? el("details", {}, el("summary", {}, ...line), el("div", {}, ...headers, el("p", {}, `${typeOf(content.schema)} as `, el("code", {}, media)), fields(content.schema)))
      : el("p", {}, ...line.flatMap((node) => [node, " "])));
  }
  parts.push(tryIt(path, method, operation, parameters));
  const words = [path, method, operation.operationId, operation.summary, operation.description].join(" ").toLowerCase();
  return el("details", { id: operation.operationId, "data-words": words },
    el("summary", {},
      el("span", { class: `method ${method}` }, method.toUpperCase()),
      el("span", { class: operation.deprecated ? "path old" : "path" }, path),
      el("span", { class: "about" }, operation.summary ?? "")),
    el("div", {}, ...parts));
}

function draw() {
  document.title = doc.info.title;
  document.getElementById("title").textContent = `${doc.info.title} ${doc.info.version}`;
  document.getElementById("about").textContent = doc.info.description ?? "";
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "";
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operationOf(path, method, operation));
    }
  }
  const content = document.getElementById("content");
  content.replaceChildren(...[...groups].map(([tag, nodes]) => el("section", {}, el("h2", {}, tag || "Operations"), ...nodes)));
  if (!groups.size) content.replaceChildren(el("p", {}, "This service has no operations yet."));
  document.getElementById("find").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of content.children) {
      const nodes = [...section.querySelectorAll("details[data-words]")];
      nodes.forEach((node) => { node.hidden = !words.every((word) => node.dataset.words.includes(word)); });
      section.hidden = nodes.every((node) => node.hidden);
    }
  });
  const chosen = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (chosen?.tagName === "DETAILS") { chosen.open = true; chosen.scrollIntoView(); }
}

fetch("/openapi.json")
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error(`status ${response.status}`))))
  .then((it) => { doc = it; draw(); })
  .catch((error) => {
    document.getElementById("content").replaceChildren(el("p", {}, `The document could not be loaded: ${error.message}`));
  });
