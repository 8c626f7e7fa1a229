"use strict";
// Who publishes in time: a bar for each authority, in time and late, and beneath what else is owed within days.
(function () {
  var p = portal, el = p.el, say = p.say, league = null;
  var NS = "http://www.w3.org/2000/svg";

  function bar(parent, late, all) {
    var svg = document.createElementNS(NS, "svg"), share = all ? 100 * late / all : 0;
    svg.setAttribute("class", "share");
    svg.setAttribute("aria-hidden", "true");
    (all ? [["intime", 0, 100 - share], ["tardy", 100 - share, share]] : [["nothing", 0, 100]]).forEach(function (part) {
      var rect = document.createElementNS(NS, "rect");
      rect.setAttribute("class", part[0]);
      rect.setAttribute("x", part[1] + "%");
      rect.setAttribute("width", part[2] + "%");
      rect.setAttribute("height", "100%");
      svg.appendChild(rect);
    });
    parent.appendChild(svg);
  }

  function percent(hundredths) { return (hundredths / 100).toFixed(2) + "%"; }

  function place(row) {
    var li = p.add(el("places"), "li", null, "place"), c = row.conduct, name;
    p.add(li, "span", row.late === null ? "–" : String(row.place), "rank" + (row.place === 1 && row.late !== null && !row.open_overdue ? " first" : ""));
    name = p.add(li, "span", null, "name");
    p.link(name, p.address("/desk", { authority: row.authority.code }), row.authority.name);
    bar(li, c.published_late, c.published);
    p.add(li, "span", row.late === null ? say("无应公示事项", "nothing to publish") : row.late
      ? say("逾期 " + percent(row.late) + " · " + p.number(c.published_late) + " / " + p.number(c.published), percent(row.late) + " late · " + p.number(c.published_late) + " of " + p.number(c.published))
      : say("公示全部按期 · " + p.number(c.published), "all published in time · " + p.number(c.published)), "sum" + (row.late ? " late" : ""));
    if (row.open_overdue) { p.add(li, "span", say("逾期未办 " + p.number(row.open_overdue) + " 项，答复前账本不计", p.number(row.open_overdue) + " overdue and not answered, which the ledger counts only once they are"), "again owed late"); }
    again(li, row.recounted);
  }

  // What the calendar says, and what batches say of themselves: it ranks nobody, and stands beneath the rank.
  function again(li, r) {
    if (!r || !(r.published || r.batched)) { return; }
    var apart = r.published_late || r.postponed, box = p.add(li, "span", null, "again" + (apart ? " late" : ""));
    var parts = [];
    if (r.published) {
      parts.push(say("按工作日重算：单条逾期 " + p.number(r.published_late) + " / " + p.number(r.published), "by working days: " + p.number(r.published_late) + " of " + p.number(r.published) + " single records late"));
      if (r.postponed) { parts.push(say("期限被推后 " + p.number(r.postponed) + " 项", p.number(r.postponed) + " deadlines put off")); }
      if (r.uncounted) { parts.push(say("日历无法计算 " + p.number(r.uncounted) + " 项", p.number(r.uncounted) + " in years without a calendar")); }
    }
    if (r.batched) { parts.push(say("批次按来源自报日期自计逾期 " + p.number(r.batched_late) + " / " + p.number(r.batched), "batches count " + p.number(r.batched_late) + " of " + p.number(r.batched) + " late by their source's own days")); }
    if (r.more) { parts.push(say("尚未重算完", "not all counted yet")); }
    box.textContent = parts.join(say("；", "; "));
  }

  function rest(row) {
    var tr = p.add(el("table").tBodies[0], "tr"), c = row.conduct;
    p.add(tr, "td", row.authority.name);
    [[c.resolved, c.resolved_late], [c.decided, c.decided_late], [c.withdrawn, c.withdrawn_late]].forEach(function (n) {
      p.add(tr, "td", p.number(n[0]) + (n[1] ? say("（逾期 " + p.number(n[1]) + "）", " (" + p.number(n[1]) + " late)") : ""), n[1] ? "late" : "");
    });
    p.add(tr, "td", p.number(c.told) + " / " + p.number(c.applied));
  }

  function show() {
    if (!league) { return; }
    var none = !league.places.length, tr, legend = p.clear(el("legend"));
    p.clear(el("places"));
    league.places.forEach(place);
    [["key intime", say("按期", "in time")], ["key tardy", say("逾期", "late")]].forEach(function (k) {
      var item = p.add(legend, "span");
      p.add(item, "span", "", k[0]);
      p.add(item, "span", k[1]);
    });
    tr = p.add(p.clear(el("table").tHead), "tr");
    [say("单位", "authority"), say("异议答复", "objections resolved"), say("修复决定", "repairs decided"), say("撤销", "withdrawn"), say("措施反馈", "measures told about")].forEach(function (h) { p.add(tr, "th", h).scope = "col"; });
    p.clear(el("table").tBodies[0]);
    league.places.forEach(rest);
    el("legend").hidden = none;
    el("rest").hidden = none;
    el("proven").textContent = none
      ? say("账本上还没有信用记录。", "The ledger has no credit records yet.")
      : say("次数取自账本状态，区块高度不低于 " + league.height + "；逾期率与逾期未办数均相同者并列。", "Counts are the ledger's own, as of height " + league.height + " or later, and answers overdue are counted from records; who is equally late and owes as many shares a place.");
  }

  p.render(show);
  p.ask("/v1/credit/league").then(function (l) { league = l; show(); }).catch(function () {});
})();
