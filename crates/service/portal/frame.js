"use strict";
// What every page shares: the language, asking the service, and making nodes out of text (never out of markup).
var portal = (function () {
  var el = function (id) { return document.getElementById(id); };
  var renders = [];

  function chosen() {
    var asked = new URLSearchParams(location.search).get("lang");
    try {
      if (asked) { localStorage.setItem("lang", asked); }
      return localStorage.getItem("lang") || navigator.language || "zh";
    } catch (e) { return asked || navigator.language || "zh"; }
  }
  var zh = !/^en/i.test(chosen());

  // A text in the reader's language.
  function say(chinese, english) { return zh ? chinese : english; }

  function make(tag, text, cls) {
    var node = document.createElement(tag);
    if (text !== undefined && text !== null) { node.textContent = text; }
    if (cls) { node.className = cls; }
    return node;
  }
  function add(parent, tag, text, cls) { return parent.appendChild(make(tag, text, cls)); }
  function clear(node) { while (node.firstChild) { node.removeChild(node.firstChild); } return node; }
  function link(parent, href, text, cls) {
    var node = add(parent, "a", text, cls);
    node.href = href;
    return node;
  }
  // A row of a definition list; rows without a value are left out.
  function fact(list, name, value, cls) {
    if (value === "" || value === null || value === undefined) { return null; }
    add(list, "dt", name);
    var node = add(list, "dd", null, cls);
    if (value instanceof Node) { node.appendChild(value); } else { node.textContent = value; }
    return node;
  }

  // Instants in China's time, as people there read them.
  function times(text) {
    return String(text).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, function (instant) {
      var there = new Date(new Date(instant).getTime() + 8 * 3600 * 1000).toISOString();
      return there.slice(0, 10) + " " + there.slice(11, 19) + (zh ? "" : " +08:00");
    });
  }
  function number(n) { return String(n).replace(/\B(?=(\d{3})+$)/g, zh ? " " : ","); }
  function short(id) { return id.length > 16 ? id.slice(0, 12) + "…" : id; }

  function problem(text) {
    el("problem").hidden = !text;
    el("problem").textContent = text || "";
  }
  // An answer of the service; a refusal is shown in its own words, and ends the chain.
  function ask(path, as) {
    problem("");
    document.body.setAttribute("aria-busy", "true");
    return fetch(path, { headers: { "Accept-Language": zh ? "zh-CN" : "en" } }).then(function (answer) {
      if (answer.ok) { return as === "text" ? answer.text() : answer.json(); }
      return answer.json().then(function (p) { throw new Error(p.title + (zh ? "：" : ": ") + p.detail + (p.todo ? (zh ? "。" : ". ") + p.todo : "")); });
    }, function (e) {
      throw new Error((zh ? "无法连接服务：" : "cannot reach the service: ") + e.message);
    }).then(function (body) { document.body.removeAttribute("aria-busy"); return body; }, function (e) {
      document.body.removeAttribute("aria-busy");
      problem(e.message);
      throw e;
    });
  }
  // The address with other parameters; empty ones are left out.
  function address(path, params) {
    var kept = new URLSearchParams();
    Object.keys(params).forEach(function (k) { if (params[k]) { kept.set(k, params[k]); } });
    var text = kept.toString();
    return text ? path + "?" + text : path;
  }

  function translate() {
    document.documentElement.lang = zh ? "zh" : "en";
    document.querySelectorAll("[data-zh]").forEach(function (n) { n.textContent = n.getAttribute(zh ? "data-zh" : "data-en"); });
    document.querySelectorAll("[data-zh-hint]").forEach(function (n) { n.placeholder = n.getAttribute(zh ? "data-zh-hint" : "data-en-hint"); });
    el("lang").textContent = zh ? "English" : "中文";
    el("lang").lang = zh ? "en" : "zh";
    var page = document.body.getAttribute("data-page");
    document.querySelectorAll("nav a").forEach(function (a) {
      if (a.getAttribute("data-for").split(" ").indexOf(page) >= 0) {
        a.setAttribute("aria-current", "page");
      }
    });
    var head = document.querySelector("h1");
    document.title = (head ? head.textContent + " · " : "") + say("印信", "yinxin");
    renders.forEach(function (render) { render(); });
  }

  el("lang").addEventListener("click", function () {
    zh = !zh;
    try { localStorage.setItem("lang", zh ? "zh" : "en"); } catch (e) { /* this page only */ }
    translate();
  });
  // The scripts behind this one have said by then what they render.
  document.addEventListener("DOMContentLoaded", translate);

  return {
    el: el, zh: function () { return zh; }, say: say, add: add, make: make, clear: clear, link: link, fact: fact, times: times,
    number: number, short: short, ask: ask, problem: problem, address: address,
    params: new URLSearchParams(location.search),
    // Called once the page is read, and again whenever the language changes.
    render: function (f) { renders.push(f); }
  };
})();
