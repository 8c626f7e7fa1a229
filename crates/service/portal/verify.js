"use strict";
// It sends the file, and shows the report as text (never as markup).
(function () {
  var el = portal.el, add = portal.add, clear = portal.clear, times = portal.times, zh = portal.zh;
  var words = null, report = null, name = "";
  var verdicts = { VALID: ["有效", "VALID"], INDETERMINATE: ["无法判定", "INDETERMINATE"], INVALID: ["无效", "INVALID"] };
  var gravity = { VALID: ["note", "·"], INDETERMINATE: ["ask", "?"], INVALID: ["fail", "✗"] };

  // Reports name things in English; people who read Chinese get these. A name that is not here is shown as it is.
  var names = {
    "absent": "无", "act": "事项", "certificate": "证书", "chain-id": "账本编号", "committed-by": "确认方", "height": "区块高度",
    "issuer": "颁发者", "key": "键", "ledger": "账本", "licence": "证照", "organisation": "机构", "organisation-code": "机构代码",
    "organisations": "机构数", "record": "记录", "seal": "印章", "seal-id": "印章编码", "seal-validity": "印章有效期",
    "signer": "签名人", "signing-time": "签署时间", "standard": "标准", "state": "状态", "this-update": "发布时间", "time": "时间",
    "valid": "有效期", "validators": "验证者数", "validity": "有效期", "vendor": "厂商"
  };
  var things = {
    "checkpoint": "检查点", "crl": "吊销列表", "genesis": "创世文件", "input": "文件", "licence": "证照", "message": "签名消息",
    "package": "文件包", "receipt": "回执", "record": "记录", "seal": "印章", "signature": "签名", "status": "状态证明",
    "certificate": "证书"
  };
  var parts = { "signer": "签署人", "seal": "印章", "maker": "制章人" };
  var kinds = {
    "certificate": "证书", "checkpoint": "检查点", "crl": "吊销列表", "genesis": "创世文件", "ofd": "OFD 文件", "receipt": "账本回执",
    "record": "账本记录", "seal": "电子印章", "seal-signature": "电子签章", "signed-message": "签名消息", "status-proof": "状态证明",
    "unknown": "未知类型"
  };

  // "maker of seal of signature 1" is 签名 1 的印章的制章人.
  function thing(subject) {
    if (!zh()) { return subject; }
    var of = /^(signer|seal|maker) of (.*)$/.exec(subject);
    if (of) { return (thing(of[2]) + "的" + parts[of[1]]).replace(/(\d)的/, "$1 的"); }
    var numbered = /^([a-z]+)( \d+)?$/.exec(subject);
    return numbered && things[numbered[1]] ? things[numbered[1]] + (numbered[2] || "") : subject;
  }

  function say(entry) { return entry ? entry[zh() ? "zh" : "en"] : ""; }

  function shape(verdict, text) {
    el("result").hidden = false;
    el("verdict").className = verdict;
    el("verdict").textContent = text;
    [el("input"), el("reasons"), el("details"), el("facts").tBodies[0]].forEach(clear);
  }

  function show(r) {
    report = r;
    shape(r.verdict, verdicts[r.verdict][zh() ? 0 : 1]);
    var kind = (zh() && kinds[r.input.kind]) || r.input.kind;
    el("input").textContent = [name, kind, r.input.size + (zh() ? " 字节" : " bytes"), times(r.at), "SM3 " + r.input.sm3].filter(Boolean).join(" · ");
    r.reasons.forEach(function (code) { add(el("reasons"), "li", say(words.reasons[code]) + (zh() ? "（" + code + "）" : " (" + code + ")")); });
    r.details.forEach(function (d) {
      add(el("details"), "dt", thing(d.subject) + " · " + ((zh() && names[d.name]) || d.name));
      add(el("details"), "dd", times(d.value));
    });
    r.facts.forEach(function (f) {
      var reason = f.reason ? words.reasons[f.reason] : null;
      var mark = f.ok ? ["pass", "✓"] : gravity[reason ? reason.gravity : "INVALID"];
      var row = add(el("facts").tBodies[0], "tr", "", mark[0]);
      add(row, "td", mark[1], "mark");
      var cell = add(row, "td", say(words.checks[f.check]) || f.check);
      add(cell, "small", thing(f.subject));
      var text = reason ? say(reason) : "";
      if (f.expected) { text += (zh() ? "；应为：" : "; expected: ") + times(f.expected); }
      if (f.found) { text += (zh() ? "；实为：" : "; found: ") + times(f.found); }
      add(row, "td", text.replace(/^[；;] ?/, ""));
    });
  }

  function problem(text) { report = null; shape("ERROR", text); }

  function send(file) {
    el("busy").hidden = false;
    name = file.name;
    var at = el("at").value;
    var language = zh() ? "zh-CN" : "en";
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
      problem((zh() ? "无法连接服务：" : "cannot reach the service: ") + e.message);
    }).then(function () { el("busy").hidden = true; el("file").value = ""; });
  }

  el("file").addEventListener("change", function () { if (this.files.length) { send(this.files[0]); } });
  el("drop").addEventListener("keydown", function (e) { if (e.key === "Enter" || e.key === " ") { el("file").click(); } });
  ["dragover", "dragenter"].forEach(function (n) { el("drop").addEventListener(n, function (e) { e.preventDefault(); el("drop").classList.add("over"); }); });
  ["dragleave", "drop"].forEach(function (n) { el("drop").addEventListener(n, function () { el("drop").classList.remove("over"); }); });
  el("drop").addEventListener("drop", function (e) { e.preventDefault(); if (e.dataTransfer.files.length) { send(e.dataTransfer.files[0]); } });
  portal.render(function () { if (report) { show(report); } });
})();
