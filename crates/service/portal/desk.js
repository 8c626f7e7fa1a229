"use strict";
// An authority's desk: what it owes an answer, the most urgent first, and what it published late.
(function () {
  var p = portal, el = p.el, word = p.words, say = p.say;
  // So many pages are read by themselves; each looks at 500 acts.
  var PAGES = 20;
  var members = [], desk = null, tasks = [], late = [], hidden = 0, next = null;
  var of = p.params.get("authority") || "";

  function options() {
    var o = p.clear(el("authority"));
    p.add(o, "option", say("请选择单位", "choose an authority")).value = "";
    members.forEach(function (m) { p.add(o, "option", m.name + " · " + m.code).value = m.code; });
    o.value = of;
  }

  function tile(name, done, tardy, total) {
    var box = p.add(el("tiles"), "div", null, "tile");
    p.add(box, "span", name, "soft");
    p.add(box, "strong", p.number(done));
    p.add(box, "span", total ? total : tardy ? say("其中逾期 " + p.number(tardy), p.number(tardy) + " of them late") : say("均按期", "all in time"), tardy ? "late" : "soft");
  }

  function tiles() {
    var c = desk.conduct;
    p.clear(el("tiles"));
    tile(say("公示", "published"), c.published, c.published_late);
    tile(say("异议答复", "objections resolved"), c.resolved, c.resolved_late);
    tile(say("修复决定", "repairs decided"), c.decided, c.decided_late);
    tile(say("撤销", "withdrawn"), c.withdrawn, c.withdrawn_late);
    tile(say("惩戒激励", "measures applied"), c.applied, 0, say("已反馈 " + p.number(c.told), p.number(c.told) + " told about"));
  }

  function person(parent, text) { p.link(parent, p.address("/credit", { subject: text }), text); }

  // Whole days until the deadline, or since.
  function left(deadline) {
    var days = Math.floor((Date.parse(deadline) - Date.parse(desk.as_of)) / 864e5);
    return days < 0 ? say("逾期 " + -days + " 天", -days + " days overdue") : say("剩余 " + days + " 天", days + " days left");
  }

  function task(t) {
    var item = p.add(el("tasks"), "li", null, "card task" + (t.claim.overdue ? " overdue" : "")), row, list;
    p.add(item, "h3", t.kind === "objection" ? say("异议待答复", "objection to resolve") : say("修复待决定", "repair to decide"));
    row = p.add(item, "p", null, "chips");
    p.add(row, "span", left(t.claim.deadline), "chip " + (t.claim.overdue ? "late" : "open"));
    if (t.item.degree !== "none") { p.add(row, "span", word("degree", t.item.degree), "chip degree-" + t.item.degree); }
    list = p.add(item, "dl");
    person(p.fact(list, say("主体", "subject"), p.make("span")), t.subject);
    p.fact(list, say("类目", "class"), t.item.class_name);
    p.fact(list, say("提交单位", "sent by"), t.claim.by.name);
    p.fact(list, say("提出", "since"), p.times(t.claim.since));
    p.fact(list, say("期限", "due before"), p.times(t.claim.deadline), t.claim.overdue ? "late" : "");
    if (t.claim.postponed) { p.fact(list, say("按工作日应为", "by working days"), p.times(t.claim.counted), "late"); }
    p.link(p.add(item, "p", null, "soft"), "/v1/receipts/" + t.claim.id, say("回执 ", "receipt ") + p.short(t.claim.id));
  }

  function rows() {
    var table = el("late"), tr = p.add(p.clear(table.tHead), "tr");
    [say("主体", "subject"), say("类目", "class"), say("决定日期", "decided"), say("公示期限", "due before"), say("实际公示", "published")].forEach(function (h) { p.add(tr, "th", h).scope = "col"; });
    p.clear(table.tBodies[0]);
    late.forEach(function (l) {
      tr = p.add(table.tBodies[0], "tr");
      person(p.add(tr, "td"), l.subject);
      p.add(tr, "td", l.item.class_name);
      p.add(tr, "td", l.item.decided);
      p.add(tr, "td", p.times(l.publish_by) + (l.postponed ? say("（按工作日应为 " + p.times(l.counted) + "）", " (by working days " + p.times(l.counted) + ")") : ""), l.postponed ? "late" : "");
      p.add(tr, "td", p.times(l.item.recorded), "late");
    });
    table.hidden = !late.length;
    el("none").hidden = late.length > 0;
    el("none").textContent = say("没有逾期公示的记录。", "Nothing was published late.");
  }

  function show() {
    options();
    el("desk").hidden = !desk;
    if (!desk) { return; }
    tiles();
    tasks.sort(function (a, b) { return a.claim.deadline < b.claim.deadline ? -1 : 1; });
    p.clear(el("tasks"));
    tasks.forEach(task);
    var overdue = tasks.filter(function (t) { return t.claim.overdue; }).length;
    el("count").textContent = tasks.length
      ? say("待办 " + tasks.length + " 件" + (overdue ? "，其中逾期 " + overdue + " 件" : ""), tasks.length + " to answer" + (overdue ? ", " + overdue + " of them overdue" : ""))
      : say("没有待办。", "Nothing is to be answered.");
    if (hidden) { el("count").textContent += say("另有 " + hidden + " 件涉及不公开或已结束的记录，此处不显示。", " " + hidden + " more, about records that are not public or have ended, are not shown here."); }
    rows();
    el("more").hidden = !next;
    el("proven").textContent = say("截至 " + p.times(desk.as_of) + "，次数由区块高度 " + desk.height + " 的状态证明支持。", "As of " + p.times(desk.as_of) + "; the counts are proven as of height " + desk.height + ".");
  }

  function load(pages) {
    return p.ask(p.address("/v1/credit/authorities/" + encodeURIComponent(of), { from: next })).then(function (a) {
      desk = a;
      next = a.next;
      a.objections.forEach(function (t) { t.kind = "objection"; tasks.push(t); });
      a.repairs.forEach(function (t) { t.kind = "repair"; tasks.push(t); });
      late = late.concat(a.late);
      hidden += a.not_shown;
      show();
      return next && pages > 1 ? load(pages - 1) : null;
    });
  }

  function begin() {
    desk = null;
    tasks = [];
    late = [];
    hidden = 0;
    next = null;
    show();
    if (of) { load(PAGES).catch(function () {}); }
  }

  el("which").addEventListener("submit", function (e) { e.preventDefault(); });
  el("which").addEventListener("change", function () {
    of = el("authority").value;
    history.replaceState(null, "", p.address("/desk", { authority: of }));
    begin();
  });
  el("more").firstChild.addEventListener("click", function () { load(PAGES).catch(function () {}); });
  p.render(show);
  p.ask("/v1/organisations").then(function (a) {
    members = a.organisations;
    begin();
  }).catch(function () {});
})();
