//! A report for people: the picture, and one row for each record.

use std::fmt::Write as _;

use yinxin_verdict::Lang;

use super::graph::{Graph, Item, Relation};
use super::svg::to_svg;
use super::words::{self, escape};

const STYLE: &str = "body{margin:2rem auto;max-width:96rem;padding:0 1.5rem;font:15px/1.6 'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif;color:#0f172a}\
h1{font-size:1.6rem}figure{margin:1rem 0;overflow-x:auto;border:1px solid #e2e8f0;border-radius:12px}\
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:.45rem .6rem;border-bottom:1px solid #e2e8f0;vertical-align:top}\
th{background:#f8fafc}code{font:12px/1.4 ui-monospace,monospace;word-break:break-all;color:#475569}p{max-width:60rem}";

/// The graph as one HTML page without scripts or anything from elsewhere. It proves nothing itself: the receipts do.
#[must_use]
pub fn to_html(graph: &Graph, lang: Lang) -> String {
    let title = lang.pick("Evidence of where data came from and went", "数据溯源证据报告");
    let language = lang.pick("en", "zh-CN");
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    );
    let _ = writeln!(out, "<p>{}</p>", lang.pick(
        "Each row is a record on the ledger with its receipt in this package. This page is drawn from those records and can be drawn again: yinxin verify does so and compares.",
        "下表每一行对应账本上的一条记录，其回执在本证据包内。本页完全由这些记录生成，可重新生成比对：yinxin verify 会自动比对。",
    ));
    let _ = writeln!(out, "<figure>{}</figure>", to_svg(graph, lang));
    let heads = match lang {
        Lang::En => ["Time (UTC+8)", "Height", "Who", "Act", "From", "To", "Record"],
        Lang::Zh => ["时间（北京时间）", "高度", "实施机构", "行为", "来源", "结果", "记录编号"],
    };
    let cells: String = heads.iter().map(|h| format!("<th>{h}</th>")).collect();
    let _ = writeln!(out, "<table><thead><tr>{cells}</tr></thead><tbody>");
    for activity in &graph.activities {
        let act = Item::Activity(activity.id);
        let (who, code) =
            words::title(graph, &Item::Organisation(activity.organisation.clone()), lang);
        let (kind, _) = words::title(graph, &act, lang);
        let used = graph.from(&act, Relation::Used).map(|e| &e.object);
        let made = graph.to(&act, Relation::WasGeneratedBy).map(|e| &e.subject);
        let ended = graph.to(&act, Relation::WasInvalidatedBy).map(|e| &e.subject);
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}<br><code>{code}</code></td><td>{}<br>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            words::when(activity),
            activity.height,
            escape(&who),
            escape(&kind),
            escape(&words::note(activity, lang)),
            things(graph, used, lang),
            things(graph, made.chain(ended), lang),
            activity.id,
        );
    }
    out.push_str("</tbody></table>\n</body></html>\n");
    out
}

fn things<'a>(graph: &Graph, items: impl Iterator<Item = &'a Item>, lang: Lang) -> String {
    let lines = items.map(|item| {
        let (title, _) = words::title(graph, item, lang);
        format!("{}<br><code>{}</code>", escape(&title), escape(&item.to_string()))
    });
    lines.collect::<Vec<_>>().join("<br>")
}
