"use strict";
// One page, no library: it sends the file, and shows the report as text (never as markup).
(function () {
  var el = function (id) { return document.getElementById(id); };
  var zh = !/^en/i.test(navigator.language || "zh");
  var words = null, report = null;
  var verdicts = { VALID: ["有效", "VALID"], INDETERMINATE: ["无法判定", "INDETERMINATE"], INVALID: ["无效", "INVALID"] };
  var gravity = { VALID: ["note", "·"], INDETERMINATE: ["ask", "?"], INVALID: ["fail", "✗"] };

  function say(entry) { return entry ? entry[zh ? "zh" : "en"] : ""; }
  function add(parent, tag, text, cls) {
    var node = document.createElement(tag);
    node.textContent = text;
    if (cls) { node.className = cls; }
    parent.appendChild(node);
    return node;
  }
  function clear(node) { while (node.firstChild) { node.removeChild(node.firstChild); } return node; }

  function translate() {
    document.documentElement.lang = zh ? "zh" : "en";
    document.querySelectorAll("[data-zh]").forEach(function (n) { n.textContent = n.getAttribute(zh ? "data-zh" : "data-en"); });
    el("lang").textContent = zh ? "English" : "中文";
    if (report) { show(report); }
  }

  function shape(verdict, text) {
    el("result").hidden = false;
    el("verdict").className = verdict;
    el("verdict").textContent = text;
    [el("input"), el("reasons"), el("details"), el("facts").tBodies[0]].forEach(clear);
  }

  function show(r) {
    report = r;
    shape(r.verdict, verdicts[r.verdict][zh ? 0 : 1]);
    el("input").textContent = r.input.kind + " · " + r.input.size + " B · SM3 " + r.input.sm3 + " · " + r.at;
    r.reasons.forEach(function (code) { add(el("reasons"), "li", say(words.reasons[code]) + " (" + code + ")"); });
    r.details.forEach(function (d) {
      add(el("details"), "dt", d.subject + " · " + d.name);
      add(el("details"), "dd", d.value);
    });
    r.facts.forEach(function (f) {
      var reason = f.reason ? words.reasons[f.reason] : null;
      var mark = f.ok ? ["pass", "✓"] : gravity[reason ? reason.gravity : "INVALID"];
      var row = add(el("facts").tBodies[0], "tr", "", mark[0]);
      add(row, "td", mark[1], "mark");
      var cell = add(row, "td", say(words.checks[f.check]) || f.check);
      add(cell, "small", f.subject);
      var text = reason ? say(reason) : "";
      if (f.expected) { text += (zh ? " 应为：" : " expected: ") + f.expected; }
      if (f.found) { text += (zh ? " 实为：" : " found: ") + f.found; }
      add(row, "td", text);
    });
  }

  function problem(text) { report = null; shape("ERROR", text); }

  function send(file) {
    el("busy").hidden = false;
    var at = el("at").value;
    var language = zh ? "zh-CN" : "en";
    var need = words ? Promise.resolve(words) : fetch("/v1/vocabulary").then(function (a) { return a.json(); });
    need.then(function (w) {
      words = w;
      return fetch("/v1/verify" + (at ? "?at=" + encodeURIComponent(at) : ""), {
        method: "POST", body: file, headers: { "Content-Type": "application/octet-stream", "Accept-Language": language }
      });
    }).then(function (answer) {
      return answer.json().then(function (body) {
        if (answer.ok) { show(body); } else { problem(body.title + " – " + body.detail); }
      });
    }).catch(function (e) {
      problem((zh ? "无法连接服务：" : "cannot reach the service: ") + e.message);
    }).then(function () { el("busy").hidden = true; el("file").value = ""; });
  }

  el("file").addEventListener("change", function () { if (this.files.length) { send(this.files[0]); } });
  el("drop").addEventListener("keydown", function (e) { if (e.key === "Enter" || e.key === " ") { el("file").click(); } });
  ["dragover", "dragenter"].forEach(function (n) { el("drop").addEventListener(n, function (e) { e.preventDefault(); el("drop").classList.add("over"); }); });
  ["dragleave", "drop"].forEach(function (n) { el("drop").addEventListener(n, function () { el("drop").classList.remove("over"); }); });
  el("drop").addEventListener("drop", function (e) { e.preventDefault(); if (e.dataTransfer.files.length) { send(e.dataTransfer.files[0]); } });
  el("lang").addEventListener("click", function () { zh = !zh; translate(); });
  translate();
})();
