"use strict";
// One share from request to end: a line of acts, each with its receipt; windows of access are gathered by day.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say, life = null;
  var id = p.params.get("id") || "";
  var tones = { "request": "ask", "appeal": "ask", "escalate": "ask", "decide": "good", "confirm": "good", "deliver": "flow", "windows": "flow", "derive": "flow", "recognise": "flow", "reconcile": "plain", "revoke": "end", "close": "end", "erase": "end", "withdraw-request": "end" };

  function volume(v) {
    return say(p.number(v.rows) + " 行 · " + p.number(v.calls) + " 次 · " + p.number(v.bytes) + " 字节", p.number(v.rows) + " rows · " + p.number(v.calls) + " calls · " + p.number(v.bytes) + " bytes");
  }

  function head() {
    var box = p.clear(el("head")), title = p.add(box, "h2");
    p.link(title, p.address("/catalogue", { code: life.resource }), life.resource_name || life.resource);
    var row = p.add(box, "p", null, "chips");
    p.add(row, "span", word("status", life.status), "chip " + life.status);
    if (life.grant && life.grant.status !== "live") { p.add(row, "span", word("status", life.grant.status), "chip ended"); }
    if (life.grant && life.grant.status === "live" && !life.grant.serves) { p.add(row, "span", word("reason", life.grant.ends_because), "chip ended"); }
    if (life.deadline.overdue) { p.add(row, "span", say("审批逾期", "decision overdue"), "chip late"); }
    var way = p.add(box, "p", null, "way");
    p.add(way, "strong", life.owner.name);
    p.add(way, "span", " → ").setAttribute("aria-label", say("提供给", "to"));
    p.add(way, "strong", life.requester.name);
    p.link(p.add(box, "p"), p.address("/provenance", { of: "q:" + life.id }), say("查看溯源图 →", "see its provenance picture →"));
  }

  function facts() {
    var list = p.clear(el("facts")), comma = say("、", ", "), d = life.decision;
    p.fact(list, say("字段", "fields"), life.fields.join(comma));
    p.fact(list, say("数据分级", "level"), word("level", life.level));
    p.fact(list, say("用途", "purpose"), life.purpose);
    p.fact(list, say("办理事项", "item of business"), life.item);
    p.fact(list, say("依据", "on the basis of"), life.basis);
    p.fact(list, say("申请使用至", "asked for until"), p.times(life.until));
    p.fact(list, say("审批期限", "to be decided by"), p.times(life.deadline.at));
    if (d) {
      var who = life.decided_by ? life.decided_by.name + say("，" + life.approvers + " 人签署", ", signed by " + life.approvers) : say("提供方规则", "the owner's rule");
      p.fact(list, say("审批结果", "decision"), say(d === "grant" ? "同意" : "不同意", d) + say("（", " (") + who + say("）", ")"));
    }
    if (life.grant) { p.fact(list, say("授权终止", "grant ends"), p.times(life.grant.ends) + say("（", " (") + word("reason", life.grant.ends_because) + say("）", ")")); }
    if (life.grant && life.grant.mismatches) { p.fact(list, say("对账不符", "mismatches"), life.grant.mismatches, "late"); }
    if (life.grant && life.grant.denied) { p.fact(list, say("被拒调用", "calls denied"), p.number(life.grant.denied)); }
    p.fact(list, say("编号", "id"), life.id, "mono");
  }

  function meters() {
    var g = life.grant, box = p.clear(el("meters"));
    el("usage").hidden = !g;
    if (!g) { return; }
    [["calls", say("次数", "calls")], ["rows", say("行数", "rows")], ["bytes", say("字节", "bytes")]].forEach(function (m) {
      var line = p.add(box, "div", null, "bar"), bar;
      p.add(line, "span", m[1], "name");
      bar = p.add(line, "progress");
      bar.max = Math.max(g.limit[m[0]], 1);
      bar.value = g.used[m[0]];
      bar.setAttribute("aria-label", m[1]);
      p.add(line, "span", p.number(g.used[m[0]]) + " / " + p.number(g.limit[m[0]]), "sum");
    });
  }

  // Windows of one day in one entry, so that a year's use is a page.
  function days() {
    var byDay = {};
    life.windows.forEach(function (w) {
      var day = p.times(w.time).slice(0, 10), sum = byDay[day];
      if (!sum) { sum = byDay[day] = { kind: "windows", time: w.time, windows: 0, denied: {}, served: { calls: 0, rows: 0, bytes: 0 }, record: w.record }; }
      sum.windows += 1;
      ["calls", "rows", "bytes"].forEach(function (k) { sum.served[k] += w.served[k]; });
      w.denials.forEach(function (d) { sum.denied[d.reason] = (sum.denied[d.reason] || 0) + d.count; });
    });
    return Object.keys(byDay).map(function (day) { return byDay[day]; });
  }

  function entry(a) {
    var item = p.add(el("timeline"), "li", null, tones[a.kind] || "plain"), top = p.add(item, "p", null, "when");
    var time = p.add(top, "time", p.times(a.time));
    time.dateTime = a.time;
    if (a.kind === "windows") {
      p.add(item, "h3", say("访问 " + a.windows + " 个窗口", "accessed in " + a.windows + " windows"));
      p.add(item, "p", volume(a.served));
      Object.keys(a.denied).forEach(function (r) {
        p.add(item, "p", say("拒绝 " + a.denied[r] + " 次：", a.denied[r] + " denied: ") + word("reason", r), "late");
      });
    } else {
      p.add(item, "h3", word("act", a.kind));
      p.add(item, "p", a.by.name, "owner");
      if (a.note) { p.add(item, "p", a.note); }
    }
    var foot = p.add(item, "p", null, "soft");
    if (a.height) { p.add(foot, "span", say("区块 ", "height ") + a.height + " · "); }
    p.link(foot, a.receipt || "/v1/receipts/" + a.record, say("回执 ", "receipt ") + p.short(a.record));
  }

  function show() {
    el("share").hidden = !life;
    if (!life) { return; }
    head();
    facts();
    meters();
    p.clear(el("timeline"));
    life.acts.concat(days()).sort(function (a, b) { return a.time < b.time ? -1 : a.time > b.time ? 1 : 0; }).forEach(entry);
    el("proven").textContent = say("现状由区块高度 " + life.height + " 的状态证明支持；每一步的回执可下载后用“验真”核对。", "Its state is proven as of height " + life.height + "; the receipt of each step can be downloaded and verified.") + (life.more ? say(" 未列完。", " Not all acts are listed.") : "");
  }

  p.render(show);
  if (id) {
    p.ask("/v1/requests/" + encodeURIComponent(id)).then(function (l) { life = l; show(); }).catch(function () {});
  } else {
    location.replace("/requests");
  }
})();
